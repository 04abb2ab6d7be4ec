"""What arrived is read back and compared with what was sent; parts that linger are let go."""

import logging
from base64 import b64encode
from contextlib import suppress
from datetime import datetime
from io import BytesIO
from pathlib import Path

from app import ids
from app.errors import BackrowError
from app.jobs.films import VerifyUpload
from app.lessons.uploads import assembling, checking
from app.lessons.uploads.checking import Arrived, ExpectedPart
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
