"""One Backrow to a data folder: whoever runs its database holds this lock, and it ends with their process."""

import fcntl
import os
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

_NAME = "in_use"
#: What the holder does: `serve` stays, a command goes away again in a moment.
SERVE, COMMAND = "serve", "command"


class Taken(Exception):
    """Another process has the data folder."""

    def __init__(self, data: Path, holder: str) -> None:
        what, process_id, since = [*holder.split(maxsplit=2), "?", "?", "?"][:3]
        super().__init__(
            f"Backrow runs on {data} already (process {process_id}, since {since}). "
            "Stop it there with Ctrl-C, or set BACKROW_DATA to another folder."
        )
        self.stays = what == SERVE


@dataclass
class DataLock:
    """The lock, in hand; `release` gives it back."""

    handle: int

    @classmethod
    def take(cls, data: Path, what: str, *, patience_s: float = 0) -> "DataLock":
        """Take it; wait up to `patience_s` for a holder that goes away by itself.

        Raises:
            Taken: somebody has it.
        """
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(data / _NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + patience_s
        while not _locked(handle):
            holder = Taken(data, os.pread(handle, 200, 0).decode(errors="replace"))
            if holder.stays or time.monotonic() > deadline:
                os.close(handle)
                raise holder
            time.sleep(0.05)
        os.ftruncate(handle, 0)
        since = datetime.now().astimezone().strftime("%d %B at %H:%M")
        os.pwrite(handle, f"{what} {os.getpid()} {since}".encode(), 0)
        return cls(handle)

    def release(self) -> None:
        """Give it back."""
        os.ftruncate(self.handle, 0)
        os.close(self.handle)


def _locked(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
