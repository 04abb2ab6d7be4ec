"""Compiles the arguments with which pictures and sound are taken over as they are, and only put into our fragments."""

import math
from typing import Any, Final

import ffmpeg

from video.colours import Matrix
from video.plan import Chunk, SoundPart
from video.recipe import BARE, CLOSED, FRAGMENTS, QUIET
from video.sizes import Rendition

#: Kinds of units in H.264 that show nothing: what a camera or an encoder says besides, where one ends, and filling.
_SAYS_NOTHING: Final = "6|9|12"
#: Numbers of ITU-T H.273 for primaries, transfer and matrix.
_TAGS: Final[dict[Matrix, int]] = {"bt709": 1, "bt601": 6}
#: A reader may stop so late after the last picture that is wanted; the filter is exact.
_LATE_S: Final = 2


def picture(chunk: Chunk, size: Rendition) -> list[str]:
    """Return ffmpeg's arguments that copy one chunk's pictures as `NAME.mp4`, from its first frame to its last.

    A film may not say how its colours are meant, and a player would guess: it is said in what is served.
    """
    options: dict[str, Any] = CLOSED | {"copyts": None}
    if chunk.seek is not None:
        options |= {"noaccurate_seek": None, "seek_timestamp": 1, "ss": f"{float(chunk.seek * chunk.time_base):.6f}"}
    lasts_s = math.ceil((chunk.end - chunk.first) * chunk.time_base) + _LATE_S
    source = ffmpeg.input("file:{0}", **options, t=lasts_s, an=None)[str(chunk.stream)]
    tag = _TAGS[chunk.matrix or "bt709"]
    colours = f"colour_primaries={tag}:transfer_characteristics={tag}:matrix_coefficients={tag}:video_full_range_flag=0"
    filters = [
        f"noise=drop='lt(pts,{chunk.first})+gte(pts,{chunk.end})'",
        f"filter_units=remove_types={_SAYS_NOTHING}",
        f"h264_metadata={colours}",
        f"setts=ts=TS-({chunk.t0})",
    ]
    options = BARE | {
        "c:v": "copy",
        "bsf:v": ",".join(filters),
        "video_track_timescale": 90_000,
        "movflags": f"+frag_keyframe{FRAGMENTS}",
    }
    return [*QUIET, *ffmpeg.output(source, f"{size.name}.mp4", **options).compile()[1:]]


def sound(track: int, part: SoundPart, *, rate: int) -> list[str]:
    """Return ffmpeg's arguments that copy the whole lesson's sound as `sound.mp4`; `rate` is in samples a second.

    What an encoder put before time 0 is left out, as it is where the sound is encoded.
    """
    source = ffmpeg.input("file:{0}", **CLOSED, copyts=None, vn=None)[str(track)]
    zero = f"round({part.t0_s:.9f}*{rate})"
    ends_s = part.end_s - part.start_s
    filters = [f"setts=ts=TS-{zero}", f"noise=drop='lt(pts,0)+gte(pts,{ends_s:.6f}*{rate})'"]
    options = BARE | {
        "c:a": "copy",
        "bsf:a": ",".join(filters),
        "frag_duration": 4_000_000,
        "flush_packets": 1,
        "movflags": FRAGMENTS,
    }
    return [*QUIET, *ffmpeg.output(source, "sound.mp4", **options).compile()[1:]]
