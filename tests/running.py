"""All of Backrow as its own processes, started as `make run` starts it, on a data folder of its own."""

import os
import re
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from config import children

_PATIENCE_S = 90.0
COMMAND = [sys.executable, "-m", "config.cli"]
_READY = re.compile(r"open (http://\S+)/set-up and give it the code (\S+?)\.")


def until(true: Callable[[], object], what: str, *, patience_s: float = _PATIENCE_S) -> None:
    """Wait for something that other processes do.

    Raises:
        AssertionError: it didn't come true in time; names it.
    """
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.05)


def free_port() -> int:
    """Find a port that nobody has."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


def listens(port: int | None) -> bool:
    """Tell whether somebody takes calls there."""
    try:
        socket.create_connection(("127.0.0.1", port or 0), timeout=1).close()
    except OSError:
        return False
    return True


@dataclass
class Backrow:
    """One installation; `start` and `stop` may be called again and again on the same data."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    _child: children.Child | None = None

    @property
    def address(self) -> str:
        """Where people open it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environ(self) -> dict[str, str]:
        """What its processes find in their environment."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BACKROW_")}
        own = {"BACKROW_DATA": str(self.folder / "data"), "BACKROW_PORT": str(self.port)}
        return clean | own | self.settings

    @property
    def said(self) -> str:
        """All that it printed since it was started."""
        return (self.folder / "said.txt").read_text(errors="replace")

    def start(self) -> None:
        """Start everything, and wait until it says so."""
        self.folder.mkdir(exist_ok=True, parents=True)
        with (self.folder / "said.txt").open("wb") as said:
            self._child = children.start([*COMMAND, "serve"], environ=self.environ, output=said)
        until(lambda: "ready:" in self.said, f"Backrow says that it is ready; it said {self.said[-800:]}")

    @property
    def code(self) -> str:
        """The code that the first-run page asks for."""
        found = _READY.search(self.said)
        assert found, self.said
        return found[2]

    def stop(self) -> None:
        """Stop everything, as Ctrl-C does."""
        if self._child is not None:
            children.end(self._child, patience_s=60)
            self._child = None


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Backrow]:
    """Have Backrow running for a while."""
    backrow = Backrow(folder, settings)
    backrow.start()
    try:
        yield backrow
    finally:
        backrow.stop()
