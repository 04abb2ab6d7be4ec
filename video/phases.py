"""Guesses where one phase of a lesson gives way to the next: hints, which a teacher takes or leaves.

Two things often change together there: what can be heard (talk to all, then many voices, then quiet) and what can be
seen (people stand up, a screen lights up). A hint is where the difference of the minute before and the minute after
is largest (Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000, with a plain kernel).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from video.soundstrip import CELL_MS, Heard

MOST: Final = 8
#: No phase is shorter; nor does a hint lie so near to the beginning or the end.
LEAST_MS: Final = 90_000
_SIDE_MS: Final = 60_000
_STEP_MS: Final = 2000
#: Below this a difference means nothing: of both parts together, each is 0 to 1.
_LEAST: Final = 0.45
#: A mean difference of so many levels between two pictures is a wholly different view.
_WHOLE_VIEW: Final = 40.0


def hints(*, strip: str, times_ms: Sequence[int], changes: Sequence[float], lasts_ms: int) -> list[int]:
    """Say where phases may begin, in ms and in order, at most eight.

    Args:
        strip: the lesson's sound, as `soundstrip` gives it; empty where it has none.
        times_ms: when each picture of the storyboard is.
        changes: how much each differs from the one before it.
        lasts_ms: the lesson's length.
    """
    places = range(LEAST_MS, lasts_ms - LEAST_MS, _STEP_MS)
    weighed = sorted(((_heard(strip, at) + _seen(times_ms, changes, at), at) for at in places), reverse=True)
    chosen: list[int] = []
    for weight, at in weighed:
        if weight < _LEAST or len(chosen) == MOST:
            break
        if all(abs(at - other) >= LEAST_MS for other in chosen):
            chosen.append(at)
    return sorted(chosen)


def _heard(strip: str, at_ms: int) -> float:
    """Compare what is heard in the minute before and the minute after: 0 the same, 1 nothing in common."""
    middle, side = at_ms // CELL_MS, _SIDE_MS // CELL_MS
    before, after = strip[max(middle - side, 0) : middle], strip[middle : middle + side]
    if not before or not after:
        return 0.0
    return sum(abs(before.count(kind) / len(before) - after.count(kind) / len(after)) for kind in Heard) / 2


def _seen(times_ms: Sequence[int], changes: Sequence[float], at_ms: int) -> float:
    """Say how much the picture changes just there: 0 nothing, 1 all of it."""
    there = [
        change
        for (before, after), change in zip(pairwise(times_ms), changes[1:], strict=True)
        if before <= at_ms < after
    ]
    return min(max(there, default=0.0) / _WHOLE_VIEW, 1.0)
