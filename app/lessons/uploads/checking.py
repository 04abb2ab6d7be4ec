"""What workers and the clock do with uploads: compare what arrived with what was sent, and let go of what lingers."""

import hashlib
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app import clock, jobs
from app.agreements.cycles import service as cycles
from app.audit import record_rule
from app.jobs.films import VerifyUpload
from app.lessons.media import service as media
from app.lessons.media.service import Film
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import cutting, small
from app.lessons.uploads.models import Part, Upload, UploadState
from app.notify import service as notify
from app.people.alliances.models import Alliance

KEPT_DAYS = 7
#: Parts wait for their file so long that somebody forgot it: the states in which nothing but the clock ends them.
_WAITING = (UploadState.OPEN, UploadState.MISMATCH)
#: All bytes are there; what looking into them found doesn't change that.
_READABLE = (UploadState.VERIFYING, UploadState.NEEDS_ATTENTION)


@dataclass(frozen=True, kw_only=True)
class ExpectedPart:
    """One stretch of a file, and what its bytes hash to (hex)."""

    number: int
    offset: int
    size_bytes: int
    sha256: str | None


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A file that the storage has put together, and what was said about it when it was sent."""

    upload_id: UUID
    recording_id: UUID
    key: str
    size_bytes: int
    part_bytes: int
    parts: tuple[ExpectedPart, ...]


def to_verify(session: Session, upload_id: UUID) -> Arrived | None:
    """Say what is to be read back; None where that has been done, or is no longer wanted."""
    upload = session.get(Upload, upload_id)
    if upload is None or upload.verified_at is not None or upload.state not in _READABLE:
        return None
    digests = {
        number: b64decode(sha256).hex()
        for number, sha256 in session.execute(select(Part.number, Part.sha256).where(Part.upload_id == upload_id))
    }
    total = -(-upload.size_bytes // upload.part_bytes)
    parts = tuple(
        ExpectedPart(
            number=number,
            offset=(number - 1) * upload.part_bytes,
            size_bytes=min(upload.part_bytes, upload.size_bytes - (number - 1) * upload.part_bytes),
            sha256=digests.get(number),
        )
        for number in range(1, total + 1)
    )
    return Arrived(
        upload_id=upload.id,
        recording_id=upload.recording_id,
        key=upload.storage_key,
        size_bytes=upload.size_bytes,
        part_bytes=upload.part_bytes,
        parts=parts,
    )


def verified(session: Session, upload_id: UUID) -> None:
    """Note that what arrived is what was sent: from here on it may be shared."""
    upload = _locked(session, upload_id)
    if upload is None or upload.verified_at is not None or upload.state not in _READABLE:
        return
    now = session.scalars(select(clock.now())).one()
    upload.verified_at = now
    session.execute(update(Part).where(Part.upload_id == upload.id).values(verified_at=now))
    session.execute(update(Recording).where(Recording.id == upload.recording_id).values(verified_at=now))
    if upload.state == UploadState.VERIFYING:
        _move(session, upload, UploadState.VERIFIED, rule="read_back")
        if upload.to_be_cut:
            cutting.look_into(session, upload, session.get_one(Recording, upload.recording_id))


def mismatch(session: Session, upload_id: UUID, *, bad: Sequence[int], key: str, storage_upload_id: str) -> bool:
    """Ask for the bad parts again, for those alone: the good ones lie in a new upload already.

    Returns:
        False where it is no longer wanted: then the new upload is nobody's.
    """
    upload = _locked(session, upload_id)
    if upload is None or upload.verified_at is not None or upload.state not in _READABLE:
        return False
    stood_behind = small.is_behind(session, upload)
    upload.storage_key, upload.storage_upload_id = key, storage_upload_id
    upload.code = "hash_differs"
    upload.touched_at = clock.now()
    session.execute(delete(Part).where(Part.upload_id == upload.id, Part.number.in_(bad)))
    _move(session, upload, UploadState.MISMATCH, rule="read_back")
    recording = media.lock(session, upload.recording_id)
    if recording is not None:
        if stood_behind:
            small.take_back(session, upload)
        else:
            media.forget(session, recording)
            media.move(session, recording, MediaState.WAITING)
        notify.tell(session, [recording.owner_id], "upload.mismatch", recording.id)
    return True


def to_probe(session: Session, upload_id: UUID) -> Film | None:
    """Say which film is to be looked into; None where that has been done, is no longer wanted, or it is cut first."""
    upload = session.get(Upload, upload_id)
    if upload is None or upload.to_be_cut or upload.state not in (UploadState.VERIFYING, UploadState.VERIFIED):
        return None
    recording = session.get_one(Recording, upload.recording_id)
    stands_behind = small.is_behind(session, upload)
    if not stands_behind and recording.media_state != MediaState.PROBING:
        return None
    return Film(
        kind=upload.kind,
        behind=stands_behind,
        recording_id=recording.id,
        upload_id=upload.id,
        source_key=upload.storage_key,
        size_bytes=upload.size_bytes if upload.cut_bytes is None else upload.cut_bytes,
        digest=_digest(session, upload),
    )


def longest_ms(session: Session, upload_id: UUID) -> int:
    """Say how long a lesson may last in the alliance of an upload."""
    minutes = session.scalar(
        select(Alliance.longest_min)
        .join(Recording, Recording.alliance_id == Alliance.id)
        .join(Upload, Upload.recording_id == Recording.id)
        .where(Upload.id == upload_id)
    )
    return (minutes or 0) * 60_000


def refused(session: Session, upload_id: UUID, *, code: str) -> None:
    """Note that a film can't be prepared, and why; its teacher decides what happens next."""
    upload = _locked(session, upload_id)
    if upload is None or upload.state not in (UploadState.VERIFYING, UploadState.VERIFIED):
        return
    recording = media.lock(session, upload.recording_id)
    if recording is None:
        return
    if small.is_behind(session, upload):
        upload.code = code
        _move(session, upload, UploadState.NEEDS_ATTENTION, rule=code)
        notify.tell(session, [recording.owner_id], "recording.needs_attention", recording.id)
        return
    if recording.media_state != MediaState.PROBING:
        return
    upload.code = code
    _move(session, upload, UploadState.NEEDS_ATTENTION, rule=code)
    media.move(session, recording, MediaState.NEEDS_ATTENTION, code=code)
    cycles.not_recorded(session, code, cycle_id=recording.cycle_id)


