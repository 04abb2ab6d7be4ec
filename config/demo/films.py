"""Films the demonstration lessons: moving pictures and a voice-like sound, made by ffmpeg's own generators."""

from pathlib import Path
from typing import Final

from config.demo import story
from video.errors import MediaError
from video.process import Jail, Limits

SECONDS: Final = 75
# Half a minute each where nothing else goes on; a small and busy machine may take its time.
_LIMITS: Final = Limits(cpu_s=1800, wall_s=3600.0)
#: Each lesson looks different: what moves, and how it is coloured.
_SCENES: Final = (
    "testsrc2=s=1280x720:r=25:d={s}",
    "gradients=s=640x360:r=25:d={s}:n=6:speed=0.03,scale=1280:720",
    "testsrc2=s=640x360:r=25:d={s},negate",
    "gradients=s=640x360:r=25:d={s}:n=4:speed=0.02:type=radial",
    "cellauto=s=1280x720:r=25:rule=18,trim=duration={s},hue=h=200:s=2",
    "cellauto=s=640x360:r=25:rule=110,trim=duration={s},hue=h=90:s=2",
)
# A voice rises and falls some three times a second, over a hum, and is silent for six seconds now and then.
_VOICE: Final = (
    "aevalsrc='(0.35*sin(2*PI*(140+20*sin(2*PI*0.4*t))*t)+0.2*sin(2*PI*620*t)+0.1*sin(2*PI*1700*t))"
    "*max(0,sin(2*PI*1.6*t))*gt(mod(t,24),6)':s=48000:d={s}"
)


def make_films(folder: Path, jail: Jail) -> list[Path]:
    """Make one film for each lesson that the story tells of, in its order; one that is there already is kept.

    Raises:
        MediaError: ffmpeg could not make one.
    """
    films = []
    told = [turn for turn in story.TURNS if turn.filmed]
    for turn, scene in zip(told, _SCENES, strict=True):
        film = folder / f"{turn.teacher}.mp4"
        if not film.exists():
            _make(film, scene.format(s=SECONDS), jail)
        films.append(film)
    return films


def _make(film: Path, scene: str, jail: Jail) -> None:
    graph = f"{scene},format=yuv420p[v];{_VOICE.format(s=SECONDS)}[a]"
    codec = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-c:a", "aac", "-b:a", "96k"]
    args = ["-v", "error", "-filter_complex", graph, "-map", "[v]", "-map", "[a]", *codec]
    unfinished = film.with_suffix(".part.mp4")
    ended = jail.run_ffmpeg([*args, unfinished.name], folder=film.parent, limits=_LIMITS)
    if ended.code != 0:
        raise MediaError("not_video")
    unfinished.rename(film)
