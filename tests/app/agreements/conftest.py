"""An alliance to agree things in, and a second one that must never be noticed."""

import pytest
from sqlalchemy.orm import Session

from tests.app.agreements.town import Town, build


@pytest.fixture
def town(session: Session) -> Town:
    """Build the alliance of the test."""
    return build(session)


@pytest.fixture
def elsewhere(session: Session) -> Town:
    """Build another alliance on the same machine."""
    return build(session, "Coast Alliance")
