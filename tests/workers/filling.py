"""A small disk that something else fills."""

import os
from pathlib import Path
from typing import Final

from workers.room import LEAST_FREE_BYTES

#: Room for work, and for what must be left.
ROOM_MIB: Final = LEAST_FREE_BYTES // 1024**2 + 64
_NAME: Final = "something else"


def fill(disk: Path) -> None:
    """Let something else take room until less is left than must be; it takes none of the machine's memory."""
    seen = os.statvfs(disk)
    handle = os.open(disk / _NAME, os.O_WRONLY | os.O_CREAT)
    try:
        os.posix_fallocate(handle, 0, seen.f_bavail * seen.f_frsize - LEAST_FREE_BYTES + 1024**2)
    finally:
        os.close(handle)


def make_room(disk: Path) -> None:
    """Take that away again."""
    (disk / _NAME).unlink()
