"""Who may do what in which state: every starred cell of the rule book, list and load alike, with a decoy alliance."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, literal, select
from sqlalchemy.orm import Session

from app import authz, models, policies
from app.agreements.projects.models import Project
from app.agreements.protocols.models import ProtocolVersion
from app.authz import Action, Actor, allowed, may, permit
from app.db import Base
from app.errors import Conflict, NotFound
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings import policy
from app.lessons.recordings.models import Recording, ViewingWindow
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, NoteState
from app.people.accounts.models import Person
from tests.app.lessons.table_of_states import EVERYBODY, STATES, TABLE, Scene, build, who_may

assert models.metadata.tables
assert policies.__all__  # a rule that is not imported says no

ELSEWHERE = {
    "note.read_own",
    "note.read_unreleased",
    "feedback.read",
    "log.read_own",
    "protocol.read",
    "protocol.propose",
}
ON_RECORDING = [Action(action) for action in TABLE if action not in ELSEWHERE]


@pytest.fixture(autouse=True)
def _policies_as_they_are() -> Iterator[None]:
    """Policies are written down once a process: a test that breaks one must not leave it behind."""
    yield
    authz.forget()


def actor(scene: Scene, name: str) -> Actor:
    return scene.decoy.actor("Z") if name == "Z" else scene.world.actor(name)


def asks(scene: Scene, name: str) -> Iterator[tuple[str, Action, type[Base], UUID]]:
    """Give every question of the table about one person: its row, and the action on the thing that the row means."""
    session, recording, person = scene.world.session, scene.recording, scene.world.people[name]
    for action in ON_RECORDING:
        yield action.value, action, Recording, recording.id
    for note in session.scalars(select(Note).where(Note.recording_id == recording.id, Note.state == NoteState.OWN)):
        own = note.author_id == person.id
        yield ("note.read_own" if own else "note.read_unreleased"), Action.NOTE_READ, Note, note.id
    for event in session.scalars(select(AccessEvent).where(AccessEvent.person_id == person.id)):
        yield "log.read_own", Action.LOG_READ_OWN, AccessEvent, event.id
    if scene.feedback is not None:
        yield "feedback.read", Action.FEEDBACK_READ, Feedback, scene.feedback.id
    yield "protocol.read", Action.PROTOCOL_READ, ProtocolVersion, scene.version.id
    yield "protocol.propose", Action.PROTOCOL_PROPOSE, Project, scene.project.id


def answer(scene: Scene, who: Actor, action: Action, thing: tuple[type[Base], UUID]) -> str:
    """Ask for one thing: `yes`, `later` or `none`."""
    try:
        permit(scene.world.session, who, action, *thing)
    except NotFound:
        return "none"
    except Conflict:
        return "later"
    return "yes"


@pytest.mark.parametrize("state", STATES)
def test_p02_p08_who_may_do_what_is_as_the_table_says(session: Session, state: str) -> None:
    scene, wrong = build(session, state), []
    for name in EVERYBODY:
        who = actor(scene, name)
        for row, action, model, thing_id in asks(scene, name):
            knows = model is Recording and name in who_may("rec.list", state)
            expected = "yes" if name in who_may(row, state) else "later" if knows else "none"
            found = answer(scene, who, action, (model, thing_id))
            listed = thing_id in session.scalars(allowed(who, action, model).with_only_columns(model.id))  # type: ignore[attr-defined]
            if found != expected or listed != (expected == "yes"):
                wrong.append(f"{row} × {name} × {state}: table {expected}, load {found}, list {listed}")
    assert wrong == []


@pytest.mark.parametrize("state", STATES)
def test_p09_whom_the_page_names_are_those_who_may_watch(session: Session, state: str) -> None:
    scene = build(session, state)
    found = session.scalars(authz.persons(Action.REC_WATCH, Recording, scene.recording.id, Person)).all()
    names = scene.world.ids()
    assert {names[person.id] for person in found} == who_may("rec.watch", state)


@pytest.mark.parametrize(
    ("part", "state"),
    [
        pytest.param("shared", "paused", id="a paused lesson stays closed"),
        pytest.param("open", "changed", id="a change of clauses closes"),
        pytest.param("named_by_both", "newer", id="the newer version narrows"),
        pytest.param("free", "objection", id="an objection closes"),
        pytest.param("alive", "past", id="its date closes"),
        pytest.param("detective_guarded", "window over", id="a pupil's hour ends"),
        pytest.param("stands", "owner suspended", id="a teacher who can't withdraw isn't watched"),
        pytest.param("here", "watcher suspended", id="a suspended watcher is out"),
        pytest.param("unlocked", "watcher locked", id="a changed address locks content"),
    ],
)
def test_a_part_taken_out_of_the_rule_lets_somebody_in(
    session: Session, monkeypatch: pytest.MonkeyPatch, part: str, state: str
) -> None:
    scene = build(session, state if state in STATES else "shared")
    _close(scene, state)
    before = watchers(scene)
    whole = policy.named_parts

    def mutilated(*args: object, **values: object) -> dict[str, ColumnElement[bool]]:
        return whole(*args, **values) | {part: literal(value=True)}  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(policy, "named_parts", mutilated)
    authz.forget()
    assert watchers(scene) > before


def watchers(scene: Scene) -> set[str]:
    """Ask who can watch."""
    session, thing_id = scene.world.session, scene.recording.id
    return {name for name in EVERYBODY if may(session, actor(scene, name), Action.REC_WATCH, Recording, thing_id)}


def _close(scene: Scene, state: str) -> None:
    world = scene.world
    match state:
        case "window over":
            for window in world.session.scalars(select(ViewingWindow)):
                window.closed_at = world.now
        case "owner suspended":
            world.account("O").state = "suspended"
        case "watcher suspended":
            world.account("B").state = "suspended"
        case "watcher locked":
            world.account("B").content_locked_until = scene.recording.delete_at
    world.session.flush()
