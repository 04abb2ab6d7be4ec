"""Start programs that never outlive the process that started them: the one place in `config` that does."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

#: A running program, and where its words can be read.
Child = subprocess.Popen[bytes]
#: How to read a program's words from `Child.stdout`.
PIPE = subprocess.PIPE

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class RunAs:
    """Another user of this machine to run a program as; only root can."""

    uid: int
    gid: int


def die_with_parent(sent: signal.Signals, parent_id: int) -> None:
    """Ask the kernel to send this process `sent` when its parent ends, however it ends.

    The parent may have ended before we could ask; then nothing would ever be sent, so we leave at once.
    """
    _LIBC.prctl(_PR_SET_PDEATHSIG, int(sent))
    if os.getppid() != parent_id:
        os._exit(0)


def start(
    command: Sequence[str | Path],
    *,
    on_parents_end: signal.Signals = signal.SIGKILL,
    run_as: RunAs | None = None,
    environ: Mapping[str, str] | None = None,
    output: IO[bytes] | int | None = None,
) -> Child:
    """Start a program in a process group of its own; it is sent `on_parents_end` if we end first.

    Call it from a process with one thread, or from its main thread: the kernel watches the *thread* that started it.
    Its standard output and error both go to `output` (a file, or PIPE).
    """
    parent_id = os.getpid()
    return subprocess.Popen(  # noqa: S603 - a list of our own words, never a shell
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environ) if environ is not None else None,
        start_new_session=True,
        preexec_fn=lambda: die_with_parent(on_parents_end, parent_id),  # noqa: PLW1509 - one C call, no lock taken
        user=run_as.uid if run_as else None,
        group=run_as.gid if run_as else None,
        extra_groups=[] if run_as else None,
    )


def run(command: Sequence[str | Path], *, run_as: RunAs | None = None, timeout_s: float = 60) -> tuple[int, str]:
    """Run a program to its end; return its exit status and all that it said.

    A program that is not there is status 127, as in a shell; one that takes longer than `timeout_s` is ended, 124.
    """
    try:
        child = start(command, run_as=run_as, output=PIPE)
    except FileNotFoundError as error:
        return 127, str(error)
    try:
        said, _ = child.communicate(timeout=timeout_s)
    except subprocess.TimeoutExpired:
        child.kill()
        said, _ = child.communicate()
        return 124, said.decode(errors="replace")
    return child.returncode, said.decode(errors="replace")


def end(child: Child, *, first: signal.Signals = signal.SIGTERM, patience_s: float = 10) -> int:
    """Ask a program to end, and end it with all its group if it has not after `patience_s`; return its status."""
    if child.poll() is None:
        child.send_signal(first)
        try:
            child.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
    return child.wait()
