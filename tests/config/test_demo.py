"""The demonstration alliance: people do on its pages what its story says, and every state of a turn is there to see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app import policies
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.protocols.models import ProtocolVersion
from app.jobs import Queue
from app.lessons.recordings.models import MediaState, Recording
from app.observation.notes.models import Note
from app.people.accounts.models import Person
from app.people.alliances.models import School
from config.demo import story
from config.demo.filling import tell
from config.demo.films import SECONDS
from config.mail import FolderMailer
from tests.conftest import Database
from tests.video.conftest import jail, maker
from tests.video.lessons import Maker, Shot
from video.process import Jail
from video.storage.local import LocalStorage
from video.storage.signing import Signer
from workers import run
from workers.handlers import blurs, encode, erase, exports, keeping, looks, mail, upload
from workers.tools import Scratch, Tools

__all__ = ["jail", "maker"]
# A rule that isn't imported says no.
POLICIES = policies.__all__
#: Importing a chain's module makes its handlers known.
CHAIN = (blurs, encode, erase, exports, keeping, looks, mail, upload)


@pytest.fixture
def tools(sessions: sessionmaker[Session], jail: Jail, tmp_path: Path) -> Iterator[Tools]:
    storage = LocalStorage(tmp_path / "objects", signer=Signer({"1": b"k" * 32}, host="localhost"))
    storage.prepare()
    scratch = Scratch(tmp_path / "scratch")
    yield Tools(
        sessions=sessions,
        storage=storage,
        jail=jail,
        mailer=FolderMailer(tmp_path / "outbox", "backrow@localhost"),
        scratch=scratch,
        public_url="http://localhost",
    )
    scratch.close()


def test_its_turns_stand_in_every_state(database: Database, tools: Tools, maker: Maker, tmp_path: Path) -> None:
    told = [turn for turn in story.TURNS if turn.filmed]
    shot = Shot(width=160, height=90, seconds=SECONDS)
    films = [maker.film(tmp_path / f"{turn.teacher}.mp4", shot).path for turn in told]
    queues = (Queue.INTERACTIVE, Queue.MEDIA, Queue.MAIL)
    tell(tools, films, prepare=lambda: run.work_off(database.conninfo, tools, queues=queues, slots=2))
    with tools.sessions() as session:
        states = {one.state for one in session.scalars(select(ProtocolVersion))}
        assert states == {"draft", "proposed", "in_force"}
        assert set(session.scalars(select(Cycle.state))) == set(CycleState)
        assert session.scalar(select(func.count(School.id))) == len(story.SCHOOLS)
        assert session.scalar(select(func.count(Person.id))) == len(story.PEOPLE) + 1
        assert session.scalar(select(func.count(Note.id))) == sum(len(turn.notes) for turn in story.TURNS)
        assert list(session.scalars(select(Recording.media_state))) == [MediaState.READY] * len(told)
