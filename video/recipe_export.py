"""Compiles the arguments by which a part of a rendition is encoded once more, just as it was encoded before."""

from collections.abc import Sequence
from dataclasses import dataclass

import ffmpeg

from video.recipe import CLOSED, QUIET, x264
from video.segments import TICKS_PER_S
from video.sizes import Rendition


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Words drawn beforehand, as plain BGRA bytes in this size, to be laid over every picture at its lower edge."""

    width: int
    height: int


def again(
    size: Rendition, *, first: int, end: int, keys: Sequence[int] = (0,), notice: Notice | None = None
) -> list[str]:
    """Return arguments that encode a stretch of a rendition of ours once more, as `NAME.mp4`, from time 0.

    `first` is the first frame's tick and `end` lies past the last one's; whole pictures are made at `keys`, in ticks
    from `first`. With a notice, the second input is its bytes.
    """
    shown = (
        ffmpeg.input("file:{0}", **CLOSED, copyts=None, threads=1)["v:0"]
        .filter("trim", start_pts=first, end_pts=end)
        .filter("setpts", f"PTS-({first})")
    )
    if notice is not None:
        drawn = {"f": "rawvideo", "pix_fmt": "bgra", "s": f"{notice.width}x{notice.height}", "r": 1}
        words = ffmpeg.input("file:{1}", protocol_whitelist="file", format_whitelist="rawvideo", **drawn)["v:0"]
        shown = ffmpeg.overlay(shown, words, x=0, y="H-h", eof_action="repeat", format="yuv420")
    whole_at = ",".join(f"{key / TICKS_PER_S:.6f}" for key in keys)
    made = ffmpeg.output(
        shown.filter("setsar", 1).filter("format", "yuv420p"), f"{size.name}.mp4", **x264(size, whole_at)
    )
    return [*QUIET, *made.compile()[1:]]
