"""What Backrow's own workers make the machine do, as the kernel counts it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_PROC: Final = Path("/proc")
#: Places in /proc/PID/stat, counted from the state after the name: parent, and CPU of children that were waited for.
_PARENT, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 13, 14


class WorkerLost(Exception):
    """A worker ended while it was measured: what it had done can't be told any more."""


def children_s() -> dict[int, float]:
    """Tell, for each worker of the Backrow that this process started, the CPU seconds of all programs it has run."""
    a_second = os.sysconf("SC_CLK_TCK")
    return {
        worker: (int(stat[_CHILDREN_USER]) + int(stat[_CHILDREN_SYSTEM])) / a_second
        for worker, stat in _grandchildren()
        if b"worker" in (_PROC / str(worker) / "cmdline").read_bytes().split(b"\0")
    }


def spent_s(before: dict[int, float], after: dict[int, float]) -> float:
    """Add up what all workers' programs have used in between.

    Raises:
        WorkerLost: they are not the same workers.
    """
    if set(before) != set(after) or not before:
        raise WorkerLost(f"workers {sorted(before)} became {sorted(after)}")
    return sum(after.values()) - sum(before.values())


def _grandchildren() -> Iterator[tuple[int, list[str]]]:
    """Yield the processes that the ones started here have started: Backrow's, under its supervisor."""
    stats = {}
    for folder in _PROC.iterdir():
        if folder.name.isdecimal():
            try:
                stats[int(folder.name)] = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
    ours = {process for process, stat in stats.items() if int(stat[_PARENT]) == os.getpid()}
    yield from ((process, stat) for process, stat in stats.items() if int(stat[_PARENT]) in ours)
