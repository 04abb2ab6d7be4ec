"""A full film that takes the place of the small copy before it: at once, and only when all of it is prepared."""

from datetime import timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, jobs
from app.jobs.films import DropSmallCopy, MakeSoundStrip, MakeStoryboard
from app.lessons.media.models import Asset, AssetKind, Chunk
from app.lessons.media.progress import reckon
from app.lessons.recordings.models import Recording
from app.notify import service as notify

#: Whoever watches the small copy plays on from it until their page hears of the full film.
_PLAYED_OUT_S: Final = 3600


def stands_behind(session: Session, asset: Asset) -> bool:
    """Tell whether a film is a full one with a small copy before it."""
    copy = select(Asset.id).where(Asset.recording_id == asset.recording_id, Asset.kind == AssetKind.SMALL_COPY)
    return asset.kind == AssetKind.SOURCE and session.scalars(copy).one_or_none() is not None


def take_over(session: Session, recording: Recording, asset: Asset, *, shows_anything: bool) -> bool:
    """Let a full film be what is watched once nothing of it is missing; the caller holds the recording's row.

    Returns:
        True where it is; False where more of it is to be made, or none of it could be read: the small copy stays.
    """
    lasts_ms = session.scalar(select(func.max(Chunk.out_ms)).where(Chunk.asset_id == asset.id)) or 0
    if not reckon(session, asset.id, duration_ms=lasts_ms).ready:
        return False
    if not shows_anything:
        notify.tell(session, [recording.owner_id], "recording.needs_attention", recording.id)
        session.delete(asset)
        session.flush()
        return False
    recording.duration_ms = recording.watchable_ms = lasts_ms
    recording.prepared_percent = 100
    session.flush()
    jobs.enqueue(session, MakeStoryboard(asset.id))
    jobs.enqueue(session, MakeSoundStrip(asset.id))
    later = clock.machine_now() + timedelta(seconds=_PLAYED_OUT_S)
    jobs.enqueue(session, DropSmallCopy(recording.id), schedule_at=later)
    return True
