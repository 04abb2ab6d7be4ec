"""`backrow backup` and `backrow restore`, as somebody types them: with Backrow's own database, started or not."""

import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import children
from tests.config.backup.home import Home
from tests.running import Backrow, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def say(here: Backrow, *words: str | Path) -> tuple[int, str]:
    """Say a command to an installation; get its status and what it said."""
    here.folder.mkdir(exist_ok=True)
    with (here.folder / "command.txt").open("wb") as output:
        child = children.start([sys.executable, "-m", "config.cli", *words], environ=here.environ, output=output)
    status = child.wait(timeout=240)
    return status, (here.folder / "command.txt").read_text()


def founded(here: Backrow) -> None:
    """Have an alliance there."""
    (here.folder / "password").write_text("a lamp under seven hats")
    names = ("--alliance", "Valley", "--school", "Hillside", "--name", "Joan", "--email", "joan@valley.example")
    status, said = say(here, "setup", *names, "--password-file", here.folder / "password")
    assert status == 0, said


@pytest.fixture
def ground() -> Iterator[Path]:
    """Give a folder that the database's own user can reach."""
    with tempfile.TemporaryDirectory(prefix="backrow-tests-") as folder:
        yield Path(folder)


def test_p22_a_running_backrow_is_backed_up_and_brought_back_elsewhere(ground: Path) -> None:
    backups = ground / "backups"
    with running(ground / "one") as here:
        founded(here)
        status, said = say(here, "backup", backups)
        assert status == 0, said
        assert "The backup is whole" in said
        status, said = say(here, "restore", backups)
        assert status == 1
        assert "Stop it there with Ctrl-C" in said, "beneath a running Backrow nothing is exchanged"

    inside = here.folder / "data" / "backups"
    assert say(here, "backup", inside) == (1, "A backup in the data folder is lost with it. Name a folder elsewhere.\n")

    there = Backrow(ground / "two")
    status, said = say(there, "restore", "--check", backups)
    assert status == 0, said
    assert "as it was written" in said
    assert not (there.folder / "data").exists(), "looking needs no installation"
    status, said = say(there, "restore", backups)
    assert status == 0, said
    assert "0 lessons that were erased" in said
    status, said = say(there, "person", "list")
    assert status == 0
    assert "joan@valley.example" in said
    (manifest,) = backups.glob("sets/*/manifest.json")
    head = json.loads(manifest.read_text())["manifest"]["audit_head"]
    status, said = say(there, "audit", "verify", "--known", head)
    assert status == 0, said
    assert "The chain is whole." in said


@pytest.mark.parametrize("kind", ["local"], indirect=True)
def test_from_one_machine_to_a_database_of_ones_own(home: Home, tmp_path: Path) -> None:
    """The application's role is enough to take a backup, not to bring one back."""
    environ = home.place.environ | {"BACKROW_DATABASE_OWNER_URL": home.place.environ["BACKROW_DATABASE_URL"]}
    with (tmp_path / "said").open("wb") as output:
        command: list[str | Path] = [sys.executable, "-m", "config.cli", "backup", home.folder.path]
        assert children.start(command, environ=environ, output=output).wait(timeout=240) == 0, output
    there = home.new_place()
    settings = there.environ | {"BACKROW_DATABASE_OWNER_URL": there.environ["BACKROW_DATABASE_URL"]}
    with (tmp_path / "said").open("wb") as output:
        words: list[str | Path] = [sys.executable, "-m", "config.cli", "restore", home.folder.path]
        assert children.start(words, environ=settings, output=output).wait(timeout=240) == 1
    assert "BACKROW_DATABASE_OWNER_URL" in (tmp_path / "said").read_text()
    child = there.start("restore", home.folder.path, said=tmp_path / "said")
    assert child.wait(timeout=240) == 0, (tmp_path / "said").read_text()
    assert there.objects() == home.place.objects()
