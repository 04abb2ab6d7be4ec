"""Films broken by chance: each is refused with a sentence or taken, and nothing else comes of it."""

import os
from pathlib import Path

import pytest

from tests.fleet.fleet import left_running
from tests.video.fuzz import fuzz
from video.process import Jail

#: On each rung of the jail; a build machine with time to spare may be told of more.
FILES = int(os.environ.get("BACKROW_FUZZ_FILES", "40"))
#: The same films each time: a change is judged by itself. New ones are looked for by `python -m tests.video.fuzz`.
SEED = 598_818


@pytest.mark.timeout(600 + 2 * FILES)
def test_p35_a_broken_film_is_refused_or_taken_and_nothing_else(tmp_path: Path, each_jail: Jail) -> None:
    came = fuzz(tmp_path, files=FILES, seed=SEED, jail=each_jail)
    assert came.wrong == []
    assert came.codes.total() == FILES
    assert len(came.codes) > 1, f"all came to the same: {came.codes}"
    assert left_running(tmp_path) == []
