"""What a teacher does with a recording: share, pause, withdraw, keep, erase. Narrowing needs no reason."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.consents.models import Objection
from app.agreements.cycles import service as cycles
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.audit import record, record_rule
from app.authz import Action, Permit
from app.errors import Conflict, Invalid
from app.jobs import enqueue
from app.jobs.erasing import EraseRecording
from app.lessons.recordings.conditions import due_to_erase, means, not_gone
from app.lessons.recordings.models import Recording, RecordingState
from app.notify.service import tell
from app.people.alliances.models import Alliance


def share(session: Session, permit: Permit[Recording], *, version_id: UUID, audience: str) -> Recording:
    """Open a recording to those whom the version in force names, and keep the sentence that its teacher read.

    Raises:
        Conflict: another version is in force than the one that was shown (`version_changed`), its day for erasing is
            over (`protocol_over`), or what arrived is still being compared with what was sent (`not_verified`).
    """
    recording = permit.for_(Action.REC_SHARE)
    version = _in_force(session, recording, version_id)
    if recording.verified_at is None:
        raise Conflict(
            "not_verified", "We are still checking that everything arrived as it was sent. Share it in a moment."
        )
    _bind(session, recording, version, audience=audience)
    before, recording.state = recording.state, RecordingState.SHARED
    recording.shared_at = session.scalar(select(clock.now()))
    record(
        session,
        permit,
        "recording.shared",
        about=recording,
        from_state=before,
        to_state=f"{recording.state} v{version.number}",
    )
    cycles.observing(session, permit, cycle_id=recording.cycle_id)
    return recording


def pause(session: Session, permit: Permit[Recording]) -> Recording:
    """Close a shared recording to everybody but its teacher; it can be opened again as it was."""
    return _move(session, permit, Action.REC_PAUSE, RecordingState.PAUSED, "recording.paused")


def resume(session: Session, permit: Permit[Recording]) -> Recording:
    """Open a paused recording again, under the version it was shared under."""
    return _move(session, permit, Action.REC_RESUME, RecordingState.SHARED, "recording.resumed")


def withdraw(session: Session, permit: Permit[Recording]) -> Recording:
    """Take a recording back; observers keep their own words, and nothing else."""
    recording = _move(session, permit, Action.REC_WITHDRAW, RecordingState.WITHDRAWN, "recording.withdrawn")
    cycles.taken_back(session, permit, cycle_id=recording.cycle_id)
    return recording


def carry_over(session: Session, permit: Permit[Recording], *, version_id: UUID, audience: str) -> Recording:
    """Bring a shared recording under the version in force, after seeing who gains and who loses sight of it.

    Raises:
        Conflict: another version is in force than the one that was shown (`version_changed`), or its day for erasing is
            over (`protocol_over`).
    """
    recording = permit.for_(Action.REC_CARRY_OVER)
    version = _in_force(session, recording, version_id)
    before = session.get_one(ProtocolVersion, recording.bound_version_id).number
    _bind(session, recording, version, audience=audience)
    record(
        session,
        permit,
        "recording.carried_over",
        about=recording,
        from_state=f"{recording.state} v{before}",
        to_state=f"{recording.state} v{version.number}",
    )
    return recording


def keep_until(session: Session, permit: Permit[Recording], *, delete_at: datetime) -> Recording:
    """Move the date by which a recording is erased: forward as one likes, back within what was agreed.

    Raises:
        Invalid: the date is past (`date_past`), later than it is now where only bringing it forward was allowed
            (`date_later`), or later than the protocol or the alliance allows (`delete_on_too_late`).
    """
    recording = permit.for_(Action.REC_KEEP_SHORTER, Action.REC_KEEP_LONGER)
    if delete_at <= session.scalars(select(clock.now())).one():
        raise Invalid("date_past", "That day is over.", fields={"delete_on": "Choose today or a later day."})
    if delete_at > recording.delete_at:
        if permit.action is not Action.REC_KEEP_LONGER:
            raise Invalid("date_later", "That is later than now.", fields={"delete_on": "Choose an earlier day."})
        delete_at = max(recording.delete_at, _within(session, recording, delete_at))
    recording.delete_at = delete_at
    record(session, permit, "recording.kept_until", about=recording)
    return recording


def erase(session: Session, permit: Permit[Recording]) -> Recording:
    """Close a recording for good, at once, and have everything of it erased."""
    recording = permit.for_(Action.REC_ERASE)
    before = recording.state
    _begin_erasing(session, recording, cause="owner")
    record(session, permit, "recording.erasing", about=recording, from_state=before, to_state=recording.state)
    return recording


def erase_due(session: Session) -> int:
    """Begin to erase what has reached its date; a hold keeps it. The clock's act: it can be late without harm."""
    due = session.scalars(select(Recording).where(due_to_erase()).with_for_update(skip_locked=True)).all()
    for recording in due:
        before = recording.state
        _begin_erasing(session, recording, cause="delete_at")
        record_rule(
            session,
            "recording.erasing",
            rule="delete_at",
            thing_kind="recording",
            thing_id=recording.id,
            alliance_id=recording.alliance_id,
            from_state=before,
            to_state=recording.state,
        )
    return len(due)


