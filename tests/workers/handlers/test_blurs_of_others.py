"""However a film was prepared, copied as it came or in two passes: its blurred copy is blurred, in every size."""

from pathlib import Path

import pytest

from app.lessons.media import passes
from app.lessons.media.models import AssetKind
from app.lessons.recordings.models import MediaState
from tests.video.lessons import Maker
from tests.video.reading import pictures
from tests.video.test_blur import FLAT, FOLLOWING, cells, roughness, seen
from tests.workers.handlers.bench import Bench
from tests.workers.handlers.blurring import assets, begin, choose, joined, settle
from tests.workers.handlers.test_as_it_came import SHOT


def blurred(bench: Bench) -> None:
    """Choose, see ten seconds, have the whole made, and use it."""
    assert bench.recording().media_state == MediaState.READY
    choose(bench)
    bench.work()
    begin(bench)
    bench.work()


def hidden(film: Path, size: tuple[int, int]) -> bool:
    """Tell whether the region can't be made out in any picture."""
    return all(roughness(cells(pixels, FOLLOWING, at_s, size)) < FLAT for at_s, pixels in seen(film))


def test_the_copy_of_a_film_that_is_served_as_it_came_is_blurred(bench: Bench, maker: Maker, tmp_path: Path) -> None:
    film = maker.film(tmp_path / "right.mp4", SHOT)
    bench.send(film.path)
    bench.work()
    assert bench.asset().facts["renditions"][0]["copied"]
    clear = joined(bench, bench.asset().id, "sound", tmp_path).read_bytes()
    blurred(bench)
    copy = assets(bench)[AssetKind.BLURRED_COPY]
    shown = joined(bench, copy.id, "360p", tmp_path)
    assert [number for number, _ in pictures(shown)] == list(film.numbers)
    assert hidden(shown, (640, 360))
    assert joined(bench, copy.id, "sound", tmp_path).read_bytes() != clear, "voices are masked"
    settle(bench)
    bench.work()
    assert list(assets(bench)) == [AssetKind.BLURRED_COPY]


def test_the_copy_of_a_film_made_in_two_passes_is_blurred_in_every_size(
    bench: Bench, maker: Maker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passes, "LONG_S", -1.0)
    film = maker.lesson("large.mp4")
    bench.send(film.path)
    bench.work()
    assert bench.asset().facts["later"] == ["720p"]
    blurred(bench)
    copy = assets(bench)[AssetKind.BLURRED_COPY]
    for name, size in {"240p": (426, 240), "480p": (854, 480), "720p": (1280, 720)}.items():
        shown = joined(bench, copy.id, name, tmp_path)
        assert len(pictures(shown)) == len(film.numbers)
        assert hidden(shown, size), name
