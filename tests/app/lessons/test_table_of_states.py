"""Who may do what in which state: every starred cell of the rule book, list and load alike, with a decoy alliance."""

from collections.abc import Iterator
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy import ColumnElement, and_, literal, or_, select
from sqlalchemy.orm import Session

from app import models, policies
from app.agreements.projects.models import Project
from app.agreements.protocols.models import ProtocolVersion
from app.authz import Action, Actor, allowed, may, permit
from app.db import Base
from app.errors import Conflict, NotFound
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings import policy
from app.lessons.recordings.models import Recording
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, NoteState
from tests.app.lessons.table_of_states import EVERYBODY, STATES, TABLE, Scene, build, who_may

assert models.metadata.tables
assert policies.__all__  # a rule that is not imported says no

ON_RECORDING = [
    Action(action) for action in TABLE if action.startswith(("rec.", "clip.", "note.write", "feedback.re", "log.read"))
    and action not in ("feedback.read", "log.read_own")
]


def asks(scene: Scene, name: str) -> Iterator[tuple[str, Action, type[Base], UUID]]:
    """Give every question of the table about one person: its row, and the action on the thing that the row means."""
    recording = scene.recording
    person = scene.world.people[name]
    for action in ON_RECORDING:
        yield action.value, action, Recording, recording.id
    session = scene.world.session
    for note in session.scalars(select(Note).where(Note.recording_id == recording.id, Note.state == NoteState.OWN)):
        own = note.author_id == person.id
        yield ("note.read_own" if own else "note.read_unreleased"), Action.NOTE_READ, Note, note.id
    for event in session.scalars(select(AccessEvent).where(AccessEvent.person_id == person.id)):
        yield "log.read_own", Action.LOG_READ_OWN, AccessEvent, event.id
    if scene.feedback is not None:
        yield "feedback.read", Action.FEEDBACK_READ, Feedback, scene.feedback.id
    yield "protocol.read", Action.PROTOCOL_READ, ProtocolVersion, scene.version.id
    yield "protocol.propose", Action.PROTOCOL_PROPOSE, Project, scene.project.id


def actor(scene: Scene, name: str) -> Actor:
    return scene.decoy.actor("Z") if name == "Z" else scene.world.actor(name)


def wrong_cells(scene: Scene, state: str) -> list[str]:
    """Ask the whole column; name each cell where load or list differ from the table, or from each other."""
    wrong = []
    for name in EVERYBODY:
        who = actor(scene, name)
        for row, action, model, thing_id in asks(scene, name):
            expected = name in who_may(row, state)
            loaded = may(scene.world.session, who, action, model, thing_id)
            listed = thing_id in {thing.id for thing in scene.world.session.scalars(allowed(who, action, model))}  # type: ignore[attr-defined]
            if not expected == loaded == listed:
                wrong.append(f"{row} × {name} × {state}: table {expected}, load {loaded}, list {listed}")
    return wrong


@pytest.mark.parametrize("state", STATES)
def test_p02_who_may_do_what_is_as_the_table_says(session: Session, state: str) -> None:
    assert wrong_cells(build(session, state), state) == []


@pytest.mark.parametrize("state", STATES)
def test_p08_what_one_may_not_see_is_not_found_and_what_waits_says_later(session: Session, state: str) -> None:
    scene = build(session, state)
    for name, action in product(EVERYBODY, ON_RECORDING):
        if name in who_may(action.value, state):
            assert permit(session, actor(scene, name), action, Recording, scene.recording.id).action is action
            continue
        listed = name in who_may("rec.list", state)
        with pytest.raises(Conflict if listed else NotFound):
            permit(session, actor(scene, name), action, Recording, scene.recording.id)


@pytest.mark.parametrize("part", ["shared", "open", "named_by_both", "detective_guarded", "free", "alive"])
def test_taking_a_part_out_of_the_rule_fails_the_table(
    session: Session, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    whole = policy.named_parts

    def mutilated(*args: object, **values: object) -> dict[str, ColumnElement[bool]]:
        return whole(*args, **values) | {part: literal(value=True)}  # type: ignore[arg-type]

    monkeypatch.setattr(policy, "named_parts", mutilated)
    caught = []
    for state in STATES:
        with session.begin_nested() as step:
            scene = build(session, state)
            if part == "detective_guarded":
                _close_windows(scene)
            caught += [cell for cell in wrong_cells(scene, state) if cell.startswith(("rec.watch", "rec.list"))]
            step.rollback()
    expected_k_gone = part == "detective_guarded"
    if expected_k_gone:
        # The window is over, so K must be missing everywhere: with the guard taken out, K is still let in.
        assert not any(cell.startswith("rec.watch × K × shared") for cell in caught)
    else:
        assert caught


def _close_windows(scene: Scene) -> None:
    for window in scene.world.session.scalars(select(policy.ViewingWindow)):
        window.closed_at = scene.world.now
    scene.world.session.flush()


_ = (and_, or_)
