"""The lesson of a triad, shared under version 1."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.app.agreements.web import Web
from tests.app.home.test_live_in_browser import address  # noqa: F401 - a fixture: served with the live channel
from tests.app.lessons.recordings.lesson import Lesson
from tests.app.observation.scene import Scene, build


@pytest.fixture
def lesson(sessions: sessionmaker[Session], tmp_path: Path) -> Lesson:
    """Tom's lesson, in which nobody has done anything yet."""
    return Lesson(build(sessions, tmp_path))


@pytest.fixture
def scene(lesson: Lesson) -> Scene:
    """What is served where a browser is needed."""
    return lesson.scene


@pytest.fixture
def web(sessions: sessionmaker[Session], tmp_path: Path) -> Web:
    """Build the application over an alliance and its decoy."""
    return Web.build(sessions, tmp_path)
