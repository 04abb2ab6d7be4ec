"""The only door to other programs: every one runs in the jail, with limits, and dies with the worker that began it."""

import functools
import os
import re
import select
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import imageio_ffmpeg

from video.errors import MediaError
from video.rungs import NEWEST_ABI, Limits, Rung, Task, command

__all__ = ["FfmpegReport", "Finished", "Jail", "Limits", "Task", "TimeUp", "ffmpeg_report", "nothing"]

#: Seconds between two calls of `on_tick`, about.
_TICK_S: Final = 0.5
#: What is kept of what a program says about its troubles: the beginning says why, and the rest repeats it.
_MOST_ERR_BYTES: Final = 64 * 1024
#: How long to wait, at most, for what was killed to be gone.
_LAST_BREATH_S: Final = 5.0
_SCRATCH_LIMITS: Final = Limits(cpu_s=20, wall_s=20.0)
#: What the recipes use; `backrow doctor` names whatever of it is missing.
_NEEDED: Final[dict[str, tuple[str, ...]]] = {
    "-encoders": ("libx264", "aac", "png", "mjpeg"),
    "-decoders": ("h264", "hevc", "vp8", "vp9", "av1", "mpeg2video", "mjpeg", "aac", "opus", "mp3"),
    "-filters": (
        "trim", "setpts", "split", "scale", "setsar", "format", "bwdif", "zscale", "tonemap",
        "atrim", "asetpts", "aresample", "apad", "concat", "volumedetect",
    ),
    "-muxers": ("mp4", "image2", "rawvideo", "s16le"),
}  # fmt: skip


class TimeUp(MediaError):
    """A run took longer than it was given; it was ended, and nothing that it wrote is to be used."""


@dataclass(frozen=True)
class Finished:
    """How a run ended: `code` 0 is well; `err` is for classifying faults and may hold names: never log it."""

    code: int
    out: bytes
    err: str


@dataclass(frozen=True)
class FfmpegReport:
    """Which ffmpeg there is, and what the recipes would miss in it: `missing` is empty when all is well."""

    path: Path
    version: str
    missing: tuple[str, ...]


def nothing() -> None:
    """Do nothing at a tick: for callers that hold no lease."""


@dataclass(frozen=True)
class Jail:
    """The rung of the jail that holds on this machine, tried out before it is trusted; make one with `choose`."""

    rung: Rung
    why: str
    ffmpeg: Path
    abi: int = NEWEST_ABI
    bwrap: str = ""

    @classmethod
    def choose(
        cls, wanted: Literal["auto", "bwrap", "landlock", "off"] = "auto", *, ffmpeg: str | None = None
    ) -> "Jail":
        """Find the highest rung that holds here; the answer is kept, so that asking again costs nothing.

        `ffmpeg` is the setting `BACKROW_FFMPEG`; without it the one that came by pip is taken.

        Raises:
            MediaError: no rung holds and `off` was not asked for by name (`no_jail`), or no such ffmpeg.
        """
        return _choose(wanted, ffmpeg)

    def run_ffmpeg(
        self,
        args: Sequence[str],
        *,
        folder: Path,
        limits: Limits,
        inputs: Sequence[Path] = (),
        on_tick: Callable[[], None] = nothing,
    ) -> Finished:
        """Run ffmpeg in the jail; see `run`."""
        argv = (str(self.ffmpeg), "-hide_banner", "-nostdin", "-y", *args)
        return self.run(Task(argv=argv, folder=folder, limits=limits, inputs=tuple(inputs)), on_tick=on_tick)

    def run(self, task: Task, *, on_tick: Callable[[], None] = nothing) -> Finished:
        """Run one task to its end; `on_tick` is called about twice a second and may break it off by raising.

        Raises:
            TimeUp: it took longer than `limits.wall_s`; it and all that it began were killed.
        """
        argv = command(self.rung, task, abi=self.abi, bwrap=self.bwrap)
        child = subprocess.Popen(  # noqa: S603 - the argument list is ours, and no shell reads it
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            env={"LANG": "C.UTF-8"},
            cwd="/",
        )
        try:
            return _Watch(child, task, on_tick).to_the_end()
        finally:
            _end(child)


