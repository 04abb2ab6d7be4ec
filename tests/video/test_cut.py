"""A film that is cut without encoding holds the pictures of its stretch, all of them, and nothing from after it."""

from pathlib import Path

import pytest

from tests.video import filming
from tests.video.lessons import Maker
from tests.video.reading import beeps, pictures
from tests.video.test_transcode import prepare
from video.cut import Cut, Wanted, cut
from video.errors import MediaError
from video.probe import probe
from video.process import Jail


def cut_of(film: Path, in_ms: int, out_ms: int, into: Path, jail: Jail) -> Cut:
    wanted = Wanted(kind=probe(film, jail=jail).format, in_ms=in_ms, out_ms=out_ms)
    return cut(film, wanted, into=into, jail=jail)


@pytest.mark.parametrize(
    ("name", "stretch_ms", "numbers"),
    [
        pytest.param("long.mp4", (12_000, 31_000), range(100, 310), id="from the whole picture before"),
        pytest.param("long.mp4", (10_000, 31_000), range(100, 310), id="from a whole picture"),
        pytest.param("long.mp4", (0, 400_000), range(640), id="all of it"),
        pytest.param("one-key.mp4", (3000, 5000), range(150), id="with one whole picture, from the beginning"),
        pytest.param("wrapping.ts", (0, 3000), range(90), id="over a clock that wraps"),
        pytest.param("edit-list.mp4", (0, 3000), range(39, 127), id="what a phone had hidden stays hidden"),
        pytest.param("edit-list.mp4", (3000, 6000), range(120, 217), id="after what a phone had hidden"),
    ],
)
def test_the_served_pictures_are_those_of_the_stretch(
    maker: Maker, tmp_path: Path, name: str, stretch_ms: tuple[int, int], numbers: range
) -> None:
    film, jail = maker.lesson(name), Jail.choose("auto")
    made = cut_of(film.path, *stretch_ms, tmp_path, jail)
    served = prepare(made.path, tmp_path, jail)
    shown = pictures(served.films[served.plan.renditions[0].name])
    assert [number for number, _ in shown] == list(numbers)
    times = dict(zip(film.numbers, film.times_s, strict=True))
    expected = [times[number] - times[numbers[0]] for number in numbers]
    assert [float(at) for _, at in shown] == pytest.approx(expected, abs=0.001)


def test_the_sound_stays_with_its_pictures_and_nothing_is_heard_from_after_the_end(
    maker: Maker, jail: Jail, tmp_path: Path
) -> None:
    made = cut_of(maker.lesson("long.mp4").path, 12_000, 31_000, tmp_path, jail)
    shown, heard = pictures(made.path), beeps(made.path)
    first = float(shown[0][1])
    assert [round(at - first, 1) for at in heard] == [float(second) for second in range(21)]
    assert probe(made.path, jail=jail).notes == ()


def test_pictures_that_lean_on_what_is_gone_go_too(jail: Jail, maker: Maker, tmp_path: Path) -> None:
    open_gop = ("-c:v", "mpeg2video", "-q:v", "3", "-g", "10", "-bf", "2", "-sc_threshold", "1000000000")
    film = tmp_path / "camcorder.ts"
    filming.film(maker, filming.Film("groups that are open", open_gop, audio=("-c:a", "mp2")), film)
    made = cut_of(film, 2000, 4000, tmp_path, jail)
    served = prepare(made.path, tmp_path, jail)
    numbers = [number for number, _ in pictures(served.films[served.plan.renditions[0].name])]
    assert numbers == list(range(numbers[0], numbers[0] + made.packets))
    assert numbers[0] <= 50
    assert 95 <= numbers[-1] < 100


def test_where_and_on_what_it_was_filmed_is_gone(maker: Maker, jail: Jail, tmp_path: Path) -> None:
    film = tmp_path / "told.mp4"
    maker.ffmpeg("-i", maker.lesson("plain.mp4").path, "-c", "copy", "-metadata", "comment=canary", film)
    assert b"canary" in film.read_bytes()
    assert b"canary" not in cut_of(film, 1000, 5000, tmp_path, jail).path.read_bytes()


def test_a_stretch_after_the_film_is_refused(maker: Maker, jail: Jail, tmp_path: Path) -> None:
    with pytest.raises(MediaError) as refused:
        cut_of(maker.lesson("plain.mp4").path, 6000, 9000, tmp_path, jail)
    assert refused.value.code == "nothing_there"
