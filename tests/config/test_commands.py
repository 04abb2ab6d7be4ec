"""The `backrow` command, as somebody types it."""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from config import children
from config.cli import cli

Say = Callable[..., tuple[int, str]]


@pytest.fixture
def say() -> Iterator[Say]:
    """Say a command to a new installation; get its status and what it said."""
    with tempfile.TemporaryDirectory(prefix="backrow-tests-") as folder:

        def run(*words: str, **environ: str) -> tuple[int, str]:
            given = {"BACKROW_DATA": f"{folder}/data"} | environ
            settings = [f"{name}={value}" for name, value in given.items()]
            command: list[str | Path] = ["env", *settings, sys.executable, "-m", "config.cli", *words]
            return children.run(command, timeout_s=120)

        yield run


def test_a_new_installation_is_looked_at_and_then_migrated(say: Say) -> None:
    status, said = say("doctor")
    assert status == 1
    assert "BAD   migrations" in said
    assert "→ Say `backrow migrate`." in said
    assert "well  storage" in said
    assert "mind  mail" in said

    status, said = say("migrate")
    assert status == 0
    assert "done: Lay the ground" in said
    assert say("migrate") == (0, "The database is up to date.\n")

    status, said = say("doctor")
    assert status == 0, said
    assert "well  role" in said


def _groups(group: click.Group, *path: str) -> Iterator[tuple[tuple[str, ...], click.Group]]:
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _groups(command, *path, name)


GROUPS = list(_groups(cli))


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize(("path", "group"), GROUPS, ids=[" ".join(path) or "backrow" for path, _ in GROUPS])
def test_help_cuts_no_sentence_off(path: tuple[str, ...], group: click.Group, columns: int) -> None:
    said = CliRunner().invoke(cli, [*path, "--help"], terminal_width=columns).output
    listed = said.split("Commands:")[1]
    for name in group.commands:
        told = re.search(rf"^  {name}\s+(.*(?:\n {{4,}}.*)*)", listed, re.MULTILINE)
        assert told is not None, name
        assert told[1].endswith("."), name
        assert not told[1].endswith("..."), name


def test_jobs_are_listed_and_an_unknown_one_is_said_so(say: Say) -> None:
    say("migrate")
    assert say("jobs") == (0, "No job waits, runs, or was done within the last week.\n")
    status, said = say("job", "7")
    assert (status, said) == (1, "Error: There is no job 7. `backrow jobs` lists them; done ones go after a week.\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(["worker"], "Give a number from 1 to 65535.", id="worker"),
        pytest.param(["serve"], "Give a number from 1 to 65535.", id="serve"),
        pytest.param(["doctor"], "Give a number from 1 to 65535.", id="doctor"),
    ],
)
def test_settings_that_can_not_be_are_said_without_a_trace(say: Say, words: list[str], expected: str) -> None:
    status, said = say(*words, BACKROW_PORT="eighty")
    assert status == 1
    assert expected in said
    assert "Traceback" not in said


def test_a_process_does_not_start_on_a_database_that_lacks_steps(say: Say) -> None:
    status, said = say("clock")
    assert status == 1
    assert "The database refused or did not answer" in said, "it isn't running: only `serve` starts it"
