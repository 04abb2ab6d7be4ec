"""What a job's handler gets in hand: rows, objects, the jail, letters, and a folder to make a mess in."""

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol
from uuid import uuid4

from sqlalchemy.orm import Session, sessionmaker

from video.process import Jail
from video.storage.base import AlreadyStored, Storage
from video.strays import end_strays
from workers.room import leave_room

log = logging.getLogger(__name__)


class Stopping(Exception):
    """This worker is being stopped: the job goes back into its queue, and this run isn't counted against it."""


class Mailer(Protocol):
    """Sends letters; may hold names and addresses, and nothing that a lesson or a note says."""

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Hand one letter over.

        Raises:
            OSError: it wasn't taken; it may be sent again.
        """


class Scratch:
    """A worker's own part of the scratch folder: what a killed worker left in its part is wiped by the next one."""

    def __init__(self, scratch: Path) -> None:
        scratch.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._mine = scratch / f"worker-{os.getpid()}-{uuid4().hex[:8]}"
        self._lock = _lock(self._mine.with_suffix(".lock"))
        self._mine.mkdir(mode=0o700)
        _wipe_abandoned(scratch)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give a new private folder; whatever lies in it at the end is wiped.

        Raises:
            StorageFull: the disk is nearly full.
        """
        self.leave_room()
        with tempfile.TemporaryDirectory(dir=self._mine) as made:
            yield Path(made)

    def leave_room(self, wanted_bytes: int = 0) -> None:
        """See that `wanted_bytes` fit here, and that enough is left then.

        Raises:
            StorageFull: they don't, or it isn't.
        """
        leave_room(self._mine, wanted_bytes=wanted_bytes)

    def close(self) -> None:
        """Wipe all and give the part up."""
        shutil.rmtree(self._mine, ignore_errors=True)
        self._mine.with_suffix(".lock").unlink(missing_ok=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What a handler works with; one for each process, used by several threads at once."""

    sessions: sessionmaker[Session]
    storage: Storage
    jail: Jail
    mailer: Mailer
    scratch: Scratch
    #: People's address of this installation, for letters; without a slash at its end.
    public_url: str
    #: Set once the process is being stopped: long work looks here about twice a second (see `still_wanted`).
    stopping: Event = field(default_factory=Event)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Give this run a private folder; it is wiped when the run ends, and at the next start if it never could.

        Raises:
            StorageFull: the disk is nearly full.
        """
        with self.scratch.folder() as made:
            yield made

    def fetch(self, key: str, folder: Path) -> Path:
        """Give the object as a file to read and never to write: its own where it has one, else a copy in `folder`.

        Raises:
            NotStored: nothing is there.
            StorageFull: no room for the copy.
        """
        found = self.storage.local_path(key)
        if found is not None:
            return found
        copy = folder / key.rsplit("/", 1)[-1]
        self.copy(key, copy)
        return copy

    def copy(self, key: str, into: Path) -> None:
        """Copy the object to the file `into`, in this process's part of the scratch folder.

        Raises:
            NotStored: nothing is there.
            StorageFull: no room for the copy.
        """
        stored = self.storage.head(key)
        self.scratch.leave_room(stored.size_bytes if stored else 0)
        self.storage.fetch(key, into)

    def store(self, key: str, file: Path) -> str:
        """Write `file` under `key`, once; return the key.

        Raises:
            AlreadyStored: the key is taken by other bytes.
            StorageFull: no room.
        """
        with file.open("rb") as read:
            sha256 = hashlib.file_digest(read, "sha256").hexdigest()
        try:
            self.storage.put(key, file, sha256=sha256)
        except AlreadyStored:
            # A line may have lost the answer to a first try, which was told nobody: then these bytes are there.
            if self.storage.sha256_of(key) != sha256:
                raise
        return key

    def still_wanted(self) -> None:
        """Break long work off where the process is being stopped: give it to the jail as `on_tick`, or call it there.

        Raises:
            Stopping: it is.
        """
        if self.stopping.is_set():
            raise Stopping

    def may_go_on(self) -> None:
        """Break off work that writes, where the process is being stopped or the disk runs full; as `still_wanted`.

        Raises:
            Stopping: it is.
            StorageFull: it does.
        """
        self.still_wanted()
        self.scratch.leave_room()


def _lock(file: Path) -> int | None:
    """Take a lock that ends with this process; None where a live process has it."""
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


def _wipe_abandoned(scratch: Path) -> None:
    """Wipe every part whose worker is gone: films of children don't stay behind because a machine fell over.

    Whatever of it still runs there is ended first.
    """
    for part in scratch.glob("worker-*"):
        lock_file = part.with_suffix(".lock")
        if part.suffix == ".lock" or (handle := _lock(lock_file)) is None:
            continue
        if strays := end_strays(part):
            log.warning("%d programs of a worker that is gone still ran and were ended", strays)
        shutil.rmtree(part, ignore_errors=True)
        lock_file.unlink(missing_ok=True)
        os.close(handle)
