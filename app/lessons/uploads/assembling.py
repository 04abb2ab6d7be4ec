"""From the last part to a film that is there: the storage puts it together, and the work on it begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app import clock, jobs
from app.agreements.cycles import service as cycles
from app.audit import record, record_rule
from app.authz import Action, Permit
from app.errors import Conflict, Gone, Invalid
from app.jobs.films import VerifyUpload
from app.lessons.media import service as media
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import births, cutting, small
from app.lessons.uploads.models import Upload, UploadState
from app.lessons.uploads.service import check_open, move, parts_total, refuse_second
from app.lessons.uploads.storage_errors import parts_missing, translated
from video.storage.base import Storage, UploadGone

_BEFORE = UploadState.COMPLETING
#: By which rule the clock finishes what a lost answer left half done.
_RULE = "answer_lost"


@dataclass(frozen=True, kw_only=True)
class ToAssemble:
    """What the storage has to put together, and how long the whole must be."""

    key: str
    storage_upload_id: str
    parts: tuple[tuple[int, str], ...]
    size_bytes: int


def completing(session: Session, permit: Permit[Upload], *, parts: Sequence[tuple[int, str]]) -> ToAssemble | None:
    """Close an upload for further parts; return what the storage is to put together, None where it has been.

    The permit must hold the row. A repeated call, also after a lost answer, gives the same.

    Raises:
        Invalid: parts are missing (`parts_missing`); the upload stays open.
        Conflict: another film of this turn arrived first (`not_open`).
        Gone: it expired.
    """
    upload = permit.for_(Action.UPLOAD_RESUME)
    if upload.state in (UploadState.VERIFYING, UploadState.VERIFIED, UploadState.NEEDS_ATTENTION):
        return None
    if upload.state != UploadState.COMPLETING:
        check_open(upload)
    named = {number for number, _ in parts}
    if missing := [number for number in range(1, parts_total(upload) + 1) if number not in named]:
        raise parts_missing(missing)
    if upload.state != UploadState.COMPLETING:
        move(session, permit, upload, UploadState.COMPLETING)
    return ToAssemble(
        key=upload.storage_key,
        storage_upload_id=upload.storage_upload_id,
        parts=tuple(sorted(parts)),
        size_bytes=upload.size_bytes,
    )


def verifying(session: Session, permit: Permit[Upload]) -> Upload:
    """Take over what the storage has put together: reading it back and looking into it are jobs of this transaction.

    Raises:
        Conflict: another film of this turn arrived meanwhile (`not_open`).
    """
    upload = permit.for_(Action.UPLOAD_RESUME)
    if upload.state == UploadState.COMPLETING:
        recording = _begin_work(session, upload)
        record(session, permit, "upload.verifying", about=upload, from_state=_BEFORE, to_state=upload.state)
        cycles.recorded(session, permit, cycle_id=recording.cycle_id)
    return upload


def assemble(storage: Storage, whole: ToAssemble) -> None:
    """Have the storage put a film together; repeated, it gives the same answer.

    Raises:
        BackrowError: `parts_missing` or `hash_differs` (the upload must be opened again), `expired`, `storage_away`.
    """
    with translated():
        storage.complete_upload(whole.key, whole.storage_upload_id, whole.parts, size_bytes=whole.size_bytes)


def assemble_again(sessions: sessionmaker[Session], storage: Storage, upload_id: UUID) -> None:
    """Finish an upload whose last answer was lost; what the storage has decides how.

    Raises:
        BackrowError: the storage doesn't answer; nothing was changed, and the clock comes back to it.
    """
    with sessions() as session:
        upload = session.get_one(Upload, upload_id)
        key, storage_id, size_bytes = upload.storage_key, upload.storage_upload_id, upload.size_bytes
    try:
        parts = tuple((part.number, part.etag) for part in storage.parts(key, storage_id))
    except UploadGone:
        parts = ()  # it may be whole already: then the storage says so, whatever parts are named
    try:
        assemble(storage, ToAssemble(key=key, storage_upload_id=storage_id, parts=parts, size_bytes=size_bytes))
        whole = UploadState.VERIFYING
    except (Invalid, Conflict):
        whole = UploadState.OPEN
    except Gone:
        whole = UploadState.EXPIRED
    with sessions.begin() as session:
        _settle(session, upload_id, whole)


def _settle(session: Session, upload_id: UUID, state: UploadState) -> None:
    upload = session.get_one(Upload, upload_id, with_for_update=True)
    if upload.state != UploadState.COMPLETING or media.lock(session, upload.recording_id) is None:
        return
    if state == UploadState.VERIFYING:
        recording = _begin_work(session, upload)
        cycles.recorded(session, _RULE, cycle_id=recording.cycle_id)
    else:
        upload.state, upload.touched_at = state, clock.now()
        session.flush()
    record_rule(
        session,
        f"upload.{state}",
        rule=_RULE,
        thing_kind="upload",
        thing_id=upload.id,
        alliance_id=upload.alliance_id,
        from_state=_BEFORE,
        to_state=state,
    )


def _begin_work(session: Session, upload: Upload) -> Recording:
    """Have a film that has arrived read back and prepared; a former one of the same lesson makes room for it."""
    recording = session.get_one(Recording, upload.recording_id)
    session.refresh(recording, with_for_update=True)
    refuse_second(session, recording, kind=upload.kind, besides=upload.id)
    upload.state, upload.code = UploadState.VERIFYING, None
    upload.completed_at = clock.now()
    if not small.is_behind(session, upload):
        for former in session.scalars(
            select(Upload).where(
                Upload.recording_id == recording.id, Upload.id != upload.id, Upload.state == UploadState.NEEDS_ATTENTION
            )
        ):
            former.state = UploadState.ERASED  # its bytes are swept
        births.name_after_briefing(session, recording)
        recording.verified_at = None
        media.forget(session, recording)
        media.move(session, recording, MediaState.PROBING)
    session.flush()
    cutting.look_into(session, upload, recording)
    jobs.enqueue(session, VerifyUpload(upload.id))
    return recording


def reopen(session: Session, permit: Permit[Upload]) -> None:
    """Take further parts again: the storage couldn't put together what was there."""
    upload = permit.for_(Action.UPLOAD_RESUME)
    if upload.state == UploadState.COMPLETING:
        move(session, permit, upload, UploadState.OPEN)
