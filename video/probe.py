"""Says what a recording truly holds, from its packets and not from what its head claims, without trusting it."""

import json
import math
import re
import statistics
import sys
import tempfile
from array import array
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from video.errors import MediaError
from video.picture import Picture, picture_of
from video.process import Finished, Jail, Limits, Task, TimeUp, nothing

_CHILD: Final = Path(__file__).with_name("probe_child.py")
_KEY, _CUT, _HEADLESS = 1, 2, 4
#: A day at 60 a second; the probe's child stops counting just above it.
_MOST_FRAMES: Final = 5_184_000
#: A step of more than this share away from the median, and of more than this time, is an uneven one.
_UNEVEN: Final = Fraction(1, 5)
_UNEVEN_S: Final = Fraction(15, 10_000)
_UNEVEN_SHARE: Final = 0.02
_FALLS_BACK_S: Final = 1
_SHORT_BY_S: Final = 1.0
#: So many times longer than the stretch that it lies in, a track's sound can't be where it says that it is.
_CROWDED: Final = 2.0
_LIMITS: Final = Limits(cpu_s=240, wall_s=900.0, memory_bytes=3 * 1024**3, output_bytes=0)
_MOST_OUT_BYTES: Final = 256 * 1024**2
#: How a file begins whose kind keeps an index that can be missing: MP4's boxes, and Matroska's first mark.
_INDEXED: Final = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
#: What the library says of a picture that is larger than it would ever decode.
_NO_SUCH_SIZE: Final = re.compile(r"Picture size \d+x\d+ is invalid")
_MATROSKA: Final = b"\x1aE\xdf\xa3"


@dataclass(frozen=True, kw_only=True)
class Sound:
    """One sound track that has packets; its times are in seconds of the file's own clock.

    `crowded`: its packets lie on top of one another, so that their times can't be right: they are played one after
    another from `start_s`, and `end_s` is where that ends.
    """

    index: int
    codec: str
    channels: int
    start_s: float
    end_s: float
    crowded: bool


@dataclass(frozen=True, kw_only=True)
class Run:
    """A stretch of the file with one clock: times never fall back in it by more than a second.

    `pts` are the shown frames' times in order; `first_byte` is where it begins in the file.
    """

    pts: tuple[int, ...]
    keys: tuple[int, ...]
    end: int
    first_byte: int


