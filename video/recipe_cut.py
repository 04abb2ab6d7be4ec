"""Compiles the argument lists that cut a film without encoding it."""

from dataclasses import dataclass
from typing import Any, Final

import ffmpeg

from video.recipe import CLOSED, QUIET

#: What a stretch is kept in: a kind of file that holds the same pictures and sounds, at the same times.
_MUXERS: Final = {"avi": "avi", "mpegts": "mpegts", "mpeg": "mpegts", "mxf": "mov"}
_OTHERWISE: Final = "matroska"
#: Pictures are told apart by less than this, and no two of a film are nearer to each other.
_NEAR_S: Final = 0.0005
#: Sound and picture that belong together lie no farther apart than this in a file.
_BEYOND_S: Final = 10.0


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What of a film is kept: packets of the picture by their places, and the sound by when it is heard.

    With `leading`, packets that are shown before the first one, at `key_s`, are left out. Seconds are on ffmpeg's
    clock for the file, which begins with its first packet.
    """

    first: int
    last: int
    packets: int
    leading: bool
    key_s: float
    heard_from_s: float
    heard_until_s: float


def packets(name: str) -> list[str]:
    """Return arguments that list the picture's packets in the order in which they are stored."""
    listed = ffmpeg.output(ffmpeg.input("file:{0}", **CLOSED)["V:0"], name, c="copy", f="framecrc")
    return [*QUIET, *listed.compile()[1:]]


def copy(stretch: Stretch, *, kind: str) -> list[str]:
    """Return arguments that copy a stretch into a file of its own, with nothing that a phone wrote about it."""
    film = ffmpeg.input("file:{0}", **CLOSED)
    seen = f"not(between(n,{stretch.first},{stretch.last}))"
    if stretch.leading:
        seen += f"+lt(pts*tb,{stretch.key_s - _NEAR_S:.6f})"
    # A packet of sound lasts a while: one that reaches over the end would let what comes after it be heard.
    heard = f"lt(pts*tb,{stretch.heard_from_s - _NEAR_S:.6f})"
    heard += f"+gt((pts+duration)*tb,{stretch.heard_until_s + _NEAR_S:.6f})"
    options: dict[str, Any] = {
        "c": "copy",
        "bsf:v": f"noise=drop='{seen}'",
        "bsf:a": f"noise=drop='{heard}'",
        "to": f"{stretch.heard_until_s + _BEYOND_S:.3f}",
        "map_metadata": -1,
        "map_chapters": -1,
        "fflags": "+bitexact",
        "f": _muxer(kind),
    }
    made = ffmpeg.output(film["V:0"], film["a?"], name_for(kind), **options)
    return [*QUIET, *made.compile()[1:]]


def name_for(kind: str) -> str:
    """Name the file that `copy` writes."""
    return f"cut.{_muxer(kind)}"


def _muxer(kind: str) -> str:
    return "mov" if "mp4" in kind else _MUXERS.get(kind, _OTHERWISE)
