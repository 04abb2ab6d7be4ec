"""Reading the log of a recording: who watched what by which clause, and what was done with it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg.types.multirange import Multirange
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.agreements.projects.queries import Named, names_of
from app.audit.models import AuditEvent
from app.authz import Action, Permit
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.models import Recording
from video.timecode import clock_face

_RULES: Final = {"watch_named": "named in protocol v{version}", "watch_owner": "the teacher"}
_ACTS: Final = {
    "recording.created": "Begun: only you could see it",
    "recording.shared": "Shared",
    "recording.paused": "Paused",
    "recording.resumed": "Opened again",
    "recording.withdrawn": "Taken back",
    "recording.carried_over": "Brought under a newer protocol",
    "recording.blurred": "Blurred: everybody watches the blurred copy",
    "film.erased": "The film as it was before is erased",
    "recording.kept_until": "The day until which it is kept was changed",
    "recording.erasing": "Closed for good",
    "recording.erased": "Erased, with every copy",
}


@dataclass(frozen=True, kw_only=True)
class View:
    """One person's watching on one day, as the server handed it out."""

    who: Named
    first_at: datetime
    last_at: datetime
    ranges_ms: list[tuple[int, int]]
    rule: str
    #: What they took along as files.
    taken_ms: list[tuple[int, int]]

    @property
    def parts(self) -> str:
        """Say which parts: `0:00–11:02, 12:00–13:00; downloaded 1:00–2:00`."""
        seen, taken = _faces(self.ranges_ms), _faces(self.taken_ms)
        return "; ".join(said for said in (seen, f"downloaded {taken}" if taken else "") if said)


def views(session: Session, permit: Permit[Recording], *, zone: str) -> list[View]:
    """List who watched, by person and day, newest first; pieces that touch are joined. The owner's own are left out."""
    recording = permit.for_(Action.LOG_READ)
    day = func.date_trunc("day", AccessEvent.at, zone)
    stretch = func.int4range(AccessEvent.from_ms, AccessEvent.until_ms)
    rows = session.execute(
        select(
            AccessEvent.person_id,
            AccessEvent.clause,
            AccessEvent.version_number,
            func.min(AccessEvent.at),
            func.max(AccessEvent.at).label("last"),
            func.range_agg(stretch).filter(AccessEvent.what == "segment"),
            func.range_agg(stretch).filter(AccessEvent.what == "export"),
        )
        .where(
            AccessEvent.recording_id == recording.id,
            AccessEvent.what.in_(("segment", "export")),
            AccessEvent.person_id != recording.owner_id,
        )
        .group_by(AccessEvent.person_id, AccessEvent.clause, AccessEvent.version_number, day)
        .order_by(func.max(AccessEvent.at).desc())
    ).all()
    people = names_of(session, [row[0] for row in rows])
    return [
        View(
            who=people[person_id],
            first_at=first_at,
            last_at=last_at,
            ranges_ms=_joined(ranges),
            rule=_RULES.get(clause, clause).format(version=version),
            taken_ms=_joined(taken),
        )
        for person_id, clause, version, first_at, last_at, ranges, taken in rows
    ]


def acts(session: Session, permit: Permit[Recording]) -> list[AuditEvent]:
    """List what was done with a recording, oldest first."""
    recording = permit.for_(Action.LOG_READ)
    return list(
        session.scalars(
            select(AuditEvent)
            .where(AuditEvent.thing_id == recording.id, AuditEvent.what.in_(_ACTS))
            .order_by(AuditEvent.number)
        )
    )


def act_word(what: str) -> str:
    """Say an act as its teacher would."""
    return _ACTS.get(what, what)


def _faces(ranges_ms: list[tuple[int, int]]) -> str:
    return ", ".join(f"{clock_face(begin)}–{clock_face(end)}" for begin, end in ranges_ms)


def _joined(ranges: Multirange[int] | None) -> list[tuple[int, int]]:
    """Join pieces that lie less than a blink apart: a rendition's segments meet at rounded milliseconds."""
    blink_ms = 100
    joined: list[tuple[int, int]] = []
    for piece in ranges or ():
        begin, end = piece.lower or 0, piece.upper or 0
        if joined and begin - joined[-1][1] <= blink_ms:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((begin, end))
    return joined
