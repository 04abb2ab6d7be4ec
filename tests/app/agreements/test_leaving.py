"""Leaving: at any time, without a reason; it is the same as taking back one's agreement."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.agreements import hooks
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.groups import service
from app.agreements.projects.models import Participant, Project
from app.agreements.protocols.models import Agreement, ProtocolVersion, RosterEntry, VersionKind, VersionState
from app.audit.models import AuditEvent
from app.authz import Action, permit
from app.errors import NotFound
from tests.app.agreements.town import Town


@pytest.fixture
def told() -> Iterator[list[tuple[UUID, UUID]]]:
    """Listen to the hook for this test."""
    heard: list[tuple[UUID, UUID]] = []

    def receiver(_: Session, project_id: UUID, person_id: UUID) -> None:
        heard.append((project_id, person_id))

    hooks.on_left.append(receiver)
    yield heard
    hooks.on_left.remove(receiver)


def test_who_leaves_is_marked_left_in_every_version_and_their_signatures_are_taken_back(
    session: Session, town: Town
) -> None:
    project, _ = town.agree("Amina", "Tom", "Priya")
    second = town.propose(town.draft(project, "Amina", feedback_days=4), "Amina")
    town.sign(second, "Amina", "Tom", "Priya")
    town.leave(project, "Priya")
    priya = town["Priya"].id
    assert session.scalars(select(RosterEntry.left_at).where(RosterEntry.person_id == priya)).all().count(None) == 0
    standing = select(func.count()).where(Agreement.person_id == priya, Agreement.taken_back_at.is_(None))
    assert session.scalar(standing) == 0
    session.commit()
    taken_back = select(func.count()).where(AuditEvent.what == "agreement.taken_back")
    assert session.scalar(taken_back) == 2, "one for each version signed"


def test_the_others_carry_on(town: Town) -> None:
    project, version = town.agree("Amina", "Tom", "Priya")
    lesson = town.lesson(project, "Amina", version)
    town.leave(project, "Priya")
    assert town.is_open(project)
    assert town.watchers(lesson) == {"Amina", "Tom"}


def test_a_group_shrunk_to_one_is_closed(town: Town) -> None:
    project, version = town.agree("Amina", "Tom")
    lesson = town.lesson(project, "Amina", version)
    town.leave(project, "Tom")
    assert not town.is_open(project)
    assert town.watchers(lesson) == {"Amina"}


def test_the_lessons_of_whoever_leaves_are_seen_by_nobody_else(town: Town) -> None:
    project, version = town.agree("Amina", "Tom", "Priya")
    lesson = town.lesson(project, "Amina", version)
    town.leave(project, "Amina")
    assert town.watchers(lesson) == {"Amina"}


def test_higher_areas_hear_of_it_in_the_same_transaction(town: Town, told: list[tuple[UUID, UUID]]) -> None:
    project, _ = town.agree("Amina", "Tom")
    town.leave(project, "Tom")
    assert told == [(project.id, town["Tom"].id)]


def test_a_hook_without_a_receiver_stops_the_start(told: list[tuple[UUID, UUID]]) -> None:
    hooks.check()
    receivers = hooks.on_left.copy()
    hooks.on_left.clear()
    try:
        with pytest.raises(hooks.HookWithoutReceiver, match="on_left"):
            hooks.check()
    finally:
        hooks.on_left.extend(receivers)
    assert told == []


def test_the_last_unsigned_persons_leaving_puts_a_version_in_force(town: Town) -> None:
    project = town.open("Amina", "Tom", "Priya")
    version = town.propose(town.draft(project, "Amina"), "Amina")
    town.sign(version, "Amina", "Tom")
    assert not town.is_open(project)
    town.leave(project, "Priya")
    assert version.state == VersionState.IN_FORCE
    assert town.is_open(project)


def test_coming_back_needs_a_new_version(session: Session, town: Town) -> None:
    project, first = town.agree("Amina", "Tom", "Priya")
    lesson = town.lesson(project, "Amina", first)
    town.leave(project, "Priya")
    with pytest.raises(NotFound):
        permit(session, town["Priya"].actor, Action.PROTOCOL_READ, ProtocolVersion, first.id)
    again = town.propose(town.draft(project, "Tom", asked_ids=frozenset({town["Priya"].id})), "Tom")
    assert again.kind == VersionKind.PEOPLE
    town.sign(again, "Amina", "Tom", "Priya")
    assert town.current(project) is again
    assert town.watchers(lesson) == {"Amina", "Tom"}, "what was shared before stays as it was"


def test_a_draft_forgets_who_has_left(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom", "Priya")
    draft = town.draft(project, "Amina", feedback_days=4)
    town.leave(project, "Priya")
    town.propose(draft, "Amina")
    named = session.scalars(select(RosterEntry.person_id).where(RosterEntry.version_id == draft.id)).all()
    assert set(named) == {town["Amina"].id, town["Tom"].id}


def test_the_turn_of_whoever_leaves_is_over(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom", "Priya")
    town.leave(project, "Amina")
    assert session.scalars(select(Cycle.state)).all() == [CycleState.CLOSED]


def test_an_ended_account_leaves_every_project(session: Session, town: Town, told: list[tuple[UUID, UUID]]) -> None:
    first, _ = town.agree("Amina", "Tom")
    second, _ = town.agree("Tom", "Priya")
    assert service.leave_everything(session, person_id=town["Tom"].id, rule="account_ended") == 2
    assert {project_id for project_id, _ in told} == {first.id, second.id}
    assert not town.is_open(first)
    session.commit()
    rules = set(session.scalars(select(AuditEvent.rule).where(AuditEvent.what == "project.left")))
    assert rules == {"account_ended"}


def test_a_no_asks_for_no_reason_and_leaves_none(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    town.leave(project, "Tom")
    assert "reason" not in {*Participant.__table__.columns.keys(), *Agreement.__table__.columns.keys()}
    assert session.scalars(select(Participant.left_at).where(Participant.person_id == town["Tom"].id)).one()


def test_who_has_left_cannot_leave_again(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    town.leave(project, "Tom")
    with pytest.raises(NotFound):
        permit(session, town["Tom"].actor, Action.PROJECT_LEAVE, Project, project.id)