@dataclass(frozen=True, kw_only=True)
class Probe:
    """All that is known of a recording before it is prepared; times are integers in `time_base`."""

    format: str
    size_bytes: int
    time_base: Fraction
    picture: Picture
    sounds: tuple[Sound, ...]
    runs: tuple[Run, ...]
    step: int
    vfr: bool
    whole: bool

    @property
    def frames(self) -> int:
        """How many frames are shown."""
        return sum(len(run.pts) for run in self.runs)

    @property
    def duration_ms(self) -> int:
        """How long the picture lasts, from its first frame's beginning to its last one's end."""
        ticks = sum(run.end - run.pts[0] for run in self.runs)
        return round(ticks * self.time_base * 1000)

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of what the teacher should be told though the lesson can be watched."""
        found = [] if self.whole else ["partial"]
        if not self.sounds:
            found.append("no_audio")
        elif len(self.runs) == 1:
            end_s = float(self.runs[0].end * self.time_base)
            if max(sound.end_s for sound in self.sounds) < end_s - _SHORT_BY_S:
                found.append("short_audio")
        return tuple(found)


def probe(source: Path, *, jail: Jail, on_tick: Callable[[], None] = nothing, only_s: float | None = None) -> Probe:
    """Read what `source` holds, inside the jail, and refuse what Backrow can't show.

    With `only_s` the look ends as many seconds after the picture's first packet: what it says of the end is then the
    look's, not the film's.

    Raises:
        MediaError: `empty`, `not_video`, `no_video`, `incomplete`, `too_big`, `too_costly` or `clock_broken`; nothing
            is kept of the file in any case.
    """
    size_bytes = source.stat().st_size
    if size_bytes == 0:
        raise MediaError("empty")
    with tempfile.TemporaryDirectory() as folder:
        argv = (sys.executable, "-I", str(_CHILD), "{0}", *([] if only_s is None else [str(only_s)]))
        task = Task(argv=argv, folder=Path(folder), limits=_LIMITS, inputs=(source,), most_out_bytes=_MOST_OUT_BYTES)
        try:
            ended = jail.run(task, on_tick=on_tick)
        except TimeUp as error:
            raise MediaError("too_costly", detail="the probe did not end in time") from error
    try:
        return _understood(ended, source, size_bytes)
    except MediaError as error:
        if error.code in {"not_video", "incomplete"} and _NO_SUCH_SIZE.search(ended.err):
            raise MediaError("too_big") from error
        raise


def _understood(ended: Finished, source: Path, size_bytes: int) -> Probe:
    line, _, table = ended.out.partition(b"\n")
    try:
        head: dict[str, Any] = json.loads(line) if line else {"opened": False}
        if not head["opened"] or not (head["picture"] or head["sounds"]):
            raise MediaError("incomplete" if _has_an_index(source) else "not_video")
        if head["picture"] is None:
            raise MediaError("no_video")
        if head["picture"]["too_big"]:
            raise MediaError("too_big")
        if head["packets"] > _MOST_FRAMES:
            raise MediaError("too_costly", detail="more frames than a day holds")
        rows = array("q", table[: len(table) // 32 * 32])
        if sys.byteorder == "big":
            rows.byteswap()
        return _probe_of(head, rows, size_bytes)
    except (ValueError, KeyError, TypeError, IndexError, ZeroDivisionError) as error:
        raise MediaError("not_video", detail=f"the probe made no sense ({type(error).__name__})") from error


def _has_an_index(source: Path) -> bool:
    with source.open("rb") as file:
        begins = file.read(12)
    return begins[4:8] in _INDEXED or begins[:4] == _MATROSKA


def _probe_of(head: dict[str, Any], rows: "array[int]", size_bytes: int) -> Probe:
    base = Fraction(*head["picture"]["time_base"])
    runs, step, lost_tail = _runs(rows, base)
    if not runs:
        raise MediaError("incomplete" if head["format"].startswith("mov") else "not_video", detail="no frames")
    picture = picture_of(head["picture"], head["look"] or {})
    return Probe(
        format=str(head["format"]),
        size_bytes=size_bytes,
        time_base=base,
        picture=picture,
        sounds=_sounds(head["sounds"], head["ends"]),
        runs=runs,
        step=step,
        vfr=_uneven([run.pts for run in runs], step, base),
        # Where two recordings were pasted together one packet is always torn: that is no loss of the lesson.
        whole=(bool(head["whole"]) or len(runs) > 1) and not lost_tail,
    )


def _sounds(facts: list[dict[str, Any]], ends: list[list[float]]) -> tuple[Sound, ...]:
    stretches = {int(index): (float(start), float(end), float(long)) for index, start, end, long in ends}
    return tuple(
        _sound(fact, *stretches[fact["index"]]) for fact in facts if fact["index"] in stretches and fact["codec"]
    )


def _sound(fact: dict[str, Any], start_s: float, end_s: float, long_s: float) -> Sound:
    crowded = long_s > _CROWDED * (end_s - start_s)
    return Sound(
        index=int(fact["index"]),
        codec=str(fact["codec"]),
        channels=int(fact["channels"]),
        start_s=start_s,
        end_s=start_s + long_s if crowded else end_s,
        crowded=crowded,
    )


def _runs(rows: "array[int]", base: Fraction) -> tuple[tuple[Run, ...], int, bool]:
    """Return the runs, the median step between frames, and whether the last packet is cut in two."""
    frames = list(zip(rows[0::4], rows[1::4], rows[2::4], rows[3::4], strict=True))
    # Nothing can be made of what comes before the first whole picture, unless the file marks none at all.
    frames = [frame for frame in frames if not frame[3] & _HEADLESS] or frames
    cut = bool(frames) and bool(frames[-1][3] & _CUT)
    if cut:
        frames.pop()
    most_back = _FALLS_BACK_S / base
    stretches: list[list[tuple[int, int, int, int]]] = []
    highest = 0
    for frame in frames:
        # Only at a whole picture: those that lean on both sides may come after one from beyond a gap.
        if not stretches or (frame[3] & _KEY and frame[0] < highest - most_back):
            stretches.append([])
            highest = frame[0]
        stretches[-1].append(frame)
        highest = max(highest, frame[0])
    step = _median_step(stretches, frames)
    return tuple(_run(stretch, step) for stretch in stretches), step, cut


def _median_step(stretches: list[list[tuple[int, int, int, int]]], frames: list[tuple[int, int, int, int]]) -> int:
    steps: list[int] = []
    for stretch in stretches:
        times = sorted(frame[0] for frame in stretch)
        steps += [after - before for before, after in pairwise(times)]
    steps = steps or [frame[1] for frame in frames if frame[1] > 0]
    return max(round(statistics.median(steps)), 1) if steps else 1


def _run(stretch: list[tuple[int, int, int, int]], step: int) -> Run:
    pts = tuple(sorted(frame[0] for frame in stretch))
    keys = tuple(sorted(frame[0] for frame in stretch if frame[3] & _KEY))
    return Run(pts=pts, keys=keys, end=pts[-1] + step, first_byte=stretch[0][2])


def _uneven(times: list[tuple[int, ...]], step: int, base: Fraction) -> bool:
    most = math.floor(max(step * _UNEVEN, _UNEVEN_S / base))  # what is whole is more than it, or isn't, all the same
    off = steps = 0
    for pts in times:
        for before, after in pairwise(pts):
            steps += 1
            off += abs(after - before - step) > most
    return off > steps * _UNEVEN_SHARE


def last_at_or_before(times: tuple[int, ...], at: int) -> int | None:
    """Find the last of sorted `times` that is not after `at`; None when all are."""
    place = bisect_right(times, at)
    return times[place - 1] if place else None
