"""What tests said: read from the file that pytest writes, of a run now or of an earlier one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import click

PASSED, FAILED, LEFT_OUT = "passed", "failed", "left out"


@dataclass(frozen=True)
class Result:
    """One test: how it ended, and for one that was left out, or came to no end, why."""

    name: str
    outcome: str
    why: str = ""

    @property
    def unread(self) -> bool:
        """Say whether this is a whole file of tests that could not even be read."""
        return self.outcome == FAILED and self.why.startswith("collection failure")

    @property
    def behaviour(self) -> str:
        """Its name without the row of its table."""
        return self.name.partition("[")[0]


def read(file: Path) -> list[Result]:
    """Read a junit file.

    Raises:
        ClickException: it isn't one.
    """
    try:
        root = ET.parse(file).getroot()  # noqa: S314 - a file of whoever keeps the machine, not a stranger's
    except (ET.ParseError, OSError) as error:
        say = f"{file} is no file that pytest wrote. Make one: `.venv/bin/pytest --junitxml=FILE`."
        raise click.ClickException(say) from error
    return list(_results(root))


def _results(root: ET.Element) -> Iterator[Result]:
    for case in root.iter("testcase"):
        name = case.get("name", "")
        error = case.find("error")
        if error is not None or case.find("failure") is not None:
            yield Result(name, FAILED, "" if error is None else error.get("message", ""))
        elif (left_out := case.find("skipped")) is not None:
            yield Result(name, LEFT_OUT, " ".join((left_out.get("message") or "no reason given").split()))
        else:
            yield Result(name, PASSED)
