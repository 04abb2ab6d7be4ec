"""Makes ten seconds of a lesson as they will be once they are blurred, for its teacher to judge before the whole is.

They come from what is served, so that nobody waits for a film to be read; what is laid over them is the very same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import ffmpeg

from video.blur import Blur, laid_over, masked
from video.errors import MediaError
from video.export import Stored
from video.process import Jail, Limits, nothing
from video.recipe import CLOSED, QUIET, x264
from video.sizes import Rendition

#: How long a preview is, where the lesson is.
LASTS_MS: Final = 10_000
_MADE: Final = "preview.mp4"
_LIMITS: Final = Limits(cpu_s=240, wall_s=480.0, memory_bytes=2 * 1024**3, output_bytes=64 * 1024**2)


def preview(  # noqa: PLR0913 - of what, from where to where, and how: all of it named by the caller
    picture: Stored,
    sound: Stored | None,
    *,
    in_ms: int,
    out_ms: int,
    size: Rendition,
    blur: Blur,
    into: Path,
    jail: Jail,
    on_tick: Callable[[], None] = nothing,
) -> Path:
    """Write `preview.mp4`, from `in_ms` to `out_ms` of the lesson, of segments that hold at least that.

    Raises:
        MediaError: `frames_lost`, retryable, when ffmpeg ended badly.
    """
    inputs = [_joined(picture, into / "seen.mp4")]
    inputs += [_joined(sound, into / "heard.mp4")] if sound else []
    args = _recipe(size, blur, in_s=in_ms / 1000, out_s=out_ms / 1000, heard=sound is not None)
    ended = jail.run_ffmpeg(args, inputs=inputs, folder=into, limits=_LIMITS, on_tick=on_tick)
    made = into / _MADE
    for path in inputs:
        path.unlink()
    if ended.code != 0 or not made.exists():
        raise MediaError("frames_lost", detail=f"a preview: ffmpeg ended with {ended.code}")
    return made


def _recipe(size: Rendition, blur: Blur, *, in_s: float, out_s: float, heard: bool) -> list[str]:
    # The blur goes by the lesson's clock; only then do times begin anew.
    ends = {"start": f"{in_s:.3f}", "end": f"{out_s:.3f}"}
    shown = ffmpeg.input("file:{0}", **CLOSED, copyts=None, threads=1)["v:0"].filter("trim", **ends)
    shown = laid_over(shown, blur, width=size.width, height=size.height)
    shown = shown.filter("setpts", f"PTS-{in_s:.3f}/TB").filter("setsar", 1).filter("format", "yuv420p")
    options: dict[str, Any] = x264(size, "0") | {"movflags": "+faststart"}
    strands = [shown]
    if heard:
        said = ffmpeg.input("file:{1}", **CLOSED, copyts=None)["a:0"].filter("atrim", **ends)
        said = said.filter("asetpts", f"PTS-{in_s:.3f}/TB").filter("aresample", 48_000, **{"async": 1, "first_pts": 0})
        strands.append(masked(said) if blur.voices else said)
        options |= {"c:a": "aac", "b:a": "96k", "ac": 2, "flags:a": "+bitexact"}
    return [*QUIET, *ffmpeg.output(*strands, _MADE, **options).compile()[1:]]


def _joined(stored: Stored, to: Path) -> Path:
    with to.open("wb") as file:
        for path in (stored.init, *stored.segments):
            file.write(path.read_bytes())
    return to