class _Watch:
    """Reads what a child says until it has ended, within its limits."""

    def __init__(self, child: subprocess.Popen[bytes], task: Task, on_tick: Callable[[], None]) -> None:
        self._child, self._task, self._on_tick = child, task, on_tick
        self._until = time.monotonic() + task.limits.wall_s
        self._next_tick = time.monotonic() + _TICK_S
        self._said = {"out": bytearray(), "err": bytearray()}

    def to_the_end(self) -> Finished:
        with selectors.DefaultSelector() as open_pipes:
            for name, pipe in (("out", self._child.stdout), ("err", self._child.stderr)):
                if pipe is not None:
                    open_pipes.register(pipe, selectors.EVENT_READ, name)
            while open_pipes.get_map():
                for key, _ in open_pipes.select(timeout=_TICK_S):
                    read = os.read(key.fd, 65536)
                    if read:
                        self._keep(key.data, read)
                    else:
                        open_pipes.unregister(key.fileobj)
                self._tick()
        while self._child.poll() is None:  # it may close its pipes and go on
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(_TICK_S)
            self._tick()
        err = self._said["err"].decode("utf-8", "replace")
        return Finished(self._child.returncode, bytes(self._said["out"]), err)

    def _keep(self, name: str, read: bytes) -> None:
        said = self._said[name]
        if name == "err":
            said += read[: max(_MOST_ERR_BYTES - len(said), 0)]
            return
        said += read
        if len(said) > self._task.most_out_bytes:
            raise MediaError("too_costly", detail="a program in the jail said more than it may")

    def _tick(self) -> None:
        now = time.monotonic()
        if now > self._until:
            raise TimeUp("frames_lost", detail=f"not done within {self._task.limits.wall_s:.0f} s")
        if now >= self._next_tick:
            self._next_tick = now + _TICK_S
            self._on_tick()


def _end(child: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    until = time.monotonic() + _LAST_BREATH_S
    for pipe in (child.stdout, child.stderr):
        if pipe is not None:
            # Whatever still lives inside holds this pipe open: its end is the end of the last of them.
            while select.select([pipe], [], [], max(until - time.monotonic(), 0))[0] and os.read(pipe.fileno(), 65536):
                pass
            pipe.close()


@functools.cache
def _choose(wanted: Literal["auto", "bwrap", "landlock", "off"], given: str | None) -> Jail:
    ffmpeg = _find_ffmpeg(given)
    if wanted == "off":
        return Jail("off", "switched off by name (BACKROW_JAIL=off): a hostile recording is not shut in", ffmpeg)
    found: list[str] = []
    if wanted in {"auto", "bwrap"}:
        bwrap = shutil.which("bwrap")
        trouble = _try(Jail("bwrap", "", ffmpeg, bwrap=bwrap)) if bwrap else "is not installed"
        if bwrap and trouble is None:
            return Jail("bwrap", "bubblewrap starts here, with Landlock and seccomp inside", ffmpeg, bwrap=bwrap)
        found.append(f"bubblewrap {trouble}")
    if wanted in {"auto", "landlock"}:
        trouble = _try(Jail("landlock", "", ffmpeg))
        if trouble is None:
            return Jail("landlock", "; ".join([*found, "Landlock for files, seccomp for the network"]), ffmpeg)
        found.append(f"Landlock {trouble}")
    raise MediaError("no_jail", detail="; ".join(found))


def _find_ffmpeg(given: str | None) -> Path:
    try:
        path = Path(given or imageio_ffmpeg.get_ffmpeg_exe()).resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise MediaError("no_jail", detail="no ffmpeg where BACKROW_FFMPEG says, nor by pip") from error
    return path


def _try(jail: Jail) -> str | None:
    """Say what is wrong with a rung, or None: a canary file and a socket are tried inside, and ffmpeg must start."""
    with tempfile.TemporaryDirectory() as outside, tempfile.TemporaryDirectory() as folder:
        canary = Path(outside, "canary")
        canary.write_text("sings only outside")
        pushing = Task(argv=(sys.executable,), folder=Path(folder), limits=_SCRATCH_LIMITS, canary=canary)
        ended = jail.run(pushing)
        if ended.code == 0:
            ended = jail.run_ffmpeg(["-version"], folder=Path(folder), limits=_SCRATCH_LIMITS)
    return None if ended.code == 0 else f"does not hold: {ended.err.strip()[-200:] or f'exit {ended.code}'}"


def ffmpeg_report(jail: Jail) -> FfmpegReport:
    """Ask the ffmpeg in use what it has, for `backrow doctor`."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        said = jail.run_ffmpeg(["-version"], folder=place, limits=_SCRATCH_LIMITS).out.decode("utf-8", "replace")
        missing: list[str] = []
        for question, names in _NEEDED.items():
            answer = jail.run_ffmpeg([question], folder=place, limits=_SCRATCH_LIMITS).out.decode("utf-8", "replace")
            there = set(re.split(r"[\s,]+", answer))
            missing += [f"{question[1:-1]} {name}" for name in names if name not in there]
    version = re.match(r"ffmpeg version (\S+)", said)
    return FfmpegReport(jail.ffmpeg, version[1] if version else "unknown", tuple(missing))
