"""How much of a lesson can be watched: the unbroken run of what is committed, in picture and sound."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.lessons.media.models import Chunk, Rendition, Segment

_TICKS_PER_MS = 90
#: The picture is nearly all of the work.
_PICTURE_SHARE = 95


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a film has been prepared; `watchable_ms` is where its unbroken beginning ends."""

    watchable_ms: int
    percent: int
    ready: bool


def reckon(session: Session, asset_id: UUID, *, duration_ms: int) -> Progress:
    """Reckon a film's progress from its rows."""
    picture_done, picture_ms = _picture(session, asset_id)
    sound_ms = _sound_ms(session, asset_id)
    first_missing = session.scalar(
        select(func.min(Chunk.in_ms)).where(
            Chunk.asset_id == asset_id, Chunk.kind == "picture", Chunk.done_at.is_(None)
        )
    )
    heard_ms = duration_ms if sound_ms is None else sound_ms
    seen_ms = duration_ms if first_missing is None else first_missing
    ready = sound_ms is None and first_missing is None
    share = picture_done / picture_ms if picture_ms else 1
    heard = min(heard_ms / duration_ms, 1) if duration_ms else 1
    percent = 100 if ready else min(int(_PICTURE_SHARE * share + (100 - _PICTURE_SHARE) * heard), 99)
    return Progress(watchable_ms=min(seen_ms, heard_ms, duration_ms), percent=percent, ready=ready)


def _picture(session: Session, asset_id: UUID) -> tuple[int, int]:
    """Give how much of the picture's time is done, and how much there is."""
    length = Chunk.out_ms - Chunk.in_ms
    done, total = session.execute(
        select(
            func.coalesce(func.sum(length).filter(Chunk.done_at.is_not(None)), 0), func.coalesce(func.sum(length), 0)
        ).where(Chunk.asset_id == asset_id, Chunk.kind == "picture")
    ).one()
    return int(done), int(total)


def _sound_ms(session: Session, asset_id: UUID) -> int | None:
    """Say until when there is sound; None where nothing more of it is awaited."""
    awaited = session.scalar(
        select(Chunk.id).where(Chunk.asset_id == asset_id, Chunk.kind == "sound", Chunk.done_at.is_(None))
    )
    if awaited is None:
        return None
    ends = session.scalar(
        select(func.max(Segment.start_ticks + Segment.duration_ticks))
        .join(Rendition, Rendition.id == Segment.rendition_id)
        .where(Rendition.asset_id == asset_id, Rendition.kind == "sound")
    )
    return int(ends or 0) // _TICKS_PER_MS
