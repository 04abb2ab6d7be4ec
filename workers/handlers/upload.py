"""What arrived is read back and compared with what was sent, and cut to what is kept; parts that linger are let go."""

import logging
from base64 import b64encode
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path

from app import ids
from app.errors import BackrowError
from app.jobs.films import CutUpload, DropSmallCopy, VerifyUpload
from app.lessons.uploads import assembling, checking, cutting, small
from app.lessons.uploads.checking import Arrived, ExpectedPart
from app.lessons.uploads.cutting import ToCut
from video.cut import Wanted, cut
from video.errors import MediaError
from video.probe import probe
from video.storage.base import DigestDiffers, NotStored, PartToSend, StorageError
from workers.handlers.sources import sources_of
from workers.quiet import behind
from workers.registry import handles, periodic
from workers.tools import Tools

log = logging.getLogger(__name__)


@handles(VerifyUpload)
def verify_upload(job: VerifyUpload, tools: Tools) -> None:
    """Read a file back from the storage part by part; only then do we say that it is safe."""
    with tools.sessions() as session:
        arrived = checking.to_verify(session, job.upload_id)
    if arrived is None:
        return
    bad = behind(lambda: _bad_parts(arrived, tools))
    if bad:
        _ask_again(arrived, bad, tools)
        return
    with tools.sessions.begin() as session:
        checking.verified(session, arrived.upload_id)


def give_up_cut(job: CutUpload, tools: Tools, error: Exception) -> None:
    """Say on the recording that its film could not be cut; nobody can watch any of it."""
    code = error.code if isinstance(error, MediaError) else "frames_lost"
    with tools.sessions.begin() as session:
        checking.refused(session, job.upload_id, code=code)


@handles(CutUpload, given_up=give_up_cut)
def cut_upload(job: CutUpload, tools: Tools) -> None:
    """Put what its teacher keeps of a film in its place, and erase the whole one in all its versions."""
    with tools.sessions() as session:
        film = cutting.to_cut(session, job.upload_id)
    if film is None:
        return
    try:
        whole_key = film.whole_key or _cut(job, film, tools)
    except MediaError as error:
        if error.retryable:
            raise
        give_up_cut(job, tools, error)  # the film's own fault: trying again would find the same
        return
    if whole_key is not None:
        tools.storage.erase_prefix(whole_key)
        with tools.sessions.begin() as session:
            cutting.whole_is_gone(session, job.upload_id)


def _cut(job: CutUpload, film: ToCut, tools: Tools) -> str | None:
    """Cut a film; return the key under which the whole one lies, None where it is no longer wanted."""
    with tools.folder() as folder:
        with sources_of(tools).source(film.key) as source:
            kind = probe(source, jail=tools.jail, on_tick=tools.still_wanted).format
            wanted = Wanted(kind=kind, in_ms=film.in_ms, out_ms=film.out_ms)
            tools.scratch.leave_room(source.stat().st_size)
            made = cut(source, wanted, into=folder, jail=tools.jail, on_tick=tools.may_go_on)
        sources_of(tools).forget(film.key)
        key = tools.store(f"r/{film.recording_id}/{ids.new().hex}/source", made.path)
        size_bytes = made.path.stat().st_size
    with tools.sessions.begin() as session:
        whole_key = cutting.replace(session, job.upload_id, key=key, size_bytes=size_bytes)
    if whole_key is None:
        tools.storage.erase_prefix(key)
    return whole_key


@handles(DropSmallCopy)
def drop_small_copy(job: DropSmallCopy, tools: Tools) -> None:
    """Erase a small copy that nobody plays any more; what can't be erased now is swept."""
    with tools.sessions.begin() as session:
        gone = small.drop(session, job.recording_id)
    for key in gone:
        with suppress(StorageError):
            tools.storage.erase_prefix(key)


@periodic("23 * * * *")
def expire_uploads(tools: Tools, _due: datetime) -> None:
    """Let go of parts for which nothing has come for a week."""
    with tools.sessions.begin() as session:
        gone = checking.expire(session)
    for key, storage_upload_id in gone:
        with suppress(StorageError):  # what is left is swept
            tools.storage.abort_upload(key, storage_upload_id)


@periodic("* * * * *")
def assemble_uploads(tools: Tools, _due: datetime) -> None:
    """Finish uploads of which the last answer was lost between the storage and the rows."""
    with tools.sessions() as session:
        waiting = checking.half_assembled(session)
    for upload_id in waiting:
        try:
            assembling.assemble_again(tools.sessions, tools.storage, upload_id)
        except BackrowError as error:
            log.warning("upload %s could not be put together: %s", upload_id, error.code)


def _bad_parts(arrived: Arrived, tools: Tools) -> list[int]:
    stored = tools.storage.head(arrived.key)
    if stored is None:
        return [part.number for part in arrived.parts]
    bad: list[int] = []
    for part in arrived.parts:
        tools.still_wanted()
        if part.sha256 is None or _digest(arrived.key, part, tools) != part.sha256:
            bad.append(part.number)
    if not bad and stored.size_bytes != arrived.size_bytes:
        bad.append(arrived.parts[-1].number)
    return bad


def _digest(key: str, part: ExpectedPart, tools: Tools) -> str | None:
    try:
        return tools.storage.sha256_of(key, offset=part.offset, size=part.size_bytes)
    except (DigestDiffers, NotStored):
        return None


def _ask_again(arrived: Arrived, bad: list[int], tools: Tools) -> None:
    """Move the good parts into a new upload, so that only the bad ones must be sent once more."""
    key = f"r/{arrived.recording_id}/{ids.new().hex}/source"
    new_id = tools.storage.begin_upload(key, size_bytes=arrived.size_bytes, part_bytes=arrived.part_bytes)
    good = [part for part in arrived.parts if part.number not in bad]
    if good:
        with sources_of(tools).source(arrived.key) as source:
            for part in good:
                _move_part(source, part, to=(key, new_id), tools=tools)
    with tools.sessions.begin() as session:
        asked = checking.mismatch(session, arrived.upload_id, bad=bad, key=key, storage_upload_id=new_id)
    if asked:
        sources_of(tools).forget(arrived.key)
        tools.storage.erase_prefix(arrived.key)
    else:
        tools.storage.abort_upload(key, new_id)


def _move_part(source: Path, part: ExpectedPart, *, to: tuple[str, str], tools: Tools) -> None:
    tools.still_wanted()
    digest = b64encode(bytes.fromhex(part.sha256 or "")).decode()
    with source.open("rb") as file:
        file.seek(part.offset)
        body = BytesIO(file.read(part.size_bytes))
    tools.storage.put_part(*to, PartToSend(part.number, part.size_bytes, digest), body)
