"""Sending a film: one upload in parts, which can stop and go on at any time. Storage is the truth of what is there."""

from collections.abc import Sequence
from contextlib import suppress
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock, ids
from app.agreements.cycles.models import Cycle
from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict, Gone, Invalid
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import births
from app.lessons.uploads.models import Part, Upload, UploadState
from app.lessons.uploads.storage_errors import translated
from app.lessons.uploads.wish import Trim, Wish, checked, plain_mime
from app.people.alliances.models import Alliance
from video.storage.base import PartToSend, SignedPart, Storage, StorageError

URLS_AT_ONCE = 8
PART_URL_S = 15 * 60
SENDABLE = (UploadState.OPEN, UploadState.MISMATCH)
ARRIVED = (UploadState.COMPLETING, UploadState.VERIFYING, UploadState.VERIFIED)
_OVER = (UploadState.EXPIRED, UploadState.ERASED)
_EXPIRED = "We kept your parts for 7 days. Send it again; it starts from the beginning."


def begin(session: Session, permit: Permit[Cycle], *, wish: Wish, storage: Storage) -> tuple[Upload, bool]:
    """Open an upload, or find the one that the same file was being sent by; return it, and whether it is new.

    Raises:
        Invalid: the file or the dates can't be taken; nothing was kept.
        Conflict: this turn has its lesson already (`not_open`).
        StorageFull: there is no room for it; nothing was kept.
    """
    cycle = permit.for_(Action.UPLOAD_CREATE)
    check(session, cycle.alliance_id, wish)
    session.refresh(cycle, with_for_update=True)
    recording = births.find_recording(session, cycle.id)
    if recording is not None:
        found = _find_same(session, recording.id, wish)
        if found is None:
            refuse_second(session, recording, kind=wish.kind)
        if (found is None or found.state in SENDABLE) and not _any_arrived(session, recording):
            births.describe_again(session, cycle, recording, wish=wish)
        if found is not None:
            found.touched_at = clock.now()
            session.flush()
            return found, False
    else:
        recording = births.bear(session, permit, wish=wish)
    return _open(session, permit, recording, wish=wish, storage=storage), True


def addresses(
    session: Session, permit: Permit[Upload], *, parts: Sequence[tuple[int, str]], storage: Storage
) -> list[SignedPart]:
    """Keep what the parts named will hash to, and sign an address for each, good for a quarter of an hour.

    Args:
        session: the act's own.
        permit: to go on with the upload.
        parts: each part's number and the base64 of its SHA-256.
        storage: where they go.

    Raises:
        Invalid: too many at once, or no such part (`parts_refused`).
        Conflict: nothing more is awaited (`not_open`).
    """
    upload = permit.for_(Action.UPLOAD_RESUME)
    check_open(upload)
    if not 1 <= len(parts) <= URLS_AT_ONCE:
        raise Invalid(
            "parts_refused", f"Ask for 1 to {URLS_AT_ONCE} parts at a time.", fields={"parts": "Ask for fewer."}
        )
    to_send = [part_to_send(upload, number, sha256) for number, sha256 in parts]
    expect(session, upload, to_send)
    with translated():
        return [
            storage.part_address(upload.storage_key, upload.storage_upload_id, part, expires_s=PART_URL_S)
            for part in to_send
        ]


def part_to_send(upload: Upload, number: int, sha256: str) -> PartToSend:
    """Describe one part of an upload.

    Raises:
        Invalid: it has no such part, or that is no digest (`parts_refused`).
    """
    say = f"Part {number} can't be sent like that."
    if not 1 <= number <= parts_total(upload):
        raise Invalid("parts_refused", say, fields={"parts": say})
    try:
        return PartToSend(number, size_of_part(upload, number), sha256)
    except ValueError as error:
        raise Invalid("parts_refused", say, fields={"parts": say}) from error


def expect(session: Session, upload: Upload, parts: Sequence[PartToSend]) -> None:
    """Keep what parts will hash to; a part that is sent again, with other bytes, replaces the former."""
    for part in parts:
        wanted = insert(Part).values(
            upload_id=upload.id,
            number=part.number,
            alliance_id=upload.alliance_id,
            sha256=part.sha256_b64,
            size_bytes=part.size_bytes,
        )
        session.execute(
            wanted.on_conflict_do_update(
                index_elements=[Part.upload_id, Part.number],
                set_={"sha256": wanted.excluded.sha256, "size_bytes": wanted.excluded.size_bytes, "verified_at": None},
            )
        )
    upload.touched_at = clock.now()
    session.flush()


def take_back(session: Session, permit: Permit[Upload]) -> tuple[str, str]:
    """Give up an upload that isn't complete; return key and storage's id of what is to be erased after the commit.

    Repeating it is harmless.

    Raises:
        Conflict: all of it has arrived (`not_open`): then erasing the recording is the way.
    """
    upload = permit.for_(Action.UPLOAD_RESUME)
    if upload.state in ARRIVED:
        raise Conflict("not_open", "This one has already arrived. To take it back, erase the recording.")
    if upload.state not in _OVER:
        move(session, permit, upload, UploadState.ERASED)
    return upload.storage_key, upload.storage_upload_id


