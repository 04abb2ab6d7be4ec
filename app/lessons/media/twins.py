"""The same film sent again by the same teacher: what was made of it once is taken over, and nothing is encoded twice.

Only among a teacher's own recordings: that somebody else has the very same film is nobody's business, and each
recording's objects stay its own, so that erasing one leaves the other whole.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.lessons.media.models import Asset, Chunk, Rendition, Segment
from app.lessons.recordings.conditions import not_gone
from app.lessons.recordings.models import Recording


@dataclass(frozen=True, kw_only=True)
class Twin:
    """A piece of a film that was made before: its segments and the inits they need, as they lie in storage."""

    segments: tuple[tuple[str, Segment], ...]
    inits: tuple[Rendition, ...]
    partial: bool


def find(session: Session, chunk_id: UUID) -> Twin | None:
    """Find the same piece of the same film in another recording of the same teacher, made by the very same plan."""
    chunk = session.get(Chunk, chunk_id)
    if chunk is None or chunk.done_at is not None:
        return None
    asset = session.get_one(Asset, chunk.asset_id)
    if asset.digest is None:
        return None
    ours = aliased(Recording)
    found = session.execute(
        select(Chunk, Asset)
        .join(Asset, Asset.id == Chunk.asset_id)
        .join(Recording, Recording.id == Asset.recording_id)
        .join(ours, ours.id == asset.recording_id)
        .where(
            Asset.digest == asset.digest,
            Asset.id != asset.id,
            Recording.owner_id == ours.owner_id,
            Chunk.kind == chunk.kind,
            Chunk.number == chunk.number,
            Chunk.plan == chunk.plan,
            Chunk.done_at.is_not(None),
            not_gone(),
        )
        .limit(1)
    ).one_or_none()
    same = ("renditions", "later")
    if found is None or any(found.Asset.facts.get(fact) != asset.facts.get(fact) for fact in same):
        return None
    return _twin(session, found.Chunk, found.Asset)


def _twin(session: Session, chunk: Chunk, asset: Asset) -> Twin:
    rows = session.execute(
        select(Rendition, Segment)
        .join(Segment, Segment.rendition_id == Rendition.id)
        .where(Segment.chunk_id == chunk.id)
        .order_by(Rendition.id, Segment.number)
    ).all()
    return Twin(
        segments=tuple((row.Rendition.name, row.Segment) for row in rows),
        inits=tuple({row.Rendition.id: row.Rendition for row in rows}.values()),
        partial="partial" in asset.facts["notes"],
    )
