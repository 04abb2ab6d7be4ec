"""Amina's turn in an alliance, with a decoy beside it, and her film."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.app.agreements.web import Web
from tests.app.lessons.uploads.hand import Hand


@pytest.fixture
def web(sessions: sessionmaker[Session], tmp_path: Path) -> Web:
    sessions.configure(expire_on_commit=False)
    return Web.build(sessions, tmp_path)


@pytest.fixture
def hand(web: Web) -> Hand:
    """What Amina's script does; it is her turn in a project with Tom."""
    return Hand.at_her_turn(web)
