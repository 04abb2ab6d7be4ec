"""The application as it starts, without a database: house rules look at what is declared, not at rows."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import sessionmaker

from tests.browser import make_app


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """Build the application once; nothing here may ask it for a row."""
    folder: Path = tmp_path_factory.mktemp("site")
    return make_app(sessionmaker(), folder)
