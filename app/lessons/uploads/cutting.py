"""Cutting a film on arrival: the stretch that its teacher keeps takes its place, and the whole one is erased.

Until every version of the whole film is gone, nothing of it is looked into, planned or served, to nobody: not to its
teacher, either. It is read back before it is cut, since what was sent is then there to be compared no more.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from app import clock, jobs
from app.audit import record_rule
from app.jobs.films import CutUpload
from app.lessons.media import service as media
from app.lessons.media import turns
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import small
from app.lessons.uploads.models import Upload, UploadState


@dataclass(frozen=True, kw_only=True)
class ToCut:
    """A film to be cut; where `whole_key` is set, it has been, and what lies there is still to be erased."""

    recording_id: UUID
    key: str
    in_ms: int
    out_ms: int
    whole_key: str | None


def look_into(session: Session, upload: Upload, recording: Recording) -> None:
    """Have a film looked into; one that is to be cut is cut before, once it has been read back."""
    if not upload.to_be_cut:
        turns.line_up(session, upload.id, recording)
    elif upload.verified_at is not None:
        jobs.enqueue(session, CutUpload(upload.id))


def to_cut(session: Session, upload_id: UUID) -> ToCut | None:
    """Say what is to be cut; None where that has been done, or is no longer wanted."""
    upload = session.get(Upload, upload_id)
    if upload is None or not _wanted(session, upload):
        return None
    return ToCut(
        recording_id=upload.recording_id,
        key=upload.storage_key,
        in_ms=upload.trim_in_ms or 0,
        out_ms=upload.trim_out_ms or 0,
        whole_key=upload.whole_key,
    )


def replace(session: Session, upload_id: UUID, *, key: str, size_bytes: int) -> str | None:
    """Let the cut film take the whole one's place; return the key of what is to be erased now.

    Returns:
        None where it is no longer wanted, or another run was faster: then the cut film is nobody's.
    """
    upload = _held(session, upload_id)
    if upload is None or upload.whole_key is not None:
        return None
    upload.whole_key, upload.storage_key, upload.cut_bytes = upload.storage_key, key, size_bytes
    session.flush()
    return upload.whole_key


def whole_is_gone(session: Session, upload_id: UUID) -> None:
    """Note that nothing of the whole film is left, and have the cut one looked into."""
    upload = _held(session, upload_id)
    if upload is None or upload.whole_key is None:
        return
    upload.whole_key, upload.cut_at = None, session.scalars(select(clock.now())).one()
    session.flush()
    record_rule(
        session,
        "upload.cut",
        rule="cut_on_arrival",
        thing_kind="upload",
        thing_id=upload.id,
        alliance_id=upload.alliance_id,
    )
    look_into(session, upload, session.get_one(Recording, upload.recording_id))


def being_cut(session: Session, recording_id: UUID) -> bool:
    """Tell whether a recording waits for its film to be cut."""
    return bool(
        session.scalar(
            select(
                exists().where(
                    Upload.recording_id == recording_id,
                    Upload.cut_in_browser.is_(False),
                    Upload.cut_at.is_(None),
                    Upload.state.in_((UploadState.VERIFYING.value, UploadState.VERIFIED.value)),
                )
            )
        )
    )


def _held(session: Session, upload_id: UUID) -> Upload | None:
    """Hold the rows of an upload that is to be cut, and of its recording; None where it is no longer wanted."""
    upload = session.scalars(
        select(Upload).where(Upload.id == upload_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()
    if upload is None or media.lock(session, upload.recording_id) is None or not _wanted(session, upload):
        return None
    return upload


def _wanted(session: Session, upload: Upload) -> bool:
    recording = session.get_one(Recording, upload.recording_id)
    if not upload.to_be_cut or upload.state != UploadState.VERIFIED:
        return False
    return recording.media_state == MediaState.PROBING or small.is_behind(session, upload)
