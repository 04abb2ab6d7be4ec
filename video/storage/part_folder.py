"""An open upload on disk: every part is written where it belongs in one file, so that completing takes no copying.

What the folder holds: `plan.json` (sizes) · `bytes` (the whole file, with holes) · `marks` (which parts are whole and
synced) · `7.writing` (somebody sends part 7; the file is a new one for each sending).
"""

import fcntl
import hashlib
import json
import os
import secrets
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from video.storage import disk
from video.storage import part_marks as marks
from video.storage.base import BLOCK_BYTES, DigestDiffers, Part, PartToSend, Readable, StorageUnavailable, UploadGone
from video.storage.checks import checked_plan

_MARKS = "marks"
_GONE = "This upload is closed or was never begun. Begin a new one."


class PartFolder:
    """One open upload; `folder` need not be there any more."""

    def __init__(self, key: str, folder: Path) -> None:
        self._key, self._folder = key, folder

    @classmethod
    def begin(cls, key: str, folder: Path, *, size_bytes: int, part_bytes: int) -> "PartFolder":
        """Make the folder; it counts as open once its plan is in place."""
        disk.make_folder(folder)
        handle = os.open(folder / "bytes", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.truncate(handle, size_bytes)  # holes: room is taken as parts arrive
            os.fsync(handle)
        finally:
            os.close(handle)
        marks.begin(folder / _MARKS, parts=checked_plan(size_bytes=size_bytes, part_bytes=part_bytes))
        disk.put_small(folder / "plan.json", json.dumps({"size_bytes": size_bytes, "part_bytes": part_bytes}))
        return cls(key, folder)

    @property
    def bytes_path(self) -> Path:
        """The file that the parts make up."""
        return self._folder / "bytes"

    def is_open(self) -> bool:
        """Say whether parts can be sent."""
        return (self._folder / "plan.json").exists()

    def plan(self) -> tuple[int, int]:
        """Return size_bytes and part_bytes, or raise UploadGone."""
        try:
            plan = json.loads((self._folder / "plan.json").read_text())
        except FileNotFoundError as error:
            raise UploadGone(self._key, _GONE) from error
        return int(plan["size_bytes"]), int(plan["part_bytes"])

    def parts(self) -> list[Part]:
        """List the whole parts by number, or raise UploadGone."""
        self._still_open()
        try:
            return marks.read(self._folder / _MARKS)
        except FileNotFoundError as error:
            raise UploadGone(self._key, _GONE) from error

    def write(self, part: PartToSend, body: Readable) -> Part:
        """Write one part in place while checking it; see `Storage.put_part` for what is raised.

        A part counts from the moment its mark is in place, after its bytes are synced, until the next sending of
        that part begins. The last sending to begin wins: each block is written only while nobody came after.
        """
        offset = self._offset(part)
        mine = self._claim(part.number)
        try:
            self._pour(part, body, offset=offset, mine=mine)
            os.fdatasync(mine.bytes)
            kept = Part(part.number, _etag(part), part.size_bytes)
            with self.locked():
                self._still(mine)
                marks.put(self._folder / _MARKS, kept)
            return kept
        finally:
            self._release(mine)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder against every other writer and against completion; raise UploadGone if it is not there."""
        try:
            handle = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except FileNotFoundError as error:
            raise UploadGone(self._key, _GONE) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def close(self) -> None:
        """Take the folder away, if it is there; whoever still sends a part to it is refused at the next block."""
        with suppress(UploadGone), self.locked():
            self.take_away()

    def take_away(self) -> None:
        """Take the folder away while holding its lock, so that no writer puts anything into it meanwhile."""
        # The plan goes first: without it the upload is closed, however far the rest came.
        (self._folder / "plan.json").unlink(missing_ok=True)
        disk.remove_tree(self._folder)

    def _offset(self, part: PartToSend) -> int:
        size_bytes, part_bytes = self.plan()
        last = checked_plan(size_bytes=size_bytes, part_bytes=part_bytes)
        offset = (part.number - 1) * part_bytes
        if part.number > last or part.size_bytes != min(part_bytes, size_bytes - offset):
            raise DigestDiffers(self._key, "That part is not of this file.", numbers=[part.number])
        return offset

    def _claim(self, number: int) -> "_Sending":
        writing = self._folder / f"{number}.writing"
        with self.locked():
            self._still_open()
            if self.bytes_path.stat().st_nlink > 1:
                # It has its final name already, but whoever completed it was stopped before taking this folder away.
                raise UploadGone(self._key, _GONE)
            if marks.has(self._folder / _MARKS, number):
                marks.take_away(self._folder / _MARKS, number)
            token = secrets.token_hex(8)
            writing.unlink(missing_ok=True)
            writing.write_text(token)
            return _Sending(writing, token, os.open(self.bytes_path, os.O_WRONLY))

    def _pour(self, part: PartToSend, body: Readable, *, offset: int, mine: "_Sending") -> None:
        digest, left = hashlib.sha256(), part.size_bytes
        while left and (block := body.read(min(BLOCK_BYTES, left))):
            digest.update(block)
            with self.locked():
                self._still(mine)
                disk.write_all(mine.bytes, block, at=offset + part.size_bytes - left)
            # Begin to write it out now, so that the sync at the end has little left to wait for.
            os.posix_fadvise(mine.bytes, offset + part.size_bytes - left, len(block), os.POSIX_FADV_DONTNEED)
            left -= len(block)
        if left or body.read(1) or b64encode(digest.digest()).decode() != part.sha256_b64:
            raise DigestDiffers(self._key, "Something changed on the way. Send this part again.", numbers=[part.number])

    def _still(self, mine: "_Sending") -> None:
        """Raise if the upload was closed, or the same part began to arrive again; hold the lock while asking."""
        self._still_open()
        # Missing: the later sending is through already.
        if not mine.path.exists() or mine.path.read_text() != mine.token:
            raise StorageUnavailable(self._key, "This part began to arrive once more; only the later sending counts.")

    def _still_open(self) -> None:
        if not self.is_open():
            raise UploadGone(self._key, _GONE)

    def _release(self, mine: "_Sending") -> None:
        os.close(mine.bytes)
        with suppress(UploadGone, StorageUnavailable, OSError), self.locked():
            self._still(mine)
            mine.path.unlink()


class _Sending:
    """One sending of one part: the file that says so, what it says, and the open file it writes to."""

    def __init__(self, path: Path, token: str, handle: int) -> None:
        self.path, self.token, self.bytes = path, token, handle


def _etag(part: PartToSend) -> str:
    return hashlib.sha256(part.sha256_b64.encode()).hexdigest()[:32]
