"""The distributed mode's kinds of process, on a PostgreSQL and an S3 server of their own, killed at random."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fleet.soak import SMALL, Plan, soak

pytestmark = [pytest.mark.needs_s3, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """On the disk: the S3 server's objects need attributes that a folder in memory may not have."""
    made = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    yield made
    shutil.rmtree(made)


def test_films_sent_through_a_fleet_that_is_being_killed_end_exact(folder: Path) -> None:
    seed = random.randrange(10**6)  # noqa: S311 - no secret
    came = soak(folder, Plan(sizes=SMALL, films=3, lasts_s=9.0, kills_for_s=20.0, seed=seed))
    assert came.problems == [], f"seed {seed}: {came}"
    assert came.kills.total() >= 8, came
    assert came.answers[404] > 0, came
