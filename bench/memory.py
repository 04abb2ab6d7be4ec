"""How much memory the product's processes hold, as the kernel counts it."""

import os
from pathlib import Path

_KIB_A_MIB = 1024


def peaks_mib(program: bytes) -> list[float]:
    """Tell the most memory, in MiB, that each process of `program` below this one has ever held."""
    return [_peak_mib(process) for process in _descendants() if program in _said(process, "cmdline")]


def _peak_mib(process: int) -> float:
    for line in _said(process, "status").splitlines():
        if line.startswith(b"VmHWM:"):
            return int(line.split()[1]) / _KIB_A_MIB
    return 0.0


def _descendants() -> list[int]:
    ours, below = [os.getpid()], []
    while ours:
        parent = ours.pop()
        for task in _said(parent, f"task/{parent}/children").split():
            ours.append(int(task))
            below.append(int(task))
    return below


def _said(process: int, about: str) -> bytes:
    try:
        return Path(f"/proc/{process}/{about}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""  # it ended while we looked