def erase_parts(storage: Storage, key: str, storage_upload_id: str) -> None:
    """Have the parts of an upload that was given up erased; what can't be erased now is swept."""
    with suppress(StorageError):
        storage.abort_upload(key, storage_upload_id)


def check_kept(upload: Upload) -> None:
    """Refuse an upload whose parts are gone.

    Raises:
        Gone: it expired, or was taken back.
    """
    if upload.state in _OVER:
        raise Gone("expired", _EXPIRED)


def check_open(upload: Upload) -> None:
    """Refuse unless parts are awaited.

    Raises:
        Gone: it expired, or was taken back.
        Conflict: all of it is there (`not_open`).
    """
    check_kept(upload)
    if upload.state not in SENDABLE:
        raise Conflict("not_open", "This one has already arrived. Open it on your lessons' page.")


def refuse_second(session: Session, recording: Recording, *, kind: str, besides: UUID | None = None) -> None:
    """Refuse a second film for a lesson, unless the first can't be used; a full one may follow a small copy.

    Raises:
        Conflict: the lesson has its film (`not_open`).
    """
    if recording.media_state == MediaState.NEEDS_ATTENTION:
        return
    others = _arrived(recording).where(Upload.id != besides) if besides else _arrived(recording)
    if kind == "source":
        others = others.where(Upload.kind == "source")
    if session.scalars(others.limit(1)).one_or_none() is not None:
        raise Conflict("not_open", "This turn has its lesson already. Open it; to send another film, erase it first.")


def _arrived(recording: Recording) -> Select[UUID]:
    return select(Upload.id).where(
        Upload.recording_id == recording.id, Upload.state.in_([state.value for state in ARRIVED])
    )


def _any_arrived(session: Session, recording: Recording) -> bool:
    return session.scalars(_arrived(recording).limit(1)).one_or_none() is not None


def parts_total(upload: Upload) -> int:
    """Say in how many parts a file is sent."""
    return -(-upload.size_bytes // upload.part_bytes)


def size_of_part(upload: Upload, number: int) -> int:
    """Say how long a part is; the last may be shorter."""
    return min(upload.part_bytes, upload.size_bytes - (number - 1) * upload.part_bytes)


def _open(session: Session, permit: Permit[Cycle], recording: Recording, *, wish: Wish, storage: Storage) -> Upload:
    # A new name each time, which says nothing about the lesson or the file.
    key = f"r/{recording.id}/{ids.new().hex}/source"
    with translated():
        storage_upload_id = storage.begin_upload(key, size_bytes=wish.size_bytes, part_bytes=wish.part_bytes)
    upload = Upload(
        alliance_id=recording.alliance_id,
        recording_id=recording.id,
        kind=wish.kind,
        name=wish.name,
        size_bytes=wish.size_bytes,
        mime=plain_mime(wish.mime),
        fingerprint=wish.fingerprint,
        part_bytes=wish.part_bytes,
        storage_key=key,
        storage_upload_id=storage_upload_id,
        trim_in_ms=wish.trim.in_ms if wish.trim else None,
        trim_out_ms=wish.trim.out_ms if wish.trim else None,
        cut_in_browser=wish.trim.cut_in_browser if wish.trim else None,
    )
    session.add(upload)
    session.flush()
    record(session, permit, "upload.opened", about=upload, to_state=upload.state)
    return upload


def _find_same(session: Session, recording_id: UUID, wish: Wish) -> Upload | None:
    return session.scalars(
        select(Upload)
        .where(
            Upload.recording_id == recording_id,
            Upload.kind == wish.kind,
            Upload.fingerprint == wish.fingerprint,
            Upload.size_bytes == wish.size_bytes,
            *_same_trim(wish.trim),
            Upload.state.not_in([state.value for state in _OVER]),
        )
        .order_by(Upload.opened_at.desc(), Upload.id.desc())
        .limit(1)
    ).one_or_none()


def _same_trim(trim: Trim | None) -> tuple[ColumnElement[bool], ...]:
    if trim is None:
        return (Upload.trim_in_ms.is_(None),)
    return (
        Upload.trim_in_ms == trim.in_ms,
        Upload.trim_out_ms == trim.out_ms,
        Upload.cut_in_browser.is_(trim.cut_in_browser),
    )


def check(session: Session, alliance_id: UUID, wish: Wish) -> None:
    """Check that a film can be taken, before anything is kept for it.

    Raises:
        Invalid: its name, its size or what is said about it.
    """
    checked(wish)
    most = session.get_one(Alliance, alliance_id).largest_bytes
    if wish.size_bytes > most:
        say = (
            f"This is {_size(wish.size_bytes)} and your alliance takes {_size(most)}. "
            "Trim it first; ten minutes is plenty."
        )
        raise Invalid("file_too_big", say, fields={"size_bytes": say})


def _size(size_bytes: int) -> str:
    return f"{size_bytes / 1e9:.1f} GB" if size_bytes >= 1e9 else f"{size_bytes / 1e6:.0f} MB"  # noqa: PLR2004 - decimal units, as shops count


def move(session: Session, permit: Permit[Upload], upload: Upload, state: UploadState) -> None:
    """Say how far an upload has come, by a person's act."""
    former, upload.state = upload.state, state
    upload.touched_at = clock.now()
    session.flush()
    record(session, permit, f"upload.{state}", about=upload, from_state=former, to_state=state)
