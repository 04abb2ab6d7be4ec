"""What is printed once Backrow is up: the code before anybody has set it up, and never afterwards."""

import hashlib
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from app.people.alliances.models import Alliance
from config.commands.processes import _has_an_alliance
from config.settings import Settings
from tests.conftest import Database


def test_the_set_up_is_over_once_there_is_an_alliance(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    settings = Settings.from_env(
        {
            "BACKROW_DATA": str(tmp_path),
            "BACKROW_DATABASE_URL": database.url,
            "BACKROW_DATABASE_OWNER_URL": database.owner_url,
            "BACKROW_SECRET_KEY": hashlib.sha256(b"only for tests").hexdigest(),
        }
    )
    assert not _has_an_alliance(settings)
    with sessions.begin() as session:
        session.add(Alliance(name="Valley"))
    assert _has_an_alliance(settings)
