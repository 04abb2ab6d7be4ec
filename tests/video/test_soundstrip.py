"""What can be heard is told from loudness: one voice pauses, many fill each other's pauses, and quiet is quiet."""

from pathlib import Path

import numpy as np
import pytest

from video.errors import MediaError
from video.process import Jail, Limits
from video.soundstrip import CELL_MS, Heard, calm, levels, make_strip, stretches, strip_of

RATE = 8000
Samples = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


def voice(seconds: float, seed: int) -> Samples:
    """Speak: phrases of syllables, between them pauses of a third of a second to a second, never twice the same."""
    chance = np.random.default_rng(seed)
    said: list[Samples] = []
    while sum(map(len, said)) < seconds * RATE:
        for _ in range(int(chance.integers(5, 12))):
            at = np.arange(int(RATE * chance.uniform(0.12, 0.25))) / RATE
            said.append(np.sin(2 * np.pi * chance.uniform(110, 260) * at) * np.sin(np.pi * at / at[-1]) * 0.25)
        said.append(np.zeros(int(RATE * chance.uniform(0.35, 1.0))))
    return np.concatenate(said)[: int(seconds * RATE)]


def murmur(seconds: float) -> Samples:
    return np.random.default_rng(1).normal(0, 0.001, int(seconds * RATE))


def many(seconds: float) -> Samples:
    return sum((voice(seconds, seed) for seed in range(10, 22)), np.zeros(int(seconds * RATE))) * 0.4


def written(path: Path, heard: Samples) -> Path:
    (np.clip(heard, -1, 1) * 32767).astype("<i2").tofile(path)
    return path


def share(strip: str, heard: Heard) -> float:
    return strip.count(heard) / len(strip)


@pytest.mark.parametrize(
    ("heard", "kind"),
    [
        (voice(60, 1) + murmur(60), Heard.ONE_VOICE),
        (voice(60, 2) * 0.5 + murmur(60), Heard.ONE_VOICE),
        (many(60), Heard.MANY_VOICES),
        (murmur(60), Heard.QUIET),
        (np.zeros(60 * RATE), Heard.QUIET),
    ],
    ids=["a voice", "a soft voice", "many voices", "a murmur", "nothing"],
)
def test_each_is_told_from_the_others(tmp_path: Path, heard: Samples, kind: Heard) -> None:
    strip = strip_of(levels(written(tmp_path / "samples", heard)))
    assert len(strip) == 60_000 // CELL_MS
    assert share(strip, kind) > 0.9, strip


def test_what_changes_in_a_lesson_changes_in_its_strip_at_that_moment(tmp_path: Path) -> None:
    lesson = np.concatenate([voice(40, 3), many(40), murmur(40)])
    found = calm(strip_of(levels(written(tmp_path / "samples", lesson))), least_ms=6000)
    assert [kind for _, _, kind in found] == [Heard.ONE_VOICE, Heard.MANY_VOICES, Heard.QUIET]
    assert [
        abs(begins - about) <= 3 * CELL_MS for (begins, _, _), about in zip(found, (0, 40_000, 80_000), strict=True)
    ] == [True] * 3


def test_neighbours_are_joined_and_a_cough_is_no_part_of_a_lesson() -> None:
    assert stretches("ooqm") == [(0, 4000, Heard.ONE_VOICE), (4000, 6000, Heard.QUIET), (6000, 8000, Heard.MANY_VOICES)]
    assert calm("ooooqoooommmm", least_ms=6000) == [(0, 18_000, Heard.ONE_VOICE), (18_000, 26_000, Heard.MANY_VOICES)]
    assert calm("", least_ms=6000) == []


def test_a_film_is_listened_through_in_the_jail(tmp_path: Path, each_jail: Jail) -> None:
    raw = written(tmp_path / "raw", np.concatenate([voice(20, 4), murmur(20)]))
    sound, folder = tmp_path / "sound.mp4", tmp_path / "work"
    folder.mkdir()
    made = ["-v", "error", "-f", "s16le", "-ar", str(RATE), "-ac", "1", "-i", str(raw), "-c:a", "aac", str(sound)]
    assert Jail.choose("off").run_ffmpeg(made, folder=tmp_path, limits=Limits(cpu_s=30, wall_s=60.0)).code == 0
    strip = make_strip(sound, lasts_ms=40_000, into=folder, jail=each_jail)
    assert share(strip[:10], Heard.ONE_VOICE) > 0.8, strip
    assert share(strip[12:], Heard.QUIET) > 0.8, strip
    assert list(folder.iterdir()) == [], "nothing is left of the samples"


def test_what_is_no_sound_says_so(tmp_path: Path, each_jail: Jail) -> None:
    (tmp_path / "no.mp4").write_bytes(b"no sound at all")
    folder = tmp_path / "work"
    folder.mkdir()
    with pytest.raises(MediaError) as refused:
        make_strip(tmp_path / "no.mp4", lasts_ms=1000, into=folder, jail=each_jail)
    assert refused.value.retryable
