"""Programs in the jail that outlived their worker after all, and their end."""

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from video.rungs import CHILD


def end_strays(folder: Path) -> int:
    """Kill what a worker that is gone left running in the jail, working somewhere in `folder`; return how many.

    Nearly always there is nothing: what is in the jail dies with its worker. But bubblewrap's inner process asks for
    that only when the outer one has told it to go on. If the outer one is killed just before, the inner one waits for
    that word for ever.
    """
    ended = 0
    for process_id in _running():
        with suppress(ProcessLookupError):
            handle = os.pidfd_open(process_id)  # from here on no other process can be taken for it
            try:
                if _works_in(process_id, folder):
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                    ended += 1
            finally:
                os.close(handle)
    return ended


def _running() -> Iterator[int]:
    return (int(place.name) for place in Path("/proc").iterdir() if place.name.isdigit())


def _works_in(process_id: int, folder: Path) -> bool:
    try:
        command = Path(f"/proc/{process_id}/cmdline").read_bytes()
    except OSError:
        return False  # it ended meanwhile, or is another account's
    return os.fsencode(CHILD) in command and os.fsencode(f"{folder.resolve()}/") in command
