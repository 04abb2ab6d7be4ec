"""`backrow log`: one story of ids and fixed words."""

import json
from dataclasses import asdict
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy.orm import Session, sessionmaker

from app.audit import record_rule, request_id
from app.jobs import enqueue
from app.jobs.erasing import EraseRecording
from config.cli import cli
from config.commands.log import lines, story
from tests.app.lessons.table_of_states import Scene, build
from tests.conftest import Database


@pytest.fixture
def scene(session: Session) -> Scene:
    """A shared lesson that others have watched."""
    return build(session, "shared")


def act(scene: Scene, what: str, *, actor: str | None = None, request: str | None = None) -> None:
    token = request_id.set(request)
    record_rule(
        scene.world.session,
        what,
        rule="pause_owner" if actor else "due",
        thing_kind="recording",
        thing_id=scene.recording.id,
        alliance_id=scene.world.alliance.id,
        actor_id=scene.world.people[actor].id if actor else None,
        from_state="shared",
        to_state="paused",
    )
    scene.world.session.commit()
    request_id.reset(token)


def test_a_things_story_has_its_acts_its_watching_and_its_jobs(session: Session, scene: Scene) -> None:
    act(scene, "recording.paused", actor="O", request="0A1B2C3D")
    enqueue(session, EraseRecording(scene.recording.id))
    session.commit()
    found = story(session, str(scene.recording.id))
    (paused,) = (each for each in found.acts if each.what == "recording.paused")
    assert (paused.rule, paused.from_state, paused.to_state) == ("pause_owner", "shared", "paused")
    assert paused.actor_id == scene.world.people["O"].id
    assert {(each.person_id, each.times) for each in found.handed} == {
        (scene.world.people[name].id, 1) for name in "OBMGKF"
    }
    assert [job.kind for job in found.jobs] == ["EraseRecording"]


def test_a_request_is_found_by_the_id_at_the_pages_foot_however_it_is_typed(session: Session, scene: Scene) -> None:
    act(scene, "recording.paused", actor="O", request="0A1B2C3D")
    act(scene, "recording.resumed", actor="O", request="FFFFFFFF")
    assert [each.what for each in story(session, " 0a1b2c3d ").acts] == ["recording.paused"]


def test_a_persons_story_is_what_they_did_and_were_handed(session: Session, scene: Scene) -> None:
    act(scene, "recording.paused", actor="O")
    act(scene, "recording.erasing")
    owner = story(session, str(scene.world.people["O"].id))
    assert [each.what for each in owner.acts] == ["recording.paused"]
    assert [each.recording_id for each in owner.handed] == [scene.recording.id]


def test_the_newest_acts_are_told_in_their_order(session: Session, scene: Scene) -> None:
    for what in ("recording.shared", "recording.paused", "recording.resumed"):
        act(scene, what, actor="O")
    assert [each.what for each in story(session, str(scene.recording.id), last=2).acts] == [
        "recording.paused",
        "recording.resumed",
    ]


def test_nobodys_words_are_in_it(session: Session, scene: Scene) -> None:
    act(scene, "recording.paused", actor="O", request="0A1B2C3D")
    found = story(session, str(scene.recording.id))
    told = "\n".join(lines(found)) + json.dumps(asdict(found), default=str)
    for word in ("fractions", "8F2", "@", "Hillside", "seconds pass"):
        assert word not in told
    assert "by the machine" not in told
    assert "pause_owner, request" not in told
    assert "rule pause_owner  request 0A1B2C3D" in told


def test_an_id_that_nothing_is_written_about_is_said_so(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        assert lines(story(session, str(uuid4()))) == [
            "Nothing is written down about that id. A request's has 8 signs, a thing's or person's 36."
        ]


def test_the_command_tells_it_as_one_object(scene: Scene, database: Database, tmp_path: Path) -> None:
    act(scene, "recording.paused", actor="O", request="0A1B2C3D")
    environ = {
        "BACKROW_DATA": str(tmp_path),
        "BACKROW_DATABASE_URL": database.url,
        "BACKROW_SECRET_KEY": "0123abcd" * 8,
    }
    said = CliRunner(env=environ).invoke(cli, ["log", "--json", "0a1b2c3d"])
    assert said.exit_code == 0
    told = json.loads(said.stdout)
    assert [each["what"] for each in told["acts"]] == ["recording.paused"]
    assert told["acts"][0]["thing_id"] == str(scene.recording.id)
    assert (told["handed"], told["jobs"]) == ([], [])
