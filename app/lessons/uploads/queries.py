"""Reading how far an upload has come: the storage says what has arrived, the rows say what it should hash to."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.lessons.uploads.checking import KEPT_DAYS
from app.lessons.uploads.models import Part, Upload
from app.lessons.uploads.service import SENDABLE
from app.lessons.uploads.storage_errors import refusal
from video.storage.base import Storage, StorageError, UploadGone


@dataclass(frozen=True, kw_only=True)
class ReceivedPart:
    """One part that has arrived whole; `sha256` is the base64 that was announced for it."""

    number: int
    etag: str
    size_bytes: int
    sha256: str


def received(session: Session, upload: Upload, storage: Storage) -> list[ReceivedPart]:
    """List the parts that the storage has now; one of which nobody said what it hashes to isn't counted."""
    if upload.state not in SENDABLE:
        return []
    digests = {
        row.number: row.sha256
        for row in session.execute(select(Part.number, Part.sha256).where(Part.upload_id == upload.id))
    }
    try:
        parts = storage.parts(upload.storage_key, upload.storage_upload_id)
    except UploadGone:
        return []
    except StorageError as error:
        raise refusal(error) from error
    return [
        ReceivedPart(number=part.number, etag=part.etag, size_bytes=part.size_bytes, sha256=digests[part.number])
        for part in parts
        if part.number in digests
    ]


def expires_at(upload: Upload) -> datetime:
    """Say until when parts are kept if nothing more comes."""
    return upload.touched_at + timedelta(days=KEPT_DAYS)


def upload_of(session: Session, recording_id: UUID) -> UUID:
    """Find the latest upload of a recording, to ask the policy for it.

    Raises:
        NotFound: it has none.
    """
    found = session.scalars(
        select(Upload.id).where(Upload.recording_id == recording_id).order_by(Upload.opened_at.desc()).limit(1)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
