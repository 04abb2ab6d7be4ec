"""Turns: beginning one, briefing the observers, and each step on the way to the next turn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles.models import Briefing, Cycle, CycleState
from app.agreements.log import By, write
from app.agreements.projects.models import Project
from app.agreements.projects.queries import lock_project, this_moment, zone_of
from app.agreements.protocols.models import FocusItem, ProtocolVersion, VersionState
from app.agreements.protocols.queries import in_state
from app.authz import Action, Permit
from app.errors import Conflict, Invalid, Stale
from app.notify.live.service import tell_live

ORDER: Final = tuple(CycleState)
LONGEST_TITLE = 120
LONGEST_CLASS = 40
LONGEST_BODY = 4000
FIRST_WEEKEND_DAY = 5


@dataclass(frozen=True, kw_only=True)
class BriefingDraft:
    """What a teacher tells the observers; `version` is the one that was on the screen, where it matters."""

    title: str
    class_code: str = ""
    body: str = ""
    hopes: str = ""
    focus_item_ids: tuple[UUID, ...] = ()
    version: int | None = None


def first_cycle(session: Session, *, project: Project, teacher_id: UUID) -> Cycle:
    """Make a new project's first turn; part of opening it."""
    cycle = Cycle(alliance_id=project.alliance_id, project_id=project.id, number=1, teacher_id=teacher_id)
    session.add(cycle)
    session.flush()
    return cycle


def begin_cycle(session: Session, permit: Permit[Project]) -> Cycle:
    """Begin one's own turn to teach.

    Raises:
        Conflict: one's last turn isn't over yet (`turn_open`).
    """
    project = permit.for_(Action.CYCLE_BEGIN)
    lock_project(session, project.id)
    mine = select(Cycle).where(Cycle.project_id == project.id, Cycle.teacher_id == permit.actor.person_id)
    unfinished = mine.where(Cycle.state.not_in([CycleState.RESPONDED.value, CycleState.CLOSED.value]))
    if session.scalars(unfinished.limit(1)).one_or_none() is not None:
        raise Conflict("turn_open", "Your last turn isn't over yet. Finish that one first.")
    highest = session.scalar(select(func.max(Cycle.number)).where(Cycle.project_id == project.id))
    cycle = Cycle(
        alliance_id=project.alliance_id,
        project_id=project.id,
        number=(highest or 0) + 1,
        teacher_id=permit.actor.person_id,
    )
    session.add(cycle)
    session.flush()
    write(session, permit, "cycle.begun", about=cycle, to_state=CycleState.BEGUN)
    return cycle


def brief(session: Session, permit: Permit[Cycle], *, draft: BriefingDraft) -> Briefing:
    """Keep what the observers will be told. Nobody reads it until the lesson is shared with them.

    Raises:
        Invalid: something is too long, or a focus item isn't this project's.
        Stale: it was changed on another device since this one loaded it (`changed_elsewhere`).
    """
    cycle = permit.for_(Action.BRIEF_WRITE)
    session.refresh(cycle, with_for_update=True)
    _check(session, cycle, draft)
    briefing = session.get(Briefing, cycle.id)
    if draft.version is not None and draft.version != (briefing.version if briefing else 0):
        raise Stale("changed_elsewhere", "You changed this briefing on another device. Reload it, then add your words.")
    if briefing is None:
        briefing = Briefing(cycle_id=cycle.id, alliance_id=cycle.alliance_id, title=draft.title)
        session.add(briefing)
    briefing.title, briefing.class_code = draft.title, draft.class_code
    briefing.body, briefing.hopes = draft.body, draft.hopes
    briefing.focus_item_ids = [str(item_id) for item_id in draft.focus_item_ids]
    session.flush()
    _forward(session, permit, cycle, CycleState.BRIEFED)
    return briefing


