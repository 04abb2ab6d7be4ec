"""An alliance to agree things in, and a second one that must never be noticed."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.app.agreements.town import Town, build
from tests.app.agreements.web import Web


@pytest.fixture
def town(session: Session) -> Town:
    """Build the alliance of the test."""
    return build(session)


@pytest.fixture
def elsewhere(session: Session) -> Town:
    """Build another alliance on the same machine."""
    return build(session, "Coast Alliance")


@pytest.fixture
def web(sessions: sessionmaker[Session], tmp_path: Path) -> Web:
    """Build the application over an alliance and its decoy."""
    return Web.build(sessions, tmp_path)