def half_assembled(session: Session) -> list[UUID]:
    """List uploads whose last answer was lost on the way: the storage may have put them together, or not."""
    return list(
        session.scalars(
            select(Upload.id).where(
                Upload.state == UploadState.COMPLETING, Upload.touched_at < clock.now() - timedelta(minutes=1)
            )
        )
    )


def expire(session: Session) -> list[tuple[str, str]]:
    """Let go of uploads for which nothing came for a week; return what the storage is to forget after the commit."""
    lingering = session.scalars(
        select(Upload)
        .where(
            Upload.state.in_([state.value for state in _WAITING]),
            Upload.touched_at < clock.now() - timedelta(days=KEPT_DAYS),
        )
        .with_for_update(skip_locked=True)
    ).all()
    for upload in lingering:
        _move(session, upload, UploadState.EXPIRED, rule="seven_days")
    return [(upload.storage_key, upload.storage_upload_id) for upload in lingering]


def again(session: Session, upload: Upload, recording: Recording) -> None:
    """Look into a film once more; the caller holds both rows."""
    upload.code = None
    checked = upload.verified_at is not None
    _move(session, upload, UploadState.VERIFIED if checked else UploadState.VERIFYING, rule="own_upload")
    media.move(session, recording, MediaState.PROBING)
    cutting.look_into(session, upload, recording)
    if not checked:
        jobs.enqueue(session, VerifyUpload(upload.id))


def _digest(session: Session, upload: Upload) -> str:
    """Give what is the same for the same file, by what its sender said of its parts: a read-back finds who lied."""
    digests = session.scalars(select(Part.sha256).where(Part.upload_id == upload.id).order_by(Part.number))
    said = [str(upload.size_bytes), str(upload.part_bytes), *digests]
    if upload.cut_in_browser is False:
        said.append(f"cut on arrival from {upload.trim_in_ms} to {upload.trim_out_ms}")
    return hashlib.sha256(" ".join(said).encode()).hexdigest()


def _locked(session: Session, upload_id: UUID) -> Upload | None:
    return session.scalars(
        select(Upload).where(Upload.id == upload_id).with_for_update().execution_options(populate_existing=True)
    ).one_or_none()


def _move(session: Session, upload: Upload, state: UploadState, *, rule: str) -> None:
    former, upload.state = upload.state, state
    session.flush()
    record_rule(
        session,
        f"upload.{state}",
        rule=rule,
        thing_kind="upload",
        thing_id=upload.id,
        alliance_id=upload.alliance_id,
        from_state=former,
        to_state=state,
    )
