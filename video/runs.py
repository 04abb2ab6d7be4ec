"""The picture's packets as stretches of one clock each: when every frame is shown, and from where it can be decoded."""

import math
import statistics
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import Final

_KEY, _CUT, _HEADLESS = 1, 2, 4
#: A packet of the picture: its time, how long it lasts, where it lies in the file, and what else is known of it.
_Frame = tuple[int, int, int, int]
#: A step of more than this share away from the median, and of more than this time, is an uneven one.
_UNEVEN: Final = Fraction(1, 5)
_UNEVEN_S: Final = Fraction(15, 10_000)
_UNEVEN_SHARE: Final = 0.02
_FALLS_BACK_S: Final = 1
#: Kinds of file that are streams of packets: any stretch of one is such a file again, and their clocks may be set anew.
STREAMS: Final = frozenset({"mpegts", "mpeg"})
#: In a stream, a clock that is so far ahead all at once was set: nobody waits for a lesson to go on for so long.
_RUNS_AHEAD_S: Final = 600
#: Sound and picture that belong together lie no farther apart than this in an AVI.
_INTERLEAVED_S: Final = 1


@dataclass(frozen=True, kw_only=True)
class Run:
    """A stretch of the file with one clock: times never fall back in it by more than a second.

    In a stream, they never go ahead by more than ten minutes, either.

    `pts` are the shown frames' times in order, as ffmpeg's decoder gives them; `first_byte` is where it begins in the
    file. `late` is how much later that is than they are meant to be shown, and than `keys`, which are the file's own.
    """

    pts: tuple[int, ...]
    keys: tuple[int, ...]
    end: int
    first_byte: int
    late: int = 0


def runs_of(
    rows: "array[int]", base: Fraction, *, kind: str, depth: int = 0, first: int | None = None
) -> tuple[tuple[Run, ...], int, bool]:
    """Return the runs, the median step between frames, and whether the last packet is cut in two.

    With `depth` the rows' times are those of decoding: a decoder that holds back so many pictures gives each the time
    of the packet that came so many later, and counts on when no more come. `first` is when the first picture that
    can be decoded is shown.
    """
    frames = list(zip(rows[0::4], rows[1::4], rows[2::4], rows[3::4], strict=True))
    # Nothing can be made of what comes before the first whole picture, unless the file marks none at all.
    frames = [frame for frame in frames if not frame[3] & _HEADLESS] or frames
    frames = [frame for frame in frames if not _leans_on_nothing(frame, frames[0], first)]
    cut = bool(frames) and bool(frames[-1][3] & _CUT)
    if cut:
        frames.pop()
    stretches = list(_stretches(frames, base, is_stream=kind in STREAMS))
    step = _median_step(stretches, frames)
    runs = [_run(stretch, step, depth) for stretch in stretches]
    if kind == "avi":
        runs = [
            replace(run, keys=_found_by_seeking(stretch, step, base))
            for run, stretch in zip(runs, stretches, strict=True)
        ]
    return tuple(runs), step, cut


def _stretches(frames: list[_Frame], base: Fraction, *, is_stream: bool) -> Iterator[list[_Frame]]:
    """Yield the frames that have one clock together."""
    most_back, most_ahead = _FALLS_BACK_S / base, _RUNS_AHEAD_S / base
    stretch: list[_Frame] = []
    highest = 0
    for frame in frames:
        # Only at a whole picture: those that lean on both sides may come after one from beyond a gap.
        ahead = frame[0] - highest
        if stretch and frame[3] & _KEY and (ahead < -most_back or (is_stream and ahead > most_ahead)):
            yield stretch
            stretch = []
        highest = max(highest, frame[0]) if stretch else frame[0]
        stretch.append(frame)
    if stretch:
        yield stretch


def _found_by_seeking(stretch: list[_Frame], step: int, base: Fraction) -> tuple[int, ...]:
    """Leave out whole pictures that come just after a gap: whoever seeks one in an AVI gets it a bit too late.

    There, a gap is made of empty packets, and those that lie between the picture and its sound are counted once more.
    """
    times = sorted(frame[0] for frame in stretch)
    gaps = [after for before, after in pairwise(times) if after - before > step]
    near = _INTERLEAVED_S / base
    keys = sorted(frame[0] for frame in stretch if frame[3] & _KEY)
    return tuple(key for key in keys if (gap := last_at_or_before(gaps, key)) is None or key - gap > near)


def _leans_on_nothing(frame: _Frame, key: _Frame, first: int | None) -> bool:
    """Where a film was cut without being encoded again, pictures before its first whole one may lean on a lost one."""
    return first is not None and bool(key[3] & _KEY) and frame[0] < min(key[0], first)


def _median_step(stretches: list[list[_Frame]], frames: list[_Frame]) -> int:
    steps: list[int] = []
    for stretch in stretches:
        times = sorted(frame[0] for frame in stretch)
        steps += [after - before for before, after in pairwise(times)]
    steps = steps or [frame[1] for frame in frames if frame[1] > 0]
    return max(round(statistics.median(steps)), 1) if steps else 1


def _run(stretch: list[_Frame], step: int, depth: int) -> Run:
    times = sorted(frame[0] for frame in stretch)
    pts = (*times[depth:], *(times[-1] + step * (later + 1) for later in range(depth)))[-len(times) :]
    keys = tuple(sorted(frame[0] for frame in stretch if frame[3] & _KEY))
    return Run(pts=pts, keys=keys, end=pts[-1] + step, first_byte=stretch[0][2], late=pts[0] - times[0])


def uneven(times: list[tuple[int, ...]], step: int, base: Fraction) -> bool:
    """Say whether frames come so unevenly that no rate describes them."""
    most = math.floor(max(step * _UNEVEN, _UNEVEN_S / base))  # what is whole is more than it, or isn't, all the same
    off = steps = 0
    for pts in times:
        for before, after in pairwise(pts):
            steps += 1
            off += abs(after - before - step) > most
    return off > steps * _UNEVEN_SHARE


def last_at_or_before(times: Sequence[int], at: int) -> int | None:
    """Find the last of sorted `times` that is not after `at`; None when all are."""
    place = bisect_right(times, at)
    return times[place - 1] if place else None