def withdraw_for_leaver(session: Session, project_id: UUID, person_id: UUID) -> None:
    """Take back the lessons of somebody who leaves a project: what nobody can close must not stay open."""
    _withdraw(session, person_id, Recording.project_id == project_id, rule="owner_left")


def withdraw_at_school(session: Session, person_id: UUID, school_id: UUID) -> None:
    """Take back what somebody filmed at a school where their time has ended; hears `people.hooks`."""
    _withdraw(session, person_id, Recording.school_id == school_id, rule="membership_ended")


def _withdraw(session: Session, owner_id: UUID, where: ColumnElement[bool], *, rule: str) -> None:
    open_states = (RecordingState.SHARED, RecordingState.PAUSED)
    for recording in session.scalars(
        select(Recording)
        .where(where, Recording.owner_id == owner_id, Recording.state.in_([state.value for state in open_states]))
        .with_for_update()
    ):
        before, recording.state = recording.state, RecordingState.WITHDRAWN
        record_rule(
            session,
            "recording.withdrawn",
            rule=rule,
            thing_kind="recording",
            thing_id=recording.id,
            alliance_id=recording.alliance_id,
            actor_id=owner_id,
            from_state=before,
            to_state=recording.state,
        )
        cycles.taken_back(session, rule, cycle_id=recording.cycle_id)


def tell_of_objection(session: Session, objection_id: UUID) -> None:
    """Tell the teachers whose lessons an objection closes; hears `agreements.hooks`."""
    closed = session.execute(
        select(Recording.id, Recording.owner_id)
        .join(Objection, means(Objection))
        .where(Objection.id == objection_id, not_gone())
    )
    for recording_id, owner_id in closed.all():
        tell(session, [owner_id], "objection.opened", recording_id)


def latest_date(session: Session, recording: Recording) -> datetime:
    """Give the latest instant until which a recording may be kept, by its agreements and the alliance's maximum."""
    limits = [_furthest(session, recording)]
    limits.extend(
        version.erase_at
        for version in session.scalars(
            select(ProtocolVersion).where(
                (ProtocolVersion.id == recording.bound_version_id)
                | (
                    (ProtocolVersion.project_id == recording.project_id)
                    & (ProtocolVersion.state == VersionState.IN_FORCE)
                )
            )
        )
    )
    if recording.bound_version_id is None:
        alliance = session.get_one(Alliance, recording.alliance_id)
        limits.append(recording.created_at + timedelta(days=alliance.private_max_days))
    return min(limits)


def kept_under(session: Session, recording: Recording, version: ProtocolVersion) -> datetime:
    """Give the instant until which a recording is kept once a version binds it: its teacher's own date, or sooner."""
    return min(recording.delete_at, _furthest(session, recording), version.erase_at)


def _furthest(session: Session, recording: Recording) -> datetime:
    return recording.created_at + timedelta(days=session.get_one(Alliance, recording.alliance_id).max_days)


def _within(session: Session, recording: Recording, delete_at: datetime) -> datetime:
    """Take a wished date back to the very instant that was agreed, where it names the same last day."""
    latest = latest_date(session, recording)
    zone = session.get_one(Alliance, recording.alliance_id).time_zone
    last_day = (latest - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date()
    if delete_at > clock.end_of_day(last_day, zone):
        say = f"The latest day that was agreed is {last_day:%-d %B %Y}. Choose that one, or an earlier one."
        raise Invalid("delete_on_too_late", say, fields={"delete_on": say})
    return min(delete_at, latest)


def _bind(session: Session, recording: Recording, version: ProtocolVersion, *, audience: str) -> None:
    delete_at = kept_under(session, recording, version)
    if delete_at <= session.scalars(select(clock.now())).one():
        # Bound to it, the lesson would be erased by the clock within the minute.
        raise Conflict(
            "protocol_over",
            "The day until which this protocol keeps lessons is over. Agree a new version first, then share.",
        )
    recording.bound_version_id, recording.audience, recording.delete_at = version.id, audience, delete_at


def _in_force(session: Session, recording: Recording, version_id: UUID) -> ProtocolVersion:
    version = session.scalars(
        select(ProtocolVersion).where(
            ProtocolVersion.project_id == recording.project_id, ProtocolVersion.state == VersionState.IN_FORCE
        )
    ).one()
    if version.id != version_id:
        raise Conflict("version_changed", "Another version is in force now. Read who may watch under it, then share.")
    return version


def _move(session: Session, permit: Permit[Recording], action: Action, to: RecordingState, what: str) -> Recording:
    recording = permit.for_(action)
    before, recording.state = recording.state, to
    record(session, permit, what, about=recording, from_state=before, to_state=to)
    return recording


def _begin_erasing(session: Session, recording: Recording, *, cause: str) -> None:
    recording.state = RecordingState.ERASING
    recording.erase_cause = cause
    enqueue(session, EraseRecording(recording.id))
