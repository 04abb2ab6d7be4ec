"""What outlived a killed worker in the jail is found by the folder that it works in, and ended."""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from video.process import Jail, Limits
from video.rungs import Task, command
from video.strays import end_strays

_LIMITS = Limits(cpu_s=20, wall_s=30.0)
_PATIENCE_S = 10.0


@contextmanager
def stray(jail: Jail, folder: Path) -> Iterator[int]:
    """Give an inner process of bubblewrap, as a handle, whose outer one was killed just before it said 'go on'."""
    folder.mkdir(parents=True)
    argv = command(jail.rung, Task(argv=(sys.executable, "-c", ""), folder=folder, limits=_LIMITS), bwrap=jail.bwrap)
    never, kept_open = os.pipe()
    ready, told = os.pipe()
    order = json.loads(argv[-1])
    order["argv"][1:1] = ["--unshare-user", "--userns-block-fd", str(never), "--info-fd", str(told)]
    argv[-1] = json.dumps(order)
    with subprocess.Popen(argv, pass_fds=(never, told)) as outer:  # noqa: S603 - our own jail, held at one moment
        try:
            os.close(told)
            inner = os.pidfd_open(told_by(ready)["child-pid"])
        finally:
            outer.kill()
    try:
        yield inner
    finally:
        end_strays(folder.parent)
        for handle in (inner, never, kept_open):
            os.close(handle)


def told_by(pipe: int) -> dict[str, int]:
    """Read what bubblewrap says of itself, to its closing bracket: the process is held, and doesn't close the pipe."""
    said = b""
    with open(pipe, "rb", buffering=0) as told:
        while not said.rstrip().endswith(b"}"):
            letter = told.read(1)
            assert letter, said
            said += letter
    facts: dict[str, int] = json.loads(said)
    return facts


def has_ended(process: int, *, within_s: float) -> bool:
    return bool(select.select([process], [], [], within_s)[0])


@pytest.fixture
def shut_in() -> Jail:
    return Jail.choose("bwrap")


@pytest.mark.needs_bwrap
def test_what_a_killed_worker_left_behind_is_ended(shut_in: Jail, tmp_path: Path) -> None:
    with stray(shut_in, tmp_path / "worker-1" / "piece") as process:
        assert not has_ended(process, within_s=0)
        assert end_strays(tmp_path / "worker-1") == 1
        assert has_ended(process, within_s=_PATIENCE_S)
    assert end_strays(tmp_path / "worker-1") == 0


@pytest.mark.needs_bwrap
def test_what_works_elsewhere_goes_on(shut_in: Jail, tmp_path: Path) -> None:
    with stray(shut_in, tmp_path / "worker-12" / "piece") as process:
        assert end_strays(tmp_path / "worker-1") == 0
        assert not has_ended(process, within_s=0)


def test_another_program_that_has_such_a_folder_open_goes_on(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "import sys; print('here', flush=True); sys.stdin.read()", f"{tmp_path}/piece"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:  # noqa: S603 - our own
        assert other.stdout is not None
        assert other.stdout.readline() == b"here\n"
        assert end_strays(tmp_path) == 0
        assert other.poll() is None
