"""What a teacher is told before the first byte is sent: who will see it, until when, and who objects."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.consents.queries import open_objections
from app.agreements.cycles.models import Briefing, Cycle
from app.agreements.projects.models import Project
from app.agreements.projects.queries import this_moment, zone_of
from app.agreements.protocols.audience import NOBODY_ELSE, audience_of_version, last_day, listed, said_day
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.agreements.protocols.queries import in_state
from app.authz import Action, Permit
from app.lessons.recordings.models import Recording
from app.lessons.uploads import births
from app.lessons.uploads.models import Upload
from app.lessons.uploads.service import ARRIVED
from app.people.alliances.models import Alliance

NOBODY_YET = "Until you all have signed a protocol, nobody but you can watch."


@dataclass(frozen=True, kw_only=True)
class BeforeSending:
    """All that the page shows; `arrived` is the lesson where this turn has one already."""

    cycle_id: UUID
    project_id: UUID
    project_title: str
    title: str | None
    class_code: str
    audience: str
    kept: str
    objected: bool
    largest_bytes: int
    arrived: Recording | None


def before_sending(session: Session, permit: Permit[Cycle]) -> BeforeSending:
    """Gather what a teacher should know before sending."""
    cycle = permit.for_(Action.UPLOAD_CREATE)
    briefing = session.get(Briefing, cycle.id)
    alliance = session.get_one(Alliance, cycle.alliance_id)
    version = in_state(session, cycle.project_id, VersionState.IN_FORCE)
    recording = births.find_recording(session, cycle.id)
    class_code = recording.class_code if recording else (briefing.class_code if briefing else "")
    day = recording.recorded_on if recording else births.today(session, cycle.alliance_id)
    school_id = recording.school_id if recording else births.school_of(session, cycle.teacher_id)
    return BeforeSending(
        cycle_id=cycle.id,
        project_id=cycle.project_id,
        project_title=session.get_one(Project, cycle.project_id).title,
        title=briefing.title if briefing else None,
        class_code=class_code,
        audience=_audience(session, cycle, version),
        kept=_kept(session, cycle, alliance),
        objected=bool(class_code and open_objections(session, school_id, class_code, day)),
        largest_bytes=alliance.largest_bytes,
        arrived=recording if recording is not None and _has_arrived(session, recording) else None,
    )


def _audience(session: Session, cycle: Cycle, version: ProtocolVersion | None) -> str:
    if version is None:
        return NOBODY_YET
    watchers = audience_of_version(session, version, cycle.teacher_id)
    if not watchers:
        return "Nobody but you will be able to see it."
    people = listed([watcher.words for watcher in watchers])
    last = last_day(version.until_at, session=session, alliance_id=version.alliance_id)
    clause = f"named in protocol v{version.number}, until {last}"
    return f"Who will be able to watch once you press Share: {people}, {clause}. Until then only you. {NOBODY_ELSE}"


def _kept(session: Session, cycle: Cycle, alliance: Alliance) -> str:
    """Say when it goes if nothing else is chosen, and the latest day that may be chosen."""
    now, zone = this_moment(session), zone_of(session, cycle.alliance_id)
    private = said_day(births.delete_at(session, cycle, None), zone=zone, now=now)
    latest = said_day(births.latest_date(session, cycle), zone=zone, now=now)
    return (
        f"Leave it empty and it is erased after {private}. {latest} is the latest day, once you share it; "
        f"while it is yours alone, it is kept for {alliance.private_max_days} days at most."
    )


def _has_arrived(session: Session, recording: Recording) -> bool:
    found = select(Upload.id).where(
        Upload.recording_id == recording.id,
        Upload.kind == "source",  # after a small copy the full film is still awaited
        Upload.state.in_([state.value for state in ARRIVED]),
    )
    return session.scalars(found.limit(1)).one_or_none() is not None
