"""A triad in the middle of a turn, whose lesson Amina has begun to watch."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.app.observation.scene import Scene, build


@pytest.fixture
def scene(sessions: sessionmaker[Session], tmp_path: Path) -> Scene:
    return build(sessions, tmp_path)


@pytest.fixture
def topics(scene: Scene) -> str:
    return f"me,recording:{scene.ids['recording']},cycle:{scene.ids['cycle']}"