def recorded(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that the lesson has arrived."""
    return _forward(session, by, _locked(session, cycle_id), CycleState.RECORDED)


def not_recorded(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that what arrived can't be used: the turn waits for its lesson again."""
    cycle = _locked(session, cycle_id)
    briefed = session.scalar(select(Briefing.cycle_id).where(Briefing.cycle_id == cycle_id)) is not None
    return _back(session, by, cycle, (CycleState.RECORDED, CycleState.BRIEFED if briefed else CycleState.BEGUN))


def observing(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that the lesson is shared with its observers, and by when they agreed to feed back."""
    cycle = _forward(session, by, _locked(session, cycle_id), CycleState.OBSERVING)
    if cycle.state == CycleState.OBSERVING:
        cycle.feedback_by = _school_days_on(session, cycle, "feedback_days")
        session.flush()
    return cycle


def taken_back(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that the teacher withdrew the lesson before anybody had fed back."""
    return _back(session, by, _locked(session, cycle_id), (CycleState.OBSERVING, CycleState.RECORDED))


def fed_back(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that an observer has shared feedback, and by when the teacher agreed to answer."""
    cycle = _forward(session, by, _locked(session, cycle_id), CycleState.FED_BACK)
    if cycle.state == CycleState.FED_BACK and cycle.answer_by is None:
        cycle.answer_by = _school_days_on(session, cycle, "answer_days")
        session.flush()
    return cycle


def feedback_taken_back(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that the only feedback so far was taken back unread."""
    cycle = _back(session, by, _locked(session, cycle_id), (CycleState.FED_BACK, CycleState.OBSERVING))
    if cycle.state == CycleState.OBSERVING:
        cycle.answer_by = None
        session.flush()
    return cycle


def responded(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that the teacher has answered."""
    return _forward(session, by, _locked(session, cycle_id), CycleState.RESPONDED)


def close(session: Session, by: By, *, cycle_id: UUID) -> Cycle:
    """Note that a next step is set, and the turn is over."""
    cycle = _forward(session, by, _locked(session, cycle_id), CycleState.CLOSED)
    if cycle.closed_at is None:
        cycle.closed_at = clock.now()
        session.flush()
    return cycle


def end_turns_of(session: Session, by: By, *, project_id: UUID, teacher_id: UUID) -> None:
    """Close the turns of somebody who leaves, so that the others' rota goes on; the caller holds the lock."""
    unfinished = session.scalars(
        select(Cycle.id)
        .where(Cycle.project_id == project_id, Cycle.teacher_id == teacher_id, Cycle.state != CycleState.CLOSED)
        .order_by(Cycle.number)
    ).all()
    for cycle_id in unfinished:
        close(session, by, cycle_id=cycle_id)


def _locked(session: Session, cycle_id: UUID) -> Cycle:
    session.flush()
    return session.scalars(
        select(Cycle).where(Cycle.id == cycle_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def _forward(session: Session, by: By, cycle: Cycle, state: CycleState) -> Cycle:
    """Move a turn on; a step that is behind it already changes nothing, so that repeating one is harmless."""
    if ORDER.index(CycleState(cycle.state)) < ORDER.index(state):
        _move(session, by, cycle, state)
    return cycle


def _back(session: Session, by: By, cycle: Cycle, step: tuple[CycleState, CycleState]) -> Cycle:
    if cycle.state == step[0]:
        _move(session, by, cycle, step[1])
    return cycle


def _move(session: Session, by: By, cycle: Cycle, state: CycleState) -> None:
    former, cycle.state = cycle.state, state
    session.flush()
    write(session, by, f"cycle.{state}", about=cycle, from_state=former, to_state=state, actor_id=cycle.teacher_id)
    tell_live(
        session,
        f"cycle:{cycle.id}",
        "cycle.state",
        {"cycle_id": cycle.id, "state": state.value},
        alliance_id=cycle.alliance_id,
    )


def _school_days_on(session: Session, cycle: Cycle, agreed_days: str) -> datetime:
    """Give the end of the day that is as many school days away as the protocol in force says."""
    current = in_state(session, cycle.project_id, VersionState.IN_FORCE)
    days: int = getattr(current, agreed_days) if current else 5
    zone = zone_of(session, cycle.alliance_id)
    today = this_moment(session).astimezone(ZoneInfo(zone)).date()
    return clock.end_of_day(school_day_after(today, days), zone)


def school_day_after(day: date, days: int) -> date:
    """Count on from a day, leaving out Saturdays and Sundays; holidays are the group's own to think of."""
    while days > 0:
        day += timedelta(days=1)
        if day.weekday() < FIRST_WEEKEND_DAY:
            days -= 1
    return day


def _check(session: Session, cycle: Cycle, draft: BriefingDraft) -> None:
    limits: Sequence[tuple[str, str, int]] = (
        ("title", draft.title, LONGEST_TITLE),
        ("class_code", draft.class_code, LONGEST_CLASS),
        ("body", draft.body, LONGEST_BODY),
        ("hopes", draft.hopes, LONGEST_BODY),
    )
    fields = {name: f"Keep this to {most} characters." for name, words, most in limits if len(words) > most}
    if not draft.title:
        fields["title"] = "Give the lesson a title, like 'Year 8 fractions'."
    known = session.scalars(
        select(FocusItem.id)
        .join(ProtocolVersion, ProtocolVersion.id == FocusItem.version_id)
        .where(ProtocolVersion.project_id == cycle.project_id, FocusItem.id.in_(draft.focus_item_ids))
    ).all()
    if set(known) != set(draft.focus_item_ids):
        fields["focus_item_ids"] = "Pick from what your protocol looks at."
    if fields:
        raise Invalid("briefing_unready", "A few things need mending.", fields=fields)
