"""Backups taken while people work: whatever they do meanwhile, what comes back fits together."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from app.custody.erasure.models import Tombstone
from app.lessons.media.models import Asset, Segment
from app.lessons.recordings.models import Recording, RecordingState
from config import children
from tests.config.backup.conftest import all_sessions
from tests.config.backup.home import Home, Place
from tests.running import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
TIMES = 3


def test_p22_backups_taken_while_people_work_fit_together(home: Home, tmp_path: Path) -> None:
    enough, said = tmp_path / "enough", tmp_path / "said"
    with said.open("wb") as output:
        words: list[str | Path] = [sys.executable, "-m", "tests.config.backup.busy", enough]
        people = children.start(words, environ=home.place.environ, output=output)
    for times in range(1, TIMES + 1):
        until(lambda: len(said.read_text().split()) > times, "lessons are erased")  # noqa: B023 - asked at once
        home.back_up()
    assert people.poll() is None, f"they are at work all the time; they said {said.read_text()}"
    enough.touch()
    assert people.wait(timeout=60) == 0, said.read_text()
    for each in home.folder.sets():
        there = home.new_place()
        home.restore(there, each.name)
        see_that_it_fits(there)


def see_that_it_fits(place: Place) -> None:
    """Every object that a row names is there with its bytes, and nothing else is; the erased stay erased."""
    with all_sessions(place.database)() as session:
        open_ = select(Asset.id).join(Recording, Recording.id == Asset.recording_id)
        open_ = open_.where(Recording.state.not_in([RecordingState.ERASING, RecordingState.ERASED]))
        named = {row.key: row.sha256 for row in session.execute(select(Segment.key, Segment.sha256))}
        assert session.scalars(open_).first()
        gone = [f"r/{stone}/" for stone in session.scalars(select(Tombstone.recording_id))]
        erasing = [
            f"r/{lesson}/"
            for lesson in session.scalars(select(Recording.id).where(Recording.state == RecordingState.ERASING))
        ]
    objects = place.objects()
    assert [key for key in objects if key.startswith(tuple(gone))] == []
    assert [key for key in named if key.startswith(tuple(gone))] == []
    sure = {key: digest for key, digest in named.items() if not key.startswith(tuple(erasing))}
    assert sure
    assert {key: objects.get(key) for key in sure} == sure
