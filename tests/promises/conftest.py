"""What tests of promises may ask for: the database as the product connects to it, and all that is logged."""

import logging
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, event

from config import wire
from config.logging import Wordless
from config.settings import Settings
from tests.conftest import Database, plan_plainly


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """Connect as the web does."""
    environ = {"BACKROW_DATABASE_URL": database.url, "BACKROW_SECRET_KEY": "0123abcd" * 8}
    made = wire.engine(Settings.from_env(environ), wire.WEB)
    event.listen(made, "connect", plan_plainly)
    yield made
    made.dispose()


class Heard(logging.Handler):
    """Keeps each line once, as our log would write it down, without its time."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Wordless())
        self.lines: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.add(self.format(record).partition(" ")[2])

    @property
    def text(self) -> str:
        """Give all lines."""
        return "\n".join(sorted(self.lines))


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Hear all that anything says, down to its details: a worker's and the web's, whatever level is set for them."""
    handler, levels = Heard(), {"": logging.DEBUG, "sqlalchemy.engine": logging.WARNING}
    before = {name: logging.getLogger(name).level for name in levels}
    logging.getLogger().addHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    yield handler
    logging.getLogger().removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
