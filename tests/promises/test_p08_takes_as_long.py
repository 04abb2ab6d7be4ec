"""P8: an answer that hides a thing takes as long as one for a thing that isn't there."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from pathlib import Path
from statistics import NormalDist, median
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.promises.cast import Cast, cast

PAIRS = 300
#: What chance alone brings once in a hundred rounds, it brings in all of these once in a million.
ROUNDS = 3
#: A member of the group before the lesson is shared, its co-ordinator, and somebody of another alliance.
ASKED = (
    ("B", "/recordings/{}"),
    ("B", "/media/{}/master.m3u8"),
    ("M", "/api/v1/recordings/{}/play"),
    ("M", "/recordings/{}/notes"),
    ("Z", "/recordings/{}"),
    ("Z", "/api/v1/recordings/{}/play"),
)


@pytest.fixture
def private(sessions: sessionmaker[Session], tmp_path: Path) -> Cast:
    return cast(sessions, tmp_path, "private")


@pytest.mark.parametrize(("who", "address"), ASKED)
def test_p08_hidden_and_absent_take_as_long(private: Cast, who: str, address: str) -> None:
    hidden = address.format(private.ids["recording_id"])
    told = []
    for _ in range(ROUNDS):
        pairs = [(_took(private, who, hidden), _took(private, who, address.format(uuid4()))) for _ in range(PAIRS)]
        here, nowhere = ([pair[side] for pair in pairs] for side in (0, 1))
        chance, apart = rank_test(here, nowhere), abs(median(here) / median(nowhere) - 1)
        if chance > 0.01 and apart <= 0.10:
            return
        told.append(f"p {chance:.4f}, medians {apart:.0%} apart")
    pytest.fail("; ".join(told))


def rank_test(first: Sequence[float], second: Sequence[float]) -> float:
    """Say how likely it is that times of one kind differ so much: Mann and Whitney's U by its normal approximation.

    H. B. Mann and D. R. Whitney, Annals of Mathematical Statistics 18 (1947), 50-60.
    """
    theirs = sorted(second)
    u = sum((bisect_left(theirs, one) + bisect_right(theirs, one)) / 2 for one in first)
    size = len(first) * len(second)
    spread = (size * (len(first) + len(second) + 1) / 12) ** 0.5
    return 2 * NormalDist().cdf(-abs(u - size / 2) / spread)


def test_the_rank_test_tells_a_tenth_of_a_difference() -> None:
    times = [1 + number / 1000 for number in range(PAIRS)]
    assert rank_test(times, times[::-1]) == pytest.approx(1)
    assert rank_test(times, [one + 0.1 for one in times]) < 1e-6


def _took(private: Cast, who: str, address: str) -> float:
    began = time.perf_counter()
    answer = private.ask(who, address)
    took = time.perf_counter() - began
    assert answer.status_code == 404
    return took
