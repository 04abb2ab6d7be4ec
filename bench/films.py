"""Films the lessons to measure with: moving, noisy pictures as a phone takes them, and a voice over a room's murmur."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from video.process import Jail, Limits

WIDTH: Final = 1920
HEIGHT: Final = 1080
_FPS: Final = 30
#: A whole number of sound packets and of pictures: longer lessons repeat it without a gap, by copying alone.
_TAKE_S: Final = 32
_LIMITS: Final = Limits(cpu_s=1800, wall_s=1800.0)
#: Shapes that move in different ways, and the grain of a small camera.
_PICTURE: Final = (
    f"testsrc2=s={WIDTH}x{HEIGHT}:r={_FPS}:d={_TAKE_S}[shapes];"
    f"mandelbrot=s=480x270:r={_FPS}:end_scale=0.02,trim=duration={_TAKE_S}[depth];"
    "[shapes][depth]overlay=x=720:y=405,noise=alls=4:allf=t,format=yuv420p[picture]"
)
_SOUND: Final = (
    f"sine=f=170:r=48000:d={_TAKE_S},tremolo=f=3:d=0.9[voice];anoisesrc=c=pink:a=0.1:r=48000:d={_TAKE_S}[room];"
    "[voice][room]amix=inputs=2[sound]"
)
_CODECS: Final = [
    "-c:v", "libx264", "-preset", "superfast", "-b:v", "10M", "-maxrate", "12M", "-bufsize", "20M", "-g", "30",
    "-bf", "0", "-c:a", "aac", "-b:a", "128k",
]  # fmt: skip


class FilmTrouble(Exception):
    """ffmpeg could not make what is measured with."""


def film(folder: Path, jail: Jail, *, lasts_s: Sequence[int]) -> list[Path]:
    """Film one lesson for each length, in seconds: 1080p at 30 pictures a second, some 10 Mbit/s.

    Raises:
        FilmTrouble: ffmpeg could not.
    """
    take = folder / "take.mp4"
    made = ["-filter_complex", f"{_PICTURE};{_SOUND}", "-map", "[picture]", "-map", "[sound]", *_CODECS]
    _run(jail, [*made, str(take)], folder)
    lessons = [_repeated(take, folder, jail, lasts_s=each) for each in lasts_s]
    take.unlink()
    return lessons


def right_film(folder: Path, jail: Jail, *, lasts_s: int) -> Path:
    """Film what a lesson-capture kit makes for the web: 480p at 25 a second, light, whole pictures every two seconds.

    Raises:
        FilmTrouble: ffmpeg could not.
    """
    take, film = folder / "right-take.mp4", folder / "right.mp4"
    picture = "testsrc2=s=854x480:r=25:d=32,noise=alls=2:allf=t,format=yuv420p[picture]"
    rate = ["-b:v", "600k", "-maxrate", "700k", "-bufsize", "1M", "-bf", "0", "-g", "50", "-sc_threshold", "0"]
    made = ["-filter_complex", picture, "-map", "[picture]", "-c:v", "libx264", "-preset", "veryfast", *rate]
    _run(jail, [*made, str(take)], folder)
    # The sound isn't repeated with it: what an encoder puts before it would push the pictures off their grid each time.
    sound = f"{_SOUND.removesuffix('[sound]').replace(f':d={_TAKE_S}', f':d={lasts_s}')},volume=13dB[sound]"
    again = ["-stream_loop", str(-(-lasts_s // _TAKE_S) - 1), "-i", "{0}", "-filter_complex", sound, "-map", "0:v"]
    both = [*again, "-map", "[sound]", "-t", str(lasts_s), "-c:v", "copy", "-c:a", "aac", "-b:a", "64k", str(film)]
    _run(jail, both, folder, inputs=[take])
    take.unlink()
    return film


def still_film(folder: Path, jail: Jail, *, lasts_s: int) -> Path:
    """Film what a phone of today makes at its best: 4K HEVC in ten bits.

    Raises:
        FilmTrouble: ffmpeg could not.
    """
    film = folder / "hevc.mp4"
    picture = f"testsrc2=s=3840x2160:r=30:d={lasts_s},format=yuv420p10le"
    codec = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=60"]
    _run(jail, ["-f", "lavfi", "-i", picture, *codec, str(film)], folder)
    return film


def _repeated(take: Path, folder: Path, jail: Jail, *, lasts_s: int) -> Path:
    lesson = folder / f"lesson-{lasts_s}s.mp4"
    again = str(-(-lasts_s // _TAKE_S) - 1)
    args = ["-stream_loop", again, "-i", "{0}", "-t", str(lasts_s), "-c", "copy", str(lesson)]
    _run(jail, args, folder, inputs=[take])
    return lesson


def _run(jail: Jail, args: Sequence[str], folder: Path, *, inputs: Sequence[Path] = ()) -> None:
    ended = jail.run_ffmpeg(["-v", "error", *args], folder=folder, limits=_LIMITS, inputs=inputs)
    if ended.code != 0:
        raise FilmTrouble(ended.err[-500:])
