"""Which film of a recording is served, and which of its sizes."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lessons.media.models import Asset, AssetKind, Chunk
from app.lessons.recordings.models import Recording


def served_asset(session: Session, recording: Recording) -> Asset | None:
    """Give the film that is served: the blurred copy where that was settled, else the source, else the small copy."""
    order = (AssetKind.BLURRED_COPY,) if recording.serve == "blurred" else (AssetKind.SOURCE, AssetKind.SMALL_COPY)
    found = {
        asset.kind: asset
        for asset in session.scalars(
            select(Asset).where(Asset.recording_id == recording.id, Asset.planned_at.is_not(None))
        )
    }
    return next((found[kind] for kind in order if kind in found), None)


def awaited(session: Session, asset: Asset) -> frozenset[str]:
    """Name the sizes that aren't shown yet: those that were put off, until the last piece of them is there."""
    later = asset.facts.get("later")
    if not later:
        return frozenset()
    undone = select(Chunk.id).where(Chunk.asset_id == asset.id, Chunk.kind == "best", Chunk.done_at.is_(None))
    return frozenset(later) if session.scalar(undone.limit(1)) is not None else frozenset()
