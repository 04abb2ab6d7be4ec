"""`backrow why`: the policy's own answer, and what stands in the way, never anybody's name or words."""

from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authz import Action, clauses, models_for
from app.authz.compiled import ASKER
from app.errors import Invalid
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import Recording
from app.observation.notes.models import Note, NoteState
from app.people.accounts.models import AccountState, Person
from config.cli import cli
from config.commands.why import tell
from config.why.answer import Answer, why
from config.why.walking import Walk, unnamed
from tests.app.lessons.table_of_states import Scene, build, who_may
from tests.conftest import Database

ON_RECORDINGS = [action for action in Action if Recording in models_for(action)]


def ask(scene: Scene, who: str, action: Action) -> Answer:
    person = scene.world.people[who]
    return why(scene.world.session, str(person.id), action.value, scene.recording.id)


def names(answer: Answer, clause: str = "watch_named") -> list[str]:
    (because,) = (refused.because for refused in answer.refused if refused.clause == clause)
    return [failing.name for failing in because]


def said(answer: Answer) -> str:
    lines: list[str] = []
    tell(answer, lines.append)
    return "\n".join(lines)


@pytest.mark.parametrize("state", ["private", "shared", "newer", "objection"])
def test_the_answer_is_the_rule_books_and_each_no_has_a_reason(session: Session, state: str) -> None:
    scene = build(session, state)
    for who in "OBMCUZ":
        answer = ask(scene, who, Action.REC_WATCH)
        assert (answer.word == "yes") is (who in who_may("rec.watch", state)), who
        if answer.word != "yes" and who != "Z":
            assert {refused.clause for refused in answer.refused} == {"watch_owner", "watch_named"}, who


@pytest.mark.parametrize(
    ("state", "who", "expected"),
    [
        pytest.param("changed", "B", ["open"], id="a change is proposed"),
        pytest.param("paused", "B", ["shared"], id="paused"),
        pytest.param("past", "B", ["alive"], id="its date has come"),
        pytest.param("objection", "B", ["free"], id="somebody objects"),
        pytest.param("hold", "B", ["free"], id="a hold"),
        pytest.param("newer", "M", ["names(current)"], id="the newer version leaves them out"),
        pytest.param("shared", "R", ["names(bound)", "names(current)"], id="on the roster, no watcher"),
    ],
)
def test_exactly_what_is_in_the_way_is_named(session: Session, state: str, who: str, expected: list[str]) -> None:
    assert names(ask(build(session, state), who, Action.REC_WATCH)) == expected


def test_a_stopped_account_and_a_lock_are_told_apart(session: Session) -> None:
    scene = build(session, "shared")
    account = scene.world.account("B")
    account.content_locked_until = scene.world.now.replace(year=2099)
    session.flush()
    assert names(ask(scene, "B", Action.REC_WATCH)) == ["unlocked"]
    account.content_locked_until, account.state = None, AccountState.SUSPENDED
    session.flush()
    assert "here             their account is stopped or closed" in said(ask(scene, "B", Action.REC_WATCH))


def test_what_may_be_done_later_says_so_and_what_has_to_happen_first(session: Session) -> None:
    answer = ask(build(session, "shared"), "O", Action.REC_SHARE)
    assert answer.word == "later"
    assert "it says what has to happen first" in answer.sentence
    assert "this does not hold: recording.state IN ('private', 'withdrawn')" in said(answer)


def test_another_alliance_is_said_to_be_one(session: Session) -> None:
    scene = build(session, "shared")
    answer = why(session, str(scene.decoy.people["Z"].id), "rec.watch", scene.recording.id)
    assert said(answer) == "none: It belongs to another alliance than this person: for them it does not exist."


def test_a_note_is_followed_to_its_lesson_and_each_way_to_it_is_told(session: Session) -> None:
    scene = build(session, "shared")
    (note,) = session.scalars(select(Note).where(Note.state == NoteState.RELEASED))
    mentor = why(session, str(scene.world.people["M"].id), "note.read", note.id)
    (reader,) = (refused for refused in mentor.refused if refused.clause == "feedback_reader")
    (ways,) = reader.because
    assert ways.name == "one of"
    (of_the_lesson,) = [way for way in ways.below if way.name == "one of"]
    theirs, returned = of_the_lesson.below
    assert theirs.name == "owner"
    assert "feedback_1.author_id = this person" in returned.says, "they have released nothing of their own"
    assert why(session, str(scene.world.people["B"].id), "note.read", note.id).word == "yes"


def test_a_clip_is_followed_to_its_lesson(session: Session) -> None:
    scene = build(session, "paused")
    clip = scene.world.add(
        Clip(
            alliance_id=scene.world.alliance.id,
            recording_id=scene.recording.id,
            author_id=scene.recording.owner_id,
            in_ms=0,
            out_ms=4000,
            title="The silence",
        )
    )
    answer = why(session, str(scene.world.people["B"].id), "clip.watch", clip.id)
    assert names(answer) == ["shared"]
    assert "The silence" not in said(answer)


def test_no_title_note_or_name_is_shown(session: Session) -> None:
    scene = build(session, "shared")
    told = "\n".join(said(ask(scene, who, action)) for who in "OBR" for action in ON_RECORDINGS)
    for word in (
        "fractions",
        "8F2",
        "seconds pass",
        "Questioning",
        "Hillside",
        *(p.name + "-" for p in scene.world.people.values()),
    ):
        assert word not in told


@pytest.mark.parametrize(
    "action", [each for each in Action if each.value.startswith(("rec.", "clip.", "note.w", "brief.r"))]
)
def test_every_condition_about_a_lesson_has_a_name(action: Action) -> None:
    for model in models_for(action):
        walk = Walk(Session(), uuid4(), uuid4(), model)
        for clause in clauses(ASKER, action, model):
            assert list(unnamed(walk, clause.where)) == [], clause.name


@pytest.mark.parametrize(
    ("who", "action", "expected"),
    [
        pytest.param("nobody@valley.example", "rec.watch", "Nobody here has that address or id", id="person"),
        pytest.param("{B}", "rec.peek", "There is no action rec.peek", id="action"),
        pytest.param("{B}", "clip.watch", "about a clip, and there is none", id="thing"),
    ],
)
def test_what_is_mistyped_is_said(session: Session, who: str, action: str, expected: str) -> None:
    scene = build(session, "shared")
    who = who.format(B=scene.world.account("B").email)
    with pytest.raises(Invalid, match=expected):
        why(session, who, action, scene.recording.id)


def test_by_address_the_person_of_the_things_own_alliance_is_asked(session: Session) -> None:
    scene = build(session, "shared")
    session.add(Person(alliance_id=scene.decoy.alliance.id, account_id=scene.world.people["B"].account_id, name="B2"))
    session.flush()
    assert why(session, scene.world.account("B").email, "rec.watch", scene.recording.id).word == "yes"


def test_the_command_says_it(session: Session, database: Database, tmp_path: Path) -> None:
    scene = build(session, "paused")
    session.commit()
    typed = ["why", scene.world.account("B").email, "rec.watch", str(scene.recording.id)]
    said = CliRunner(env=command_settings(database, tmp_path)).invoke(cli, typed)
    assert (said.exit_code, said.stdout.splitlines()[0]) == (0, "none: For this person it does not exist.")
    assert "    shared           it is not shared" in said.stdout


def command_settings(database: Database, folder: Path) -> dict[str, str | None]:
    return {
        "BACKROW_DATA": str(folder),
        "BACKROW_DATABASE_URL": database.url,
        "BACKROW_SECRET_KEY": "0123456789abcdef" * 4,
    }
