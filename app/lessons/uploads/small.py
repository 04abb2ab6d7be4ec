"""A small copy first: it is watched until the full film is prepared, and erased once that has taken its place.

Until then the full film stands behind it: what it finds, and how far it has come, isn't said of the recording.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session, aliased

from app.audit import record_rule
from app.lessons.media import service as media
from app.lessons.media.models import Asset, AssetKind
from app.lessons.media.served import served_asset
from app.lessons.recordings.models import Recording
from app.lessons.uploads.models import Upload, UploadState
from video.errors import say_for

_HERE = (UploadState.VERIFYING.value, UploadState.VERIFIED.value)
#: What a page says of a small copy that is watched, by how far the full film is.
_TO_SEND = "This is the small copy. The full film isn't here yet."
_COMING = "This is the small copy. The full film is here, and takes its place when it is prepared."


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is said of a small copy that is watched; `coming` where more will change by itself."""

    say: str
    coming: bool


def behind() -> ColumnElement[bool]:
    """Hold for the upload of a full film while there is a small copy before it."""
    small = aliased(Upload)
    there = exists().where(
        small.recording_id == Upload.recording_id, small.kind == AssetKind.SMALL_COPY, small.state.in_(_HERE)
    )
    return and_(Upload.kind == AssetKind.SOURCE, there)


def unplanned() -> ColumnElement[bool]:
    """Hold for an upload of which nothing is planned."""
    return ~exists().where(Asset.upload_id == Upload.id)


def is_behind(session: Session, upload: Upload) -> bool:
    """Tell whether an upload's film stands behind a small copy."""
    return session.scalar(select(Upload.id).where(Upload.id == upload.id, behind())) is not None


def take_back(session: Session, upload: Upload) -> None:
    """Forget what was planned of a full film that arrived differently; the small copy stays as it is."""
    for asset in session.scalars(select(Asset).where(Asset.upload_id == upload.id)):
        session.delete(asset)
    session.flush()


def drop(session: Session, recording_id: UUID) -> list[str]:
    """Let go of a small copy whose place the full film has taken; return what the storage is to erase after it."""
    recording = media.lock(session, recording_id)
    if recording is None:
        return []
    served = served_asset(session, recording)
    if served is None or served.kind != AssetKind.SOURCE:
        return []
    of = Upload.recording_id == recording_id
    uploads = session.scalars(
        select(Upload).where(of, Upload.kind == AssetKind.SMALL_COPY, Upload.state.in_(_HERE)).with_for_update()
    ).all()
    gone = [upload.storage_key for upload in uploads]
    for upload in uploads:
        record_rule(
            session,
            "upload.erased",
            rule="full_film_ready",
            thing_kind="upload",
            thing_id=upload.id,
            alliance_id=upload.alliance_id,
            from_state=upload.state,
        )
        session.delete(upload)
    copies = select(Asset).where(Asset.recording_id == recording_id, Asset.kind == AssetKind.SMALL_COPY)
    for asset in session.scalars(copies):
        gone.append(f"r/{recording_id}/{asset.id}")
        session.delete(asset)
    session.flush()
    return gone


def standing(session: Session, recording: Recording) -> Standing | None:
    """Say what is to be said of a small copy; None where none is watched."""
    served = served_asset(session, recording)
    if served is None or served.kind != AssetKind.SMALL_COPY:
        return None
    full = session.scalars(
        select(Upload)
        .where(Upload.recording_id == recording.id, Upload.kind == AssetKind.SOURCE)
        .order_by(Upload.opened_at.desc(), Upload.id.desc())
        .limit(1)
    ).one_or_none()
    if full is not None and full.state in _HERE:
        return Standing(say=_COMING, coming=True)
    if full is not None and full.state == UploadState.NEEDS_ATTENTION:
        return Standing(say=f"The small copy stays. {say_for(full.code or 'frames_lost')}", coming=False)
    return Standing(say=_TO_SEND, coming=False)
