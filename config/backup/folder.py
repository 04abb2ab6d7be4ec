"""The folder that backups lie in: sets side by side, objects shared by all of them, and what was erased since.

`sets/<moment>/` holds the rows of one moment and the list of its objects, and is whole once it has a manifest;
`objects/<key>` are the objects, each there once, since what is stored under a key never changes; `tombstones.jsonl`
says what was erased. Everything is for this account alone.
"""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from app.errors import Conflict
from config.backup.erased import Stone
from config.backup.manifest import Copied, Manifest, read_lines, sha256_of
from video.storage import disk

#: A set is taken away by the first backup after this; backed up daily, none is left after 35 days.
KEPT_FOR: Final = timedelta(days=34)
_MOMENT = "%Y-%m-%dT%H%M%S.%fZ"
_LOCK = "in_use"
_NAME = re.compile(r"\d{4}-\d\d-\d\dT\d{6}\.\d{6}Z")


@dataclass(frozen=True)
class Set:
    """One backup; `whole` once its manifest is there."""

    folder: Path

    @property
    def name(self) -> str:
        """The moment at which it was begun."""
        return self.folder.name

    @property
    def manifest(self) -> Path:
        """Where it says what it holds."""
        return self.folder / "manifest.json"

    @property
    def list(self) -> Path:
        """Where its objects are listed; also of a backup that was broken off, as far as it came."""
        return self.folder / "objects.jsonl"

    @property
    def whole(self) -> bool:
        """Say whether it was finished."""
        return self.manifest.exists()

    def objects(self) -> Iterator[Copied]:
        """Give its objects."""
        return read_lines(self.list)


class Folder:
    """A folder of backups, as somebody named it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.objects, self._sets = self.path / "objects", self.path / "sets"
        self.incoming, self.tombstones = self.path / "incoming", self.path / "tombstones.jsonl"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Make it where it is missing, and let no second backup in.

        Raises:
            Conflict: it is in use, or holds something else.
        """
        if self.path.is_dir() and any(self.path.iterdir()) and not self._sets.is_dir():
            say = f"{self.path} holds something else than backups. Name a folder that is new, or empty."
            raise Conflict("backup_elsewhere", say)
        for each in (self.path, self._sets, self.objects, self.incoming):
            disk.make_folder(each)
        self.path.chmod(0o700)
        handle = os.open(self.path / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _lock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def read(self) -> Iterator[None]:
        """Let no backup change it meanwhile; it may be on a medium that can't be written to.

        Raises:
            Conflict: a backup into it is running, or it is no folder of backups.
        """
        if not (self.path / _LOCK).exists():
            raise Conflict("backup_missing", f"There are no backups in {self.path}. Name the folder that holds them.")
        handle = os.open(self.path / _LOCK, os.O_RDONLY | os.O_CLOEXEC)
        try:
            _lock(handle, fcntl.LOCK_SH)
            yield
        finally:
            os.close(handle)

    def begin(self, now: datetime) -> Set:
        """Begin a set."""
        made = Set(self._sets / now.strftime(_MOMENT))
        disk.make_folder(made.folder / "rows")
        return made

    def sets(self) -> list[Set]:
        """List all sets, whole or not, oldest first."""
        if not self._sets.is_dir():
            return []
        return [Set(each) for each in sorted(self._sets.iterdir()) if _NAME.fullmatch(each.name)]

    def choose(self, name: str | None) -> tuple[Set, Manifest]:
        """Give the set of that name, or the newest whole one, and what it says of itself.

        Raises:
            Conflict: there is none, it was never finished, or it isn't as it was written.
        """
        found = [each for each in self.sets() if each.whole and name in {None, each.name}]
        if not found:
            what = f"no finished backup {name}" if name else "no finished backup"
            others = ", ".join(each.name for each in self.sets() if each.whole) or "none"
            raise Conflict("backup_missing", f"There is {what} in {self.path}. Finished ones: {others}.")
        return found[-1], Manifest.read(found[-1].manifest)

    def known(self) -> dict[str, Copied]:
        """Give what is said to have been copied by any backup, also by those that were broken off."""
        return {copied.key: copied for each in self.sets() if _believed(each) for copied in each.objects()}

    def tidy(self, *, now: datetime, stones: list[Stone]) -> list[str]:
        """Take away sets that are too old or were broken off, and objects that nothing needs; name the old ones."""
        old = [each for each in self.sets() if each.whole and _begun(each) < now - KEPT_FOR]
        for each in self.sets():
            if each in old or not each.whole:
                # The manifest first: a set that is being taken away is none any more.
                each.manifest.unlink(missing_ok=True)
                shutil.rmtree(each.folder)
        shutil.rmtree(self.incoming)
        for stone in stones:
            shutil.rmtree(self.objects / stone.prefix, ignore_errors=True)
        needed = {copied.key for each in self.sets() for copied in each.objects()}
        self._sweep(self.objects, needed)
        return [each.name for each in old]

    def _sweep(self, folder: Path, needed: set[str]) -> None:
        for inner in list(folder.iterdir()):
            if inner.is_dir():
                self._sweep(inner, needed)
                if not any(inner.iterdir()):
                    inner.rmdir()
            elif str(inner.relative_to(self.objects)) not in needed:
                inner.unlink()


def _lock(handle: int, how: int) -> None:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError as error:
        say = "Another backup or restore is using this folder. Wait for it to end."
        raise Conflict("backup_running", say) from error


def _believed(each: Set) -> bool:
    """Say whether a list may be relied on: one that was finished has to be as its manifest says."""
    try:
        return not each.whole or Manifest.read(each.manifest).objects_sha256 == sha256_of(each.list)
    except (Conflict, OSError):
        return False


def _begun(each: Set) -> datetime:
    return datetime.strptime(f"{each.name}+0000", f"{_MOMENT}%z")
