"""What a film's picture is: how large, how it is turned, how it keeps light and colours."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

from video.errors import MediaError

#: PQ and HLG are the two kinds of high dynamic range; all else is shown as it is.
Light = Literal["sdr", "pq", "hlg"]
#: How colours become brightness and two differences; `said` where each picture says it itself.
Matrix = Literal["bt601", "bt709", "said"]

_LARGEST: Final = (8192, 4320)
_TRANSFERS: Final[dict[int, Light]] = {16: "pq", 18: "hlg"}
_NO_MATRIX: Final = 2
#: What says nothing of its colours is taken as players take it: from so many lines on it is high definition.
_HIGH_DEFINITION: Final = 720
_INTERLACED_ORDERS: Final = frozenset({2, 3, 4, 5})


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The picture's facts: `width` and `height` as they are seen, upright and with square pixels."""

    index: int
    codec: str
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    interlaced: bool
    light: Light
    matrix: Matrix = "said"


def picture_of(facts: dict[str, Any], look: dict[str, Any]) -> Picture:
    """Put together what the head says and what a look at one picture found; where they differ, the look is right.

    Raises:
        MediaError: `too_big`, or `not_video` where it has no size.
    """
    coded_width, coded_height = int(look.get("width", facts["width"])), int(look.get("height", facts["height"]))
    ratio = Fraction(*facts["sar"]) or Fraction(1)
    # A head may hold nonsense here (a real file claims thousands of quarter turns): only quarter turns are believed.
    turned = int(look.get("rotation", 0))
    rotation = turned % 360 if turned % 90 == 0 and abs(turned) <= 360 else 0  # noqa: PLR2004 - degrees
    width, height = max(round(coded_width * ratio), 1), coded_height
    if rotation in {90, 270}:
        width, height = height, width
    if max(coded_width, coded_height) > max(_LARGEST) or min(coded_width, coded_height) > min(_LARGEST):
        raise MediaError("too_big")  # the head had said less than the picture itself does
    if not (coded_width > 0 and coded_height > 0):
        raise MediaError("not_video", detail="the picture has no size")
    transfer = int(look.get("transfer", 2))
    return Picture(
        index=int(facts["index"]),
        codec=str(facts["codec"]),
        width=width,
        height=height,
        coded_width=coded_width,
        coded_height=coded_height,
        rotation=rotation,
        interlaced=bool(look.get("interlaced")) or int(facts["field_order"]) in _INTERLACED_ORDERS,
        light=_TRANSFERS.get(transfer) or _TRANSFERS.get(int(facts["transfer"]), "sdr"),
        matrix=_matrix(int(look.get("matrix", _NO_MATRIX)), lines=min(coded_width, coded_height)),
    )


def _matrix(told: int, *, lines: int) -> Matrix:
    if told != _NO_MATRIX:
        return "said"
    return "bt709" if lines >= _HIGH_DEFINITION else "bt601"
