"""Whatever a school's camera makes: what is served again shows every picture, in order, at its time, in its colours."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video import reading
from tests.video.corpus import COLOURS, KINDS, PATCHES, coloured, kind
from tests.video.lessons import Maker
from tests.video.test_transcode import Prepared, near, prepare
from video.plan import plan
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound

#: Matroska and its like count in milliseconds, Flash's too.
_COARSE = (".mkv", ".webm", ".flv", ".wmv")
_TICK_S, _COARSE_S = 1 / 90_000, 0.001
#: A sound may be early or late by less than a frame, and a beep begins within some samples.
_BEEP_S = 0.002
_KR, _KB = 0.2126, 0.0722
#: Of 255: what rounding, the coder and one change of matrix leave, in the mean and at most.
_MEAN, _MOST = 4.0, 8.0


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_of_film_comes_through(maker: Maker, tmp_path: Path, jail: Jail, name: str) -> None:
    lesson = kind(maker, name)
    made = prepare(lesson.path, tmp_path, jail)
    assert made.missing == 0
    assert all(len(digests) == 1 for digests in made.inits.values())
    within_s = _COARSE_S if name.endswith(_COARSE) else _TICK_S
    for size in made.plan.renditions:
        shown = reading.pictures(made.films[size.name])
        assert [number for number, _ in shown] == list(lesson.numbers)
        assert near([float(at) for _, at in shown], lesson.times_s, within_s)
        assert reading.size_of(made.films[size.name]) == (size.width, size.height)
        assert abs(size.width / size.height - lesson.upright[0] / lesson.upright[1]) < 0.02
    assert abs(made.plan.duration_ms / 1000 - (lesson.times_s[-1] + _step(lesson.times_s))) < 0.003
    assert near(heard(made, lesson.path, tmp_path, jail), lesson.beeps_s[1:], _BEEP_S)


def _step(times_s: tuple[float, ...]) -> float:
    return times_s[-1] - times_s[-2] if len(times_s) > 1 else 0.04


def heard(made: Prepared, film: Path, tmp_path: Path, jail: Jail) -> list[float]:
    """Say when each beep begins, but for the first, which the coder's beginning eats into."""
    if made.plan.sound is None:
        return []
    into = tmp_path / "sound"
    into.mkdir()
    pieces: list[tuple[InitFile, SegmentFile]] = []
    encode_sound(film, made.plan.sound, into=into, jail=jail, on_segment=lambda *piece: pieces.append(piece))
    return reading.beeps(reading.joined(into / "joined.mp4", pieces[0][0], [piece for _, piece in pieces]))[1:]


@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_those_of_the_room_in_every_size(maker: Maker, tmp_path: Path, jail: Jail, name: str) -> None:
    made = prepare(coloured(maker, name), tmp_path, jail)
    for film in made.films.values():
        off = list(errors(film))
        assert sum(off) / len(off) <= _MEAN, off
        assert max(off) <= _MOST, off


def errors(film: Path) -> Iterator[float]:
    """Give how far each patch is from its true colour, of 255, as a player shows what says BT.709, limited range."""
    with av.open(str(film)) as container:
        frame = next(container.decode(container.streams.video[0]))
        assert isinstance(frame, av.VideoFrame)
        assert (int(frame.colorspace), int(frame.color_range)) == (1, 1), "it says what it is"
        planes = frame.to_ndarray(format="yuv420p").astype(float)
    width, height = frame.width, frame.height
    luma = planes[:height]
    blue, red = (
        planes[height + place * height // 4 : height + (place + 1) * height // 4].reshape(height // 2, width // 2)
        for place in (0, 1)
    )
    for place, patch in enumerate(PATCHES):
        x = int((place + 0.5) * width / len(PATCHES))
        y = (luma[height // 2 - 4 : height // 2 + 4, x - 4 : x + 4].mean() - 16) / 219
        u, v = (
            (plane[height // 4 - 2 : height // 4 + 2, x // 2 - 2 : x // 2 + 2].mean() - 128) / 224
            for plane in (blue, red)
        )
        r, b = y + 2 * (1 - _KR) * v, y + 2 * (1 - _KB) * u
        g = (y - _KR * r - _KB * b) / (1 - _KR - _KB)
        yield float(np.abs(np.clip(np.array([r, g, b]), 0, 1) * 255 - np.array(patch)).max())


@pytest.mark.parametrize("name", ["hlg.mp4", "ten-bits.mp4"])
def test_a_bright_film_is_brought_down_and_not_washed_out(maker: Maker, tmp_path: Path, jail: Jail, name: str) -> None:
    """Black and white of the number's strip stay far apart, and neither is clipped off everywhere."""
    made = prepare(kind(maker, name).path, tmp_path, jail)
    with av.open(str(made.films["240p"])) as container:
        frame = next(container.decode(container.streams.video[0]))
        assert isinstance(frame, av.VideoFrame)
        grey = frame.to_ndarray(format="gray")
    dark, bright = np.percentile(grey, [2, 98])
    assert dark < 60
    assert bright > 150
    assert int(frame.colorspace) == 1


def test_what_was_planned_before_keeps_its_recipe(maker: Maker, jail: Jail) -> None:
    chunk = plan(probe(maker.lesson("plain.mp4").path, jail=jail)).chunks[0]
    row = chunk.to_json()
    assert row["matrix"] == "bt601"
    assert type(chunk).from_json(row) == chunk
    del row["matrix"]
    assert type(chunk).from_json(row).matrix is None
