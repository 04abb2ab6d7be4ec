"""What of a film's renditions a stretch of its lesson needs, as keys of storage."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lessons.media.models import Asset, Rendition, Segment
from app.lessons.media.served import awaited
from video.segments import TICKS_PER_S

_TICKS_PER_MS = TICKS_PER_S // 1000
#: A packet of sound before the first one is needed, too.
_BEFORE_TICKS = TICKS_PER_S // 10


@dataclass(frozen=True)
class Strand:
    """One rendition's objects: its init, and the segments that a stretch needs, in order."""

    init_key: str
    keys: tuple[str, ...]


def renditions_of(session: Session, asset: Asset) -> list[Rendition]:
    """List the renditions that are there."""
    asked = select(Rendition).where(Rendition.asset_id == asset.id, Rendition.init_key.is_not(None))
    hidden = awaited(session, asset)
    return [rendition for rendition in session.scalars(asked) if rendition.name not in hidden]


def strand(session: Session, rendition: Rendition, *, in_ms: int, out_ms: int) -> Strand:
    """Name what a stretch of a rendition needs."""
    keys = session.scalars(
        select(Segment.key)
        .where(
            Segment.rendition_id == rendition.id,
            Segment.start_ticks < out_ms * _TICKS_PER_MS,
            Segment.start_ticks + Segment.duration_ticks > in_ms * _TICKS_PER_MS - _BEFORE_TICKS,
        )
        .order_by(Segment.number)
    ).all()
    return Strand(init_key=rendition.init_key or "", keys=tuple(keys))
