"""The plain ladder that Backrow is measured against: one ffmpeg over the whole film, one decode, every size at once."""

import resource
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.films import HEIGHT, WIDTH, FilmTrouble
from video.process import Jail, Limits
from video.sizes import renditions

_LIMITS: Final = Limits(cpu_s=7200, wall_s=7200.0)
#: A whole picture every two seconds, as every ladder for streaming has them, and as ours has.
_KEYS: Final = ["-g", "60", "-keyint_min", "60", "-sc_threshold", "0"]


@dataclass(frozen=True)
class Cost:
    """What one run took: seconds on the clock until its end, and seconds of all cores together."""

    wall_s: float
    cpu_s: float


def plain(lesson: Path, folder: Path, jail: Jail) -> Cost:
    """Make the same sizes and the same sound as Backrow does, with the same encoder settings, in one go.

    ffmpeg may use all cores as it likes.

    Raises:
        FilmTrouble: ffmpeg could not.
    """
    began, before = time.monotonic(), _children_s()
    ended = jail.run_ffmpeg(_arguments(), folder=folder, limits=_LIMITS, inputs=[lesson])
    cost = Cost(time.monotonic() - began, _children_s() - before)
    if ended.code != 0:
        raise FilmTrouble(ended.err[-500:])
    for made in folder.glob("plain-*.mp4"):
        made.unlink()
    return cost


def _arguments() -> list[str]:
    sizes = renditions(WIDTH, HEIGHT)
    copies = "".join(f"[copy{place}]" for place in range(len(sizes)))
    scaled = [
        f"[copy{place}]scale={size.width}:{size.height}:flags=bicubic,format=yuv420p[{size.name}]"
        for place, size in enumerate(sizes)
    ]
    args = ["-v", "error", "-i", "{0}", "-filter_complex", ";".join([f"[0:v]split={len(sizes)}{copies}", *scaled])]
    for size in sizes:
        quality = ["-preset", "veryfast", "-crf", str(size.crf), "-profile:v", size.profile, "-level:v", size.level]
        args += ["-map", f"[{size.name}]", "-c:v", "libx264", *quality, "-bf", "0", *_KEYS, f"plain-{size.name}.mp4"]
    return [*args, "-map", "0:a", "-c:a", "aac", "-b:a", "96k", "-ac", "2", "plain-sound.mp4"]


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
