"""How a recording comes to be: private, with a date by which it is erased, from its first moment."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles.models import Briefing, Cycle
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.audit import record
from app.authz import Permit
from app.errors import Conflict, Invalid
from app.lessons.recordings.conditions import not_gone
from app.lessons.recordings.models import Recording
from app.lessons.uploads.wish import Wish
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Membership


def find_recording(session: Session, cycle_id: UUID) -> Recording | None:
    """Find the lesson of a turn, if it has one."""
    return session.scalars(select(Recording).where(Recording.cycle_id == cycle_id, not_gone())).one_or_none()


def bear(session: Session, permit: Permit[Cycle], *, wish: Wish) -> Recording:
    """Make the recording that a film will belong to; nobody but its teacher knows of it.

    Raises:
        Invalid: it would be kept longer than was agreed (`delete_on_too_late`), or not at all (`delete_on_past`).
        Conflict: the teacher belongs to no school just now (`no_school`).
    """
    cycle = permit.thing
    briefing = session.get(Briefing, cycle.id)
    day = wish.recorded_on or today(session, cycle.alliance_id)
    recording = Recording(
        alliance_id=cycle.alliance_id,
        school_id=school_of(session, cycle.teacher_id),
        project_id=cycle.project_id,
        cycle_id=cycle.id,
        owner_id=cycle.teacher_id,
        title=briefing.title if briefing else f"Lesson of {day.day} {day:%B %Y}",
        class_code=wish.class_code or (briefing.class_code if briefing else ""),
        recorded_on=day,
        delete_at=delete_at(session, cycle, wish.delete_on),
    )
    session.add(recording)
    session.flush()
    record(session, permit, "recording.created", about=recording, to_state=recording.state)
    return recording


def name_after_briefing(session: Session, recording: Recording) -> None:
    """Take over the title that the teacher gave the lesson meanwhile, in the briefing."""
    briefing = session.get(Briefing, recording.cycle_id)
    if briefing is not None:
        recording.title = briefing.title
        recording.class_code = recording.class_code or briefing.class_code


def describe_again(session: Session, cycle: Cycle, recording: Recording, *, wish: Wish) -> None:
    """Take over what a teacher says anew about a recording of which nothing has arrived yet."""
    name_after_briefing(session, recording)
    recording.recorded_on = wish.recorded_on or recording.recorded_on
    recording.class_code = wish.class_code or recording.class_code
    if wish.delete_on is not None:
        recording.delete_at = delete_at(session, cycle, wish.delete_on)
    session.flush()


def delete_at(session: Session, cycle: Cycle, delete_on: date | None) -> datetime:
    """Say when a new recording is erased: by its teacher's wish, within the protocol and the alliance's maxima."""
    alliance = session.get_one(Alliance, cycle.alliance_id)
    now = session.scalars(select(clock.now())).one()
    latest = latest_date(session, cycle)
    private = min(latest, now + timedelta(days=alliance.private_max_days))
    if delete_on is None:
        return private
    wished = clock.end_of_day(delete_on, alliance.time_zone)
    if wished <= now:
        raise Invalid("delete_on_past", "That day is over.", fields={"delete_on": "Choose today or a later day."})
    last = (latest.astimezone(ZoneInfo(alliance.time_zone)) - timedelta(microseconds=1)).date()
    if delete_on > last:
        say = f"The protocol keeps recordings until {last.day} {last:%B} at the latest."
        raise Invalid("delete_on_too_late", say, fields={"delete_on": say})
    return min(wished, private)


def latest_date(session: Session, cycle: Cycle) -> datetime:
    """Give the instant beyond which a recording of this turn can't be kept."""
    alliance = session.get_one(Alliance, cycle.alliance_id)
    now = session.scalars(select(clock.now())).one()
    agreed = session.scalar(
        select(ProtocolVersion.erase_at).where(
            ProtocolVersion.project_id == cycle.project_id, ProtocolVersion.state == VersionState.IN_FORCE
        )
    )
    furthest = now + timedelta(days=alliance.max_days)
    return furthest if agreed is None else min(furthest, agreed)


def school_of(session: Session, person_id: UUID) -> UUID:
    """Say at which school somebody teaches; of several, the one they have belonged to for longest.

    Raises:
        Conflict: none, just now (`no_school`).
    """
    found = session.scalars(
        select(Membership.school_id)
        .join(School, School.id == Membership.school_id)
        .where(
            Membership.person_id == person_id,
            Membership.from_at <= clock.now(),
            or_(Membership.until_at.is_(None), clock.now() < Membership.until_at),
            School.closed_at.is_(None),
        )
        .order_by(Membership.from_at, Membership.id)
        .limit(1)
    ).one_or_none()
    if found is None:
        raise Conflict("no_school", "You belong to no school just now. Ask its administrator to add you, then send it.")
    return found


def today(session: Session, alliance_id: UUID) -> date:
    """Say which day it is where the alliance is."""
    alliance = session.get_one(Alliance, alliance_id)
    now = session.scalars(select(clock.now())).one()
    return now.astimezone(ZoneInfo(alliance.time_zone)).date()
