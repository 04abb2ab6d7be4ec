"""What is to be blurred in a lesson, and how: blocks so coarse that nothing of a face or a name can be read in them.

Nobody is looked for in a picture: a teacher draws where. What is laid over a picture there is made of that very
picture's means, a few blocks of them, before any size of it is encoded; so no size, no still and no small picture that
is made of the result holds more.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Final, Self

import ffmpeg

#: Places and sizes are in so many parts of the picture's width or height.
PARTS: Final = 1000
#: A whole picture has so many blocks along its longer side; a region so many along each of its sides, 16 in all.
WHOLE_BLOCKS: Final = 16
REGION_BLOCKS: Final = 4
#: Drawn by hand, a region may end just inside of what it is to hide: so many pixels more on each side.
_MARGIN: Final = 4
#: Means of hundreds of pixels at once are more than the scaler takes in one step.
_STEP: Final = 64
#: Two passes by which a voice loses its pitch: short windows leave that of a low voice, long ones that of a high one.
_WINDOWS: Final = (512, 256)


@dataclass(frozen=True, kw_only=True)
class Placing:
    """Where a region is at a moment of the lesson: its left upper corner and its size, in parts of 1000."""

    at_ms: int
    x: int
    y: int
    w: int
    h: int


@dataclass(frozen=True, kw_only=True)
class Region:
    """What is hidden: at one placing for the whole lesson, or wandering in straight lines from each to the next."""

    placings: tuple[Placing, ...]


@dataclass(frozen=True, kw_only=True)
class Blur:
    """What a teacher chose: the whole picture or regions of it, and whether voices lose what they are known by."""

    whole: bool = False
    regions: tuple[Region, ...] = ()
    voices: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a database row."""
        regions = [[asdict(placing) for placing in region.placings] for region in self.regions]
        return {"whole": self.whole, "regions": regions, "voices": self.voices}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        regions = tuple(Region(placings=tuple(Placing(**one) for one in placings)) for placings in row["regions"])
        return cls(whole=row["whole"], regions=regions, voices=row["voices"])


def blocks_of_whole(width: int, height: int) -> tuple[int, int]:
    """Say how many blocks a whole picture has in a row and in a column: even, since colours are kept for pairs."""
    longer = max(width, height)
    across, down = (max(WHOLE_BLOCKS * side // longer // 2 * 2, 2) for side in (width, height))
    return across, down


def laid_over(shown: Any, blur: Blur, *, width: int, height: int) -> Any:  # noqa: ANN401 - ffmpeg-python says nothing of its types
    """Lay the blur over pictures of this size, in 4:2:0, whose times are the lesson's own."""
    if blur.whole:
        across, down = blocks_of_whole(width, height)
        return _in_blocks(shown, across, down, width=width, height=height)
    for region in blur.regions:
        copies = shown.filter_multi_output("split", 2)
        box = _box(region, width=width, height=height)
        cut = copies[1].filter("crop", box.width, box.height, box.x, box.y)
        small = _in_blocks(cut, REGION_BLOCKS, REGION_BLOCKS, width=box.width, height=box.height)
        shown = ffmpeg.overlay(copies[0], small, x=box.x, y=box.y, eof_action="repeat", format="yuv420")
    return shown


def masked(heard: Any) -> Any:  # noqa: ANN401 - ffmpeg-python says nothing of its types
    """Make voices whispers: what is loud when stays to the hundredth of a second, and their number of samples too.

    Each moment's frequencies keep how loud they are and get a new phase by lot: no pitch is left, nor a way back.
    What no longer swings together is half as loud; that is made good.
    """
    for window in _WINDOWS:
        drawn = {"real": "2*hypot(re,im)*cos(random(0)*2*PI)", "imag": "2*hypot(re,im)*sin(random(1)*2*PI)"}
        heard = heard.filter("afftfilt", **drawn, win_size=window, overlap=0.75)
    return heard


@dataclass(frozen=True, kw_only=True)
class _Box:
    """A region in pixels: it keeps its largest size, and says by expressions of `t` where it is."""

    width: int
    height: int
    x: str
    y: str


def _box(region: Region, *, width: int, height: int) -> _Box:
    wide = _length(max(placing.w for placing in region.placings), width)
    tall = _length(max(placing.h for placing in region.placings), height)
    times = [placing.at_ms for placing in region.placings]
    across = [(placing.x + placing.w / 2) * width / PARTS for placing in region.placings]
    down = [(placing.y + placing.h / 2) * height / PARTS for placing in region.placings]
    return _Box(
        width=wide,
        height=tall,
        x=_wandering(times, [middle - wide / 2 for middle in across], most=width - wide),
        y=_wandering(times, [middle - tall / 2 for middle in down], most=height - tall),
    )


def _length(parts: int, whole: int) -> int:
    """Give a side in pixels: even, since colours are kept for pairs, with the margin, and within the picture."""
    return min(-(-parts * whole // PARTS // 2) * 2 + 2 * _MARGIN, whole)


def _wandering(times_ms: Sequence[int], places: Sequence[float], *, most: int) -> str:
    """Say where it is at `t`: still before the first moment and after the last, in a straight line between two."""
    steps = [f"{places[0]:.3f}"]
    for (before_ms, after_ms), (before, after) in zip(pairwise(times_ms), pairwise(places), strict=True):
        if before != after:
            begins_s, lasts_s = before_ms / 1000, (after_ms - before_ms) / 1000
            steps.append(f"({after - before:.3f})*clip((t-{begins_s:.3f})/{lasts_s:.3f},0,1)")
    return f"clip({'+'.join(steps)},0,{most})"


def _in_blocks(shown: Any, across: int, down: int, *, width: int, height: int) -> Any:  # noqa: ANN401 - ffmpeg-python says nothing of its types
    between = shown.filter("scale", min(width, _STEP), min(height, _STEP), flags="area")
    return between.filter("scale", across, down, flags="area").filter("scale", width, height, flags="neighbor")
