"""Canaries typed into every form: none gets into a log, a job, an event, a letter, an object or an error's page."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.db import Privacy
from app.jobs import Queue
from app.lessons.recordings.models import MediaState, Recording
from app.people.alliances.models import School
from config.mail import FolderMailer
from tests.browser import make_app
from tests.conftest import Database
from tests.promises.canaries import PERSONAL, Canaries, fits, told
from tests.promises.conftest import Heard
from tests.promises.typing_people import Story
from tests.video.conftest import jail, maker
from tests.video.lessons import Maker, Shot
from video.process import Jail
from workers import run
from workers.handlers import blurs, encode, erase, exports, keeping, looks, mail, upload
from workers.tools import Scratch, Tools

__all__ = ["jail", "maker"]
#: Importing a chain's module makes its handlers known.
CHAIN = (blurs, encode, erase, exports, keeping, looks, mail, upload)
#: Personal columns that take nothing of what people type.
UNTYPED: Final = {
    "asset.poster_key": "an object's key",
    "device.label": "our own words for a browser",
    "invitation.roles": "names of roles alone",
    "mail.subject": "our own words, and what the alliance calls itself",
    "membership.roles": "names of roles alone",
    "sound_strip.heard": "letters of ours",
}
#: An error that quotes whatever the row holds, in its own words.
_QUOTING: Final = """
CREATE FUNCTION quoting() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'broken: %', NEW; END $$
"""


@pytest.fixture
def story(sessions: sessionmaker[Session], database: Database, tmp_path: Path) -> Story:
    return Story(make_app(sessions, tmp_path), sessions, database, Canaries())


@pytest.fixture
def film(story: Story, maker: Maker) -> Path:
    """A film that hides words, as phones hide place and owner."""
    hidden = ["-metadata", f"comment={story.words('upload.name')}"]
    return maker.film(maker.folder / "film.mp4", Shot(width=160, height=90, seconds=3, options=hidden)).path


@pytest.fixture
def tools(story: Story, jail: Jail, tmp_path: Path) -> Iterator[Tools]:
    scratch = Scratch(tmp_path / "scratch")
    yield Tools(
        sessions=story.sessions,
        storage=story.app.extensions["backrow"].storage,
        jail=jail,
        mailer=FolderMailer(tmp_path / "outbox", "backrow@localhost"),
        scratch=scratch,
        public_url="http://localhost",
    )
    scratch.close()


def test_p37_p56_what_people_type_stays_where_it_belongs(
    story: Story, tools: Tools, film: Path, heard: Heard, tmp_path: Path
) -> None:
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)  # as `BACKROW_LOG=sql` does
    founder = story.found()
    amina, tom = story.join(founder), story.join(founder)
    cycle_id = story.agree(amina, tom)
    recording_id = story.film(amina, cycle_id, film)
    for _ in range(5):
        run.work_off(story.database.conninfo, tools, queues=(Queue.INTERACTIVE, Queue.MEDIA), slots=2)
    assert story.one(Recording.media_state) == MediaState.READY
    story.observe(amina, tom, recording_id, cycle_id)
    story.object_(tom)
    run.work_off(story.database.conninfo, tools, queues=(Queue.MAIL,), slots=2)

    places = story.canaries.places(story.database)
    assert [(home, place) for home, place in places if not fits(home, place)] == []
    typed = {place for _, place in places}
    assert {home for home, privacy in PERSONAL.items() if privacy is not Privacy.SECRET} - typed == UNTYPED.keys()
    assert list(story.canaries.found(heard.text)) == []
    assert list(story.canaries.found(told(founder.browser.get("/metrics")))) == []
    letters = [letter.read_text() for letter in (tmp_path / "outbox").iterdir()]
    homes = {home for letter in letters for _, home, _ in story.canaries.found(letter)}
    assert homes == {"account.email", "invitation.name", "nowhere", "person.name", "school.name"}
    made = [file for file in (tmp_path / "data" / "storage").rglob("*") if file.is_file() and file.name != "source"]
    assert {file.suffix for file in made} == {".jpg", ".m4s", ".mp4"}
    named = {str(file.relative_to(tmp_path)): file.read_bytes() for file in made}
    assert [name for name, words in named.items() if b"canary" in name.encode() + words] == []


def test_p56_what_breaks_repeats_nothing(story: Story, heard: Heard) -> None:
    founder = story.found()
    amina, tom = story.join(founder), story.join(founder)
    cycle_id = story.agree(amina, tom)
    story.app.testing = False
    with story.database.owner() as owner:
        owner.execute(_QUOTING)
        for table in ("invitation", "briefing"):
            trigger = (
                f"CREATE TRIGGER breaks BEFORE INSERT OR UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION quoting()"
            )
            owner.execute(trigger.encode())
    known = set(story.canaries.homes)
    asked = {"school_id": story.one(School.id), "name": story.words("invitation.name"), "roles": "teacher"}
    answers = [
        founder.browser.post(
            "/alliance/people", {**asked, "email": f"{story.words('invitation.email')[:12]}@x.example"}
        ),
        amina.try_to_send(
            "PUT", f"/api/v1/cycles/{cycle_id}/briefing", story.lines("briefing.body", "title", "body"), match=1
        ),
    ]
    assert [answer.status_code for answer in answers] == [500, 500]
    assert [
        token for answer in answers for token, _, _ in story.canaries.found(told(answer)) if token not in known
    ] == []
    assert "RaiseException" in heard.text
    assert list(story.canaries.found(heard.text)) == []
    postgres = story.database.cluster.folder.parent / "postgres.log"
    assert list(story.canaries.found(postgres.read_text())) == []
