"""Handing out a lesson: each playlist and segment with its row in the log, or not at all."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.agreements.protocols.models import ProtocolVersion
from app.authz import Action, Permit
from app.errors import Invalid
from app.lessons.media.models import Segment
from app.lessons.playback.models import AccessEvent, Place
from app.lessons.recordings.models import Recording
from video.segments import TICKS_PER_S

#: A stretch said to have been played is at most this long: the player says so every ten seconds.
LONGEST_STRETCH_MS = 60_000


def hand_out(  # noqa: PLR0913 - each is a column of the log, and all are named
    session: Session,
    permit: Permit[Recording],
    *,
    what: str,
    segment: Segment | None = None,
    rendition: str | None = None,
    from_ms: int | None = None,
    until_ms: int | None = None,
) -> None:
    """Write down that somebody is handed a playlist, a segment or a poster: in the transaction that hands it out."""
    recording = permit.for_(Action.REC_WATCH)
    if segment is not None:
        from_ms = segment.start_ticks * 1000 // TICKS_PER_S
        until_ms = (segment.start_ticks + segment.duration_ticks) * 1000 // TICKS_PER_S
    session.add(
        AccessEvent(
            alliance_id=recording.alliance_id,
            recording_id=recording.id,
            person_id=permit.actor.person_id,
            what=what,
            clause=permit.clause,
            version_number=None if permit.clause == "watch_owner" else _version_number(session, recording),
            from_ms=from_ms,
            until_ms=until_ms,
            rendition=rendition,
        )
    )
    session.flush()


def keep_place(session: Session, permit: Permit[Recording], *, from_ms: int, until_ms: int) -> None:
    """Remember where somebody left off, and how much they have played.

    Raises:
        Invalid: the stretch runs backwards, or lies outside the lesson (`outside_lesson`).
    """
    recording = permit.for_(Action.REC_WATCH)
    if not 0 <= from_ms <= until_ms or until_ms > (recording.duration_ms or 0) + LONGEST_STRETCH_MS:
        raise Invalid("outside_lesson", "That stretch is not in this lesson.")
    played_ms = min(until_ms - from_ms, LONGEST_STRETCH_MS)
    row = insert(Place).values(
        recording_id=recording.id,
        person_id=permit.actor.person_id,
        alliance_id=recording.alliance_id,
        at_ms=until_ms,
        played_ms=played_ms,
        seen_at=clock.now(),
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Place.recording_id, Place.person_id],
            set_={"at_ms": until_ms, "played_ms": Place.played_ms + played_ms, "seen_at": clock.now()},
        )
    )


def _version_number(session: Session, recording: Recording) -> int | None:
    bound: UUID | None = recording.bound_version_id
    return session.scalar(select(ProtocolVersion.number).where(ProtocolVersion.id == bound))
