"""A quiet lesson is heard, a loud one doesn't hurt, and nothing else about the sound changes."""

import re
from pathlib import Path

import av
import pytest

from tests.video import reading
from tests.video.lessons import Maker, Shot
from tests.video.test_sound import heard
from video import loudness, recipe
from video.plan import plan
from video.probe import probe
from video.process import Jail, Limits


def lufs_of(film: Path, folder: Path, jail: Jail) -> float:
    """Measure all of a film's first sound track."""
    args = recipe.loudness(_track(film), [None], lasts_s=600)
    said = jail.run_ffmpeg(args, inputs=[film], folder=folder, limits=Limits(cpu_s=60, wall_s=120.0)).err
    return float(re.findall(r"I:\s+(-?[\d.]+) LUFS", said)[-1])


def _track(film: Path) -> int:
    with av.open(str(film)) as container:
        return container.streams.audio[0].index


def test_a_quiet_lesson_is_brought_to_where_a_voice_is_heard(maker: Maker, into: Path, jail: Jail) -> None:
    lesson = maker.lesson("quiet.mp4")
    made, _, film = heard(lesson, into, jail)
    # 20 dB at most: what is quieter still stays quieter.
    assert lufs_of(film, into, jail) == pytest.approx(-29.4, abs=1)
    assert made.duration_ticks / 90_000 == pytest.approx(100, abs=0.03)


@pytest.mark.parametrize("volume_db", [-20, -12, 0, 3])
def test_lessons_of_all_kinds_sound_equally_loud(maker: Maker, into: Path, jail: Jail, volume_db: int) -> None:
    shot = Shot(seconds=8.0, sound_chain=f",volume={volume_db}dB")
    lesson = maker.film(maker.folder / f"at{volume_db}.mp4", shot)
    _, _, film = heard(lesson, into, jail)
    assert lufs_of(film, into, jail) == pytest.approx(loudness.TARGET_LUFS, abs=1.0)
    found = reading.beeps(film)
    assert found[1:] == pytest.approx(lesson.beeps_s[1:], abs=0.004)


def test_peaks_are_held_and_come_in_their_time(maker: Maker, into: Path, jail: Jail) -> None:
    # A murmur that needs 20 dB, and one clap that would then be far too loud.
    clap = ",asetnsamples=48,volume='if(between(t,50,50.005),1,0.02)':eval=frame"
    lesson = maker.film(
        maker.folder / "clap.mp4", Shot(width=160, height=120, fps_num=5, seconds=75.0, sound_chain=clap)
    )
    _, _, film = heard(lesson, into, jail)
    assert lufs_of(film, into, jail) > lufs_of(lesson.path, into, jail) + 10
    assert reading.peak(film) <= 0.85
    assert reading.beeps(film)[1:] == pytest.approx(lesson.beeps_s[1:], abs=0.004)


@pytest.mark.parametrize(
    ("lufs", "expected"),
    [(-18, 0), (-30, 12), (-50, 20), (-10, -8), (-56, 0), (-70, 0), (float("-inf"), 0)],
    ids=["right", "quiet", "very quiet", "loud", "an empty room", "silence", "nothing measured"],
)
def test_the_gain(lufs: float, expected: float) -> None:
    assert loudness.gain_db(lufs) == expected


def test_it_listens_from_the_beginning_to_the_end(maker: Maker, into: Path, jail: Jail) -> None:
    film = maker.folder / "late.mp4"
    # Nothing for two minutes, then the lesson begins.
    late = Shot(width=160, height=120, fps_num=5, seconds=240.0, sound_chain=",volume='gt(t,120)':eval=frame")
    maker.film(film, late)
    gains = []
    for beeping in (film, maker.lesson("plain.mp4").path):
        planned = plan(probe(beeping, jail=jail))
        assert planned.sound is not None
        gains.append(loudness.choose(beeping, planned.sound, into=into, jail=jail).gain_db)
    assert gains[0] == pytest.approx(gains[1], abs=1)
