"""A shared lesson that is ready to be blurred."""

import pytest
from sqlalchemy import select

from app.lessons.media.models import Asset
from app.lessons.recordings.models import MediaState, Recording
from tests.app.lessons.blurs.blurring import board
from tests.app.lessons.playback.conftest import Shown, shown

__all__ = ["shown"]


@pytest.fixture
def lesson(shown: Shown) -> Shown:
    """Tom's shared lesson, all of it ready."""
    with shown.scene.sessions.begin() as session:
        recording = session.get_one(Recording, shown.scene.ids["recording"])
        recording.media_state, recording.watchable_ms, recording.duration_ms = MediaState.READY, 12_000, 12_000
        recording.verified_at = recording.created_at
        asset = session.scalars(select(Asset)).one()
        size = {"name": "240p", "width": 426, "height": 240, "crf": 27, "profile": "main", "level": "3.0"}
        asset.facts = {"renditions": [size], "notes": [], "cost_s": 1.0}
        asset.poster_key = f"r/{recording.id}/film/poster.jpg"
        session.add(board(asset, "film"))
    return shown
