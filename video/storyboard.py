"""Small pictures of a lesson at even distances, for whoever looks for a moment: sheets of them, and where each lies.

They are taken from the smallest rendition that is served, never from the film itself: what nobody may see any more
can't come back in a small picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np

from video import boxes, frames, recipe
from video.errors import MediaError
from video.process import Jail, Limits, nothing
from video.timecode import vtt_time

#: Pictures on one sheet: a slow line fetches a sheet in one go, and only those that somebody points at.
COLUMNS: Final = 5
ON_A_SHEET: Final = COLUMNS * COLUMNS
_WIDEST, _TALLEST = 160, 90
#: Of a long lesson no more pictures than this are made: one for every ten seconds of fifty minutes.
MOST: Final = 300
_LIMITS: Final = Limits(cpu_s=240, wall_s=480.0, output_bytes=64 * 1024**2)
_COLOURS: Final = 3


@dataclass(frozen=True, kw_only=True)
class Board:
    """A storyboard's sheets, and how much each picture differs from the one before it (mean of 0 to 255)."""

    sheets: tuple[Path, ...]
    changes: tuple[float, ...]
    width: int
    height: int


def every(pieces: int) -> int:
    """Say that each n-th of so many segments gives a picture."""
    return max(-(-pieces // MOST), 1)


def first_fragment(segment: Path) -> bytes:
    """Read as much of a segment as its first whole picture takes.

    Raises:
        MediaError: it is no segment of ours (`frames_lost`).
    """
    try:
        first = boxes.layout(segment).fragments[0]
    except (boxes.BoxTrouble, IndexError) as error:
        raise MediaError("frames_lost", detail="a segment could not be read") from error
    with segment.open("rb") as file:
        file.seek(first.offset)
        return file.read(first.size)


def fit(width: int, height: int) -> tuple[int, int]:
    """Give the size of a small picture of one seen as `width` by `height`: even, at most 160 by 90."""
    share = min(_WIDEST / width, _TALLEST / height)
    return max(round(width * share / 2) * 2, 2), max(round(height * share / 2) * 2, 2)


def make_storyboard(  # noqa: PLR0913 - of what, how large, how many and where: all of it named by the caller
    film: Path,
    *,
    size: tuple[int, int],
    pictures: int,
    into: Path,
    jail: Jail,
    on_tick: Callable[[], None] = nothing,
) -> Board:
    """Write `sheet-N.jpg` from the whole pictures of `film`, of which there must be as many as named.

    Raises:
        MediaError: `frames_lost`, retryable, when there are more or fewer.
    """
    width, height = fit(*size)
    args = recipe.small_pictures(width, height)
    ended = jail.run_ffmpeg(args, inputs=[film], folder=into, limits=_LIMITS, on_tick=on_tick)
    made = into / recipe.SMALL_PICTURES
    frame_bytes = width * height * _COLOURS
    if ended.code != 0 or not made.exists() or made.stat().st_size != frame_bytes * pictures:
        raise MediaError("frames_lost", detail=f"storyboard: {pictures} pictures were awaited")
    seen = np.fromfile(made, dtype=np.uint8).reshape(pictures, height, width, _COLOURS)
    made.unlink()
    sheets = [
        frames.write_sheet(seen[first : first + ON_A_SHEET], into / f"sheet-{first // ON_A_SHEET}.jpg", columns=COLUMNS)
        for first in range(0, pictures, ON_A_SHEET)
    ]
    return Board(sheets=tuple(sheets), changes=frames.changes(seen), width=width, height=height)


def storyboard_vtt(
    times_ms: Sequence[int], *, ends_ms: int, width: int, height: int, sheet: Callable[[int], str]
) -> str:
    """Write which part of which sheet shows which stretch, as players read it: WebVTT with media fragments.

    Source: W3C Media Fragments URI 1.0, spatial dimension (`#xywh=`).
    """
    lines = ["WEBVTT", ""]
    for place, (begins, ends) in enumerate(pairwise([*times_ms, ends_ms])):
        number, on_sheet = divmod(place, ON_A_SHEET)
        left, top = on_sheet % COLUMNS * width, on_sheet // COLUMNS * height
        lines += [
            f"{vtt_time(begins)} --> {vtt_time(max(ends, begins + 1))}",
            f"{sheet(number)}#xywh={left},{top},{width},{height}",
            "",
        ]
    return "\n".join(lines)
