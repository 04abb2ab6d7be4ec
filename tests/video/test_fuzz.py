"""Films broken by chance: each is refused with a sentence or taken, and nothing else comes of it."""

import random
from pathlib import Path

import pytest

from tests.fleet.fleet import left_running
from tests.video.fuzz import fuzz
from video.process import Jail

FILES = 40


@pytest.mark.timeout(600)
def test_p35_a_broken_film_is_refused_or_taken_and_nothing_else(tmp_path: Path, each_jail: Jail) -> None:
    seed = random.randrange(10**6)  # noqa: S311 - no secret
    came = fuzz(tmp_path, files=FILES, seed=seed, jail=each_jail)
    assert came.wrong == [], f"seed {seed}"
    assert came.codes.total() == FILES
    assert len(came.codes) > 1, f"seed {seed}: all came to the same: {came.codes}"
    assert left_running(tmp_path) == []
