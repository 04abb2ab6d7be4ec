"""Which film of a recording is served."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lessons.media.models import Asset, AssetKind
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
