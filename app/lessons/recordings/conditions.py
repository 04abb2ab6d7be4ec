"""What can be true of a recording, as SQL: the parts that its rules, and those of all that is made from it, join."""

from collections.abc import Callable

from sqlalchemy import ColumnElement, Uuid, and_, func, not_, or_, type_coerce
from sqlalchemy.orm import aliased

from app import clock
from app.agreements.consents.models import Objection
from app.agreements.protocols.policy import current, live_entry, signed
from app.authz import Id, Who, there_is
from app.lessons.recordings.models import Hold, ObjectionSettled, Recording, RecordingState
from app.people.policy import active, here, member, unlocked

GONE = (RecordingState.ERASING, RecordingState.ERASED)


def owner(who: Who) -> ColumnElement[bool]:
    """Hold for the teacher whose lesson it is."""
    return Recording.owner_id == who


def here_(who: Who) -> ColumnElement[bool]:
    """Hold for whoever is here, as the recording's project counts it."""
    return here(who, Recording.alliance_id, Recording.project_id)


def held() -> ColumnElement[bool]:
    """Hold while a safeguarding hold is open."""
    hold = aliased(Hold)
    return there_is(hold).where(hold.recording_id == Recording.id, hold.lifted_at.is_(None))


def objected() -> ColumnElement[bool]:
    """Hold while somebody in that class, on that day, objects and it isn't settled for this recording."""
    objection, settled = aliased(Objection), aliased(ObjectionSettled)
    return there_is(objection).where(
        means(objection),
        not_(there_is(settled).where(settled.objection_id == objection.id, settled.recording_id == Recording.id)),
    )


def means(objection: type[Objection]) -> ColumnElement[bool]:
    """Hold where an objection is about this recording: its school, its class however it is typed, and its day."""
    return and_(
        objection.school_id == Recording.school_id,
        func.lower(func.trim(objection.class_code)) == func.lower(func.trim(Recording.class_code)),
        objection.from_on <= Recording.recorded_on,
        or_(objection.until_on.is_(None), objection.until_on >= Recording.recorded_on),
    )


def not_gone() -> ColumnElement[bool]:
    """Hold until erasing begins."""
    return Recording.state.not_in([state.value for state in GONE])


def alive() -> ColumnElement[bool]:
    """Hold until erasing begins, or the date comes by which it is to be erased."""
    return and_(not_gone(), clock.now() < Recording.delete_at)


def due_to_erase() -> ColumnElement[bool]:
    """Hold for what has reached its date and isn't kept by a hold: the clock erases it."""
    return and_(not_gone(), clock.now() >= Recording.delete_at, not_(held()))


def free() -> ColumnElement[bool]:
    """Hold while neither an objection nor a hold is open."""
    return and_(not_(objected()), not_(held()))


def text_alive() -> ColumnElement[bool]:
    """Hold while the words of a lesson may be read: as long as it is alive, or a hold keeps it."""
    return or_(alive(), and_(held(), not_gone()))


def stands() -> ColumnElement[bool]:
    """Hold while the owner can act: a teacher who can't press *withdraw* must not be watched."""
    return and_(
        active(Recording.owner_id),
        unlocked(Recording.owner_id),
        member(Recording.owner_id, Recording.school_id),
        live_entry(Recording.owner_id, current(Recording.project_id)),
        signed(Recording.owner_id, current(Recording.project_id)),
    )


def both(test: Callable[[Id], ColumnElement[bool]], bound: Id | None = None) -> ColumnElement[bool]:
    """Hold when the version it was shared under and the one in force both say so: newer ones narrow, never widen."""
    first: Id = _bound() if bound is None else bound
    now: Id = current(Recording.project_id)
    return and_(first.is_not(None), now.is_not(None), test(first), test(now))


def _bound() -> Id:
    return type_coerce(Recording.bound_version_id, Uuid())
