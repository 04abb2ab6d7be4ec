"""Packets become stretches of one clock, and frames at the times at which a decoder gives them."""

from array import array
from fractions import Fraction

import pytest

from video.runs import Run, runs_of

_BASE = Fraction(1, 25)
_KEY = 1


def found(times: list[int], *, kind: str, keys: set[int], depth: int = 0, first: int | None = None) -> tuple[Run, ...]:
    """Find the runs of packets, given by their times in the file's order; `keys` are places in it."""
    rows = array("q")
    for place, time in enumerate(times):
        rows.extend((time, 1, place * 188, _KEY if place in keys else 0))
    return runs_of(rows, _BASE, kind=kind, depth=depth, first=first)[0]


@pytest.mark.parametrize(
    ("kind", "jump", "runs"),
    [
        pytest.param("mpegts", 25 * 20, 1, id="a stream that paused"),
        pytest.param("mpegts", 25 * 7200, 2, id="a stream whose clock was set far ahead"),
        pytest.param("mpeg", 25 * 7200, 2, id="the same on a disc"),
        pytest.param("mpegts", -25 * 20, 2, id="a stream whose clock was set back"),
        pytest.param("mpegts", -20, 1, id="less than a second back: pictures out of order"),
        pytest.param("matroska,webm", 25 * 7200, 1, id="a file that can't be taken apart keeps its long gap"),
        pytest.param("matroska,webm", -25 * 20, 2, id="and is seen to have two clocks"),
    ],
)
def test_a_clock_that_was_set_begins_another_run(kind: str, jump: int, runs: int) -> None:
    times = [*range(100, 150), *range(150 + jump, 200 + jump)]
    made = found(times, kind=kind, keys={0, 50})
    assert len(made) == runs
    assert sorted(time for run in made for time in run.pts) == sorted(times)
    assert made[-1].first_byte == (50 * 188 if runs == 2 else 0)


def test_a_wild_time_among_pictures_that_lean_begins_nothing() -> None:
    times = [*range(100), 10**6, *range(101, 150)]
    assert len(found(times, kind="mpegts", keys={0, 50})) == 1


def test_pictures_before_the_first_whole_one_that_no_decoder_shows_are_left_out() -> None:
    times = [3, 1, 2, 4, 5]  # a whole one, two that lean on it and on a lost one, and what follows
    assert found(times, kind="mpegts", keys={0}, first=3)[0].pts == (3, 4, 5)
    assert found(times, kind="mpegts", keys={0}, first=1)[0].pts == (1, 2, 3, 4, 5), "these could be decoded"
    assert found(times, kind="mpegts", keys={0}, first=None)[0].pts == (1, 2, 3, 4, 5), "nobody has looked"


def test_a_decoder_that_holds_pictures_back_gives_them_later_times() -> None:
    (run,) = found([0, 1, 2, 5, 6, 7], kind="avi", keys={0, 5}, depth=2)
    assert run.pts == (2, 5, 6, 7, 8, 9)
    assert (run.late, run.end) == (2, 10)


def test_a_film_shorter_than_what_a_decoder_holds_back_keeps_its_pictures() -> None:
    (run,) = found([0, 1], kind="avi", keys={0}, depth=4)
    assert len(run.pts) == 2


def test_in_an_avi_nobody_seeks_just_behind_a_gap() -> None:
    times = [*range(50), *range(60, 150)]
    keys = {0, 25, 50, 60, 80}  # the third at 60, just behind the gap; the fourth at 70; the last at 90
    assert found(times, kind="avi", keys=keys)[0].keys == (0, 25, 90)
    assert found(times, kind="mov,mp4,m4a,3gp,3g2,mj2", keys=keys)[0].keys == (0, 25, 60, 70, 90)
