"""P19: every recording has a date by which it is erased, from its first moment, always shown."""

import re
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.lessons.captions.models import Captions
from app.lessons.recordings.models import Recording
from app.web.words import instant, last_day
from tests.app.lessons.table_of_states import Scene
from tests.conftest import Database
from tests.promises.cast import OWNER, Cast, cast


@pytest.fixture
def shared(sessions: sessionmaker[Session], tmp_path: Path) -> Cast:
    return cast(sessions, tmp_path, "shared", _captioned)


def _captioned(scene: Scene) -> None:
    cue = {"in_ms": 1_000, "out_ms": 2_000, "text": "Good morning"}
    scene.world.add(
        Captions(recording_id=scene.recording.id, lang="en", cues=[cue], alliance_id=scene.world.alliance.id)
    )


@pytest.mark.usefixtures("shared")
def test_p19_the_database_takes_no_recording_without_its_date(database: Database) -> None:
    with database.owner() as connection, pytest.raises(psycopg.errors.NotNullViolation):
        connection.execute("UPDATE recording SET delete_at = NULL")
    assert Recording.__table__.c.delete_at.nullable is False


@pytest.mark.parametrize("who", [OWNER, "B"])
def test_p19_each_page_of_a_recording_shows_its_date(shared: Cast, sessions: sessionmaker[Session], who: str) -> None:
    with sessions() as session:
        delete_at = session.get_one(Recording, shared.ids["recording_id"]).delete_at
    with shared.app.test_request_context():
        day = last_day(delete_at)
    shown = {}
    for address in shared.addresses("recording_id"):
        answer = shared.ask(who, address)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            shown[address] = bool(re.search(rf"[Kk]ept until {day}", answer.text))
    assert len(shown) >= (10 if who == OWNER else 2)
    assert [address for address, there in shown.items() if not there] == []


def test_p19_lists_and_programs_are_told_the_date_too(shared: Cast, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        delete_at = session.get_one(Recording, shared.ids["recording_id"]).delete_at
    with shared.app.test_request_context():
        day = last_day(delete_at)
    assert f"kept until {day}" in shared.ask(OWNER, "/me/lessons").text
    told = shared.ask("B", f"/api/v1/recordings/{shared.ids['recording_id']}/play").get_json()
    assert told["delete_at"] == instant(delete_at)
