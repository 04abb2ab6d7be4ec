"""A picture whose truth can be read back: its number, which way up it is, and its colours.

A strip along the top holds the number, as in `lessons`. Below it lie eight patches of known colour; the four in the
corners differ, so that a picture that was turned or mirrored is another one.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import av
import numpy as np

from tests.video.lessons import BITS, STRIP, number_in

Pixels = np.ndarray[tuple[int, ...], np.dtype[Any]]

#: Name → where its middle is, across and down, as a share of the picture below the strip; and its colour in sRGB bytes.
PATCHES: Final = {
    "red": ((1 / 8, 1 / 6), (200, 40, 40)),
    "green": ((7 / 8, 1 / 6), (40, 180, 60)),
    "blue": ((1 / 8, 5 / 6), (50, 70, 200)),
    "yellow": ((7 / 8, 5 / 6), (210, 190, 50)),
    "white": ((1 / 8, 3 / 6), (235, 235, 235)),
    "grey": ((3 / 8, 3 / 6), (128, 128, 128)),
    "skin": ((5 / 8, 3 / 6), (205, 150, 120)),
    "black": ((7 / 8, 3 / 6), (14, 14, 14)),
}
_GROUND: Final = (96, 96, 96)
#: How the served film says that its colours are meant: BT.709, in television's range.
_TAGS: Final = (1, 1, 1, 1)
_KR, _KB = 0.2126, 0.0722


def strip_of(numbers: Pixels) -> bytes:
    """Draw the strips of pictures with these numbers, as grey bytes, 16 by 2 points each."""
    bits = (numbers[:, None] >> np.arange(BITS)) & 1
    rows = np.where(bits, 255, 0).astype(np.uint8)
    return np.repeat(rows[:, None, :], 2, axis=1).tobytes()


def body_of(width: int, height: int) -> bytes:
    """Draw what lies below the strip, as RGB bytes."""
    body = np.full((height, width, 3), _GROUND, dtype=np.uint8)
    for (across, down), colour in PATCHES.values():
        half_w, half_h = width / 8, height / 6
        left, top = round(across * width - half_w), round(down * height - half_h)
        body[max(top, 0) : round(top + 2 * half_h), max(left, 0) : round(left + 2 * half_w)] = colour
    return body.tobytes()


@dataclass(frozen=True)
class Shown:
    """One served picture: its number, when it is shown, in seconds, and the colours of its patches in sRGB."""

    number: int
    at_s: Fraction
    colours: dict[str, tuple[float, float, float]]


@dataclass(frozen=True)
class Served:
    """A served film as another decoder shows it."""

    shown: list[Shown]
    size: tuple[int, int]
    #: Primaries, transfer, matrix and range, of all pictures.
    tags: set[tuple[int, int, int, int]]
    #: What would have a player turn or stretch it once more.
    turned: bool

    @property
    def tagged(self) -> bool:
        """Say whether every picture says what is true: that it is in BT.709 and television's range."""
        return self.tags == {_TAGS}


def read(film: Path) -> Served:
    """Decode a served film from its beginning to its end."""
    shown: list[Shown] = []
    tags: set[tuple[int, int, int, int]] = set()
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        turned = stream.sample_aspect_ratio not in {None, 1}
        for frame in container.decode(stream):
            turned |= frame.rotation != 0
            tags.add((int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace), int(frame.color_range)))
            planes = frame.to_ndarray(format="yuv420p")
            luma = planes[: frame.height]
            shown.append(Shown(number_in(luma), (frame.pts or 0) * stream.time_base, _colours(frame)))
        size = stream.codec_context.width, stream.codec_context.height
    return Served(shown, size, tags, turned)


def _colours(frame: av.VideoFrame) -> dict[str, tuple[float, float, float]]:
    y, u, v = (
        np.frombuffer(bytes(plane), np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in frame.planes
    )
    return {name: _rgb(_mean(y, place), _mean(u, place), _mean(v, place)) for name, (place, _) in PATCHES.items()}


def _mean(plane: Pixels, place: tuple[float, float]) -> float:
    height, width = plane.shape
    below = height / STRIP
    across, down = place[0] * width, below + place[1] * (height - below)
    half_w, half_h = max(width / 24, 1), max(height / 24, 1)
    part = plane[round(down - half_h) : round(down + half_h), round(across - half_w) : round(across + half_w)]
    return float(part.mean())


def _rgb(y: float, u: float, v: float) -> tuple[float, float, float]:
    """Say what a screen shows for this: BT.709 in television's range."""
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    r = luma + 2 * (1 - _KR) * red
    b = luma + 2 * (1 - _KB) * blue
    g = (luma - _KR * r - _KB * b) / (1 - _KR - _KB)
    return tuple(float(np.clip(part, 0, 1) * 255) for part in (r, g, b))  # type: ignore[return-value]  # three of them


def off(colours: dict[str, tuple[float, float, float]], *, grey: bool) -> dict[str, float]:
    """Measure how far each patch is from its truth: the mean of red, green and blue, of 255; `grey`: without colour."""
    found = {}
    for name, (_, truth) in PATCHES.items():
        meant = (float(np.dot(truth, (0.299, 0.587, 0.114))),) * 3 if grey else truth
        found[name] = float(np.abs(np.subtract(colours[name], meant)).mean())
    return found
