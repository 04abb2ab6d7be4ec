"""What tests of media may ask for: the jail on each rung that this machine has, and lessons made once a session."""

import shutil
from pathlib import Path

import pytest

from tests.video.lessons import Maker
from video.process import Jail


def _bwrap_or_skip() -> None:
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed on this machine")


@pytest.fixture(scope="session")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("lessons"))


@pytest.fixture(scope="session")
def jail() -> Jail:
    """The jail that a worker on this machine would take."""
    return Jail.choose("auto")


@pytest.fixture(params=["landlock", pytest.param("bwrap", marks=pytest.mark.needs_bwrap)])
def each_jail(request: pytest.FixtureRequest) -> Jail:
    """The jail on each rung in turn."""
    if request.param == "bwrap":
        _bwrap_or_skip()
        return Jail.choose("bwrap")
    return Jail.choose("landlock")


@pytest.fixture
def into(tmp_path: Path) -> Path:
    """A worker's scratch folder."""
    folder = tmp_path / "into"
    folder.mkdir()
    return folder
