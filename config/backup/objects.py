"""Objects on their way out of a storage and back: each copied once, each compared with its hash."""

import hashlib
import os
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Final

from app.errors import Conflict
from config.backup.folder import Folder
from config.backup.manifest import Copied, damaged, line_of, sha256_of
from config.backup.rows import Named
from video.storage import disk
from video.storage.base import PartToSend, Storage, StorageError

# Small pieces over a line: several at once, so that none waits for the answer to another.
_AT_ONCE: Final = 4
_BATCH: Final = 64
# S3 takes 5 GB at most in one piece; a part is held in memory.
_WHOLE_BYTES: Final = 64 * 1024 * 1024


@dataclass
class Fetched:
    """What came of copying: the list's hash, how many bytes it stands for, and what was no longer there."""

    objects: int = 0
    size_bytes: int = 0
    new: int = 0
    gone: list[str] = field(default_factory=list)


def to_copy(folder: Folder, named: Iterable[Named], known: dict[str, Copied]) -> tuple[list[Copied], list[Named]]:
    """Part what rows name into what the folder has already, whole as far as its size tells, and what it lacks."""
    there: list[Copied] = []
    lacking: list[Named] = []
    for each in sorted(named, key=lambda each: each.key):
        copied, file = known.get(each.key), folder.objects / each.key
        if copied and file.is_file() and file.stat().st_size == copied.size_bytes:
            there.append(copied)
        else:
            lacking.append(each)
    return there, lacking


def fetch(
    storage: Storage, folder: Folder, lacking: list[Named], *, into: Path, say: Callable[[int], None]
) -> Iterator[Copied | Named]:
    """Copy what is lacking; each is written down as it comes, so that a backup broken off wasn't for nothing.

    Gives what was copied, or what is no longer there. An object has its name in the folder once it is synced.
    """
    with into.open("ab") as lines, ThreadPoolExecutor(_AT_ONCE) as hands:
        work = iter(lacking)
        while batch := list(islice(work, _BATCH)):
            for came in hands.map(partial(_fetch, storage, folder), batch):
                if isinstance(came, Copied):
                    lines.write(line_of(came))
                    say(came.size_bytes)
                yield came
            lines.flush()
        os.fsync(lines.fileno())


def check(folder: Folder, wanted: Iterable[Copied], *, say: Callable[[int], None]) -> None:
    """Compare every object with its hash.

    Raises:
        Conflict: one is missing or isn't as it was copied; names it.
    """
    for each in wanted:
        file = folder.objects / each.key
        if not file.is_file() or file.stat().st_size != each.size_bytes or sha256_of(file) != each.sha256:
            raise damaged(file)
        say(each.size_bytes)


def send(storage: Storage, folder: Folder, wanted: Iterable[Copied], *, say: Callable[[int], None]) -> int:
    """Put objects back; what an earlier attempt has put is compared and left. Return how many.

    Raises:
        Conflict: something else lies there under the same key.
    """
    sent = 0
    with ThreadPoolExecutor(_AT_ONCE) as hands:
        work = iter(wanted)
        while batch := list(islice(work, _BATCH)):
            for size_bytes in hands.map(partial(_send, storage, folder), batch):
                sent += 1
                say(size_bytes)
    return sent


def _fetch(storage: Storage, folder: Folder, named: Named) -> Copied | Named:
    new, goal = folder.incoming / secrets.token_hex(12), folder.objects / named.key
    try:
        storage.fetch(named.key, new)
    except StorageError:
        if storage.head(named.key) is not None:
            raise
        return named  # erased before we came to it, or while we read
    copied = Copied(named.key, new.stat().st_size, sha256_of(new))
    with new.open("rb") as opened:
        os.fsync(opened.fileno())
    new.chmod(0o600)
    disk.make_folder(goal.parent)
    new.replace(goal)
    disk.sync_folder(goal.parent)
    return copied


def _send(storage: Storage, folder: Folder, copied: Copied) -> int:
    if (there := storage.head(copied.key)) is not None:
        if there.size_bytes != copied.size_bytes or storage.sha256_of(copied.key) != copied.sha256:
            say = f"Something else is stored under {copied.key} already. Restore into an empty storage."
            raise Conflict("not_empty", say)
    elif copied.size_bytes > _WHOLE_BYTES:
        _send_in_parts(storage, folder.objects / copied.key, copied)
    else:
        storage.put(copied.key, folder.objects / copied.key, sha256=copied.sha256)
    return copied.size_bytes


def _send_in_parts(storage: Storage, file: Path, copied: Copied) -> None:
    upload = storage.begin_upload(copied.key, size_bytes=copied.size_bytes, part_bytes=_WHOLE_BYTES)
    done: list[tuple[int, str]] = []
    with file.open("rb") as opened:
        while block := opened.read(_WHOLE_BYTES):
            digest = b64encode(hashlib.sha256(block).digest()).decode()
            part = PartToSend(len(done) + 1, len(block), digest)
            sent = storage.put_part(copied.key, upload, part, BytesIO(block))
            done.append((sent.number, sent.etag))
    storage.complete_upload(copied.key, upload, done, size_bytes=copied.size_bytes)
