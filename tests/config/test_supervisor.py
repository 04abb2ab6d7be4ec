"""All of Backrow, started and stopped, and killed: nothing is lost and no process is left."""

import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from config import children
from config.postgres import OWNER, Cluster

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_PATIENCE_S = 180.0
_COMMAND: list[str | Path] = [sys.executable, "-m", "config.cli"]


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something that other processes do; fail with its name where they don't."""
    deadline = time.monotonic() + _PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        port: int = tried.getsockname()[1]
        return port


@dataclass
class Place:
    """A data folder, and whatever runs on it."""

    data: Path
    port: int = field(default_factory=free_port)

    @property
    def environ(self) -> dict[str, str]:
        """Give the environment that every process of this place has."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BACKROW_")}
        return clean | {"BACKROW_DATA": str(self.data), "BACKROW_PORT": str(self.port)}

    @property
    def said(self) -> str:
        """Give all that the supervisor printed so far."""
        return (self.data.parent / "said.txt").read_text(errors="replace")

    def processes(self, word: str = "") -> list[int]:
        """List every live process of this place whose command line holds `word`: all carry its settings with them."""
        mark, found = f"BACKROW_DATA={self.data}".encode(), []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (process / "environ").read_bytes() and word.encode() in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def start(self) -> children.Child:
        """Start all of Backrow."""
        with (self.data.parent / "said.txt").open("wb") as said:
            return children.start([*_COMMAND, "serve"], environ=self.environ, output=said)

    def ready(self) -> bool:
        """Tell whether it has said what to do next."""
        return "| ready: open http" in self.said

    def answers(self) -> bool:
        """Tell whether pages are served."""
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5).close()
        except urllib.error.HTTPError:
            return True  # whatever it says, it says it
        except OSError:
            return False
        return True

    def cluster(self) -> Cluster:
        """Give its database."""
        return Cluster(self.data / "database")

    @contextmanager
    def rows(self) -> Iterator[psycopg.Connection]:
        """Open a connection as the owner of its tables."""
        with psycopg.connect(self.cluster().conninfo(OWNER), autocommit=True) as connection:
            yield connection


@pytest.fixture
def place() -> Iterator[Place]:
    """A data folder of its own; whatever still runs on it afterwards is ended."""
    folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    made = Place(folder / "data")
    yield made
    for process_id in made.processes():
        os.kill(process_id, signal.SIGKILL)
    until(lambda: not made.processes(), "all is gone")
    shutil.rmtree(folder)


def test_it_starts_says_what_to_do_next_and_stops_leaving_no_process(place: Place) -> None:
    supervisor = place.start()
    until(place.ready, "it is ready")
    assert re.search(
        rf"http://127\.0\.0\.1:{place.port}/set-up and give it the code \w{{4}}-\w{{4}}-\w{{4}}\.", place.said
    )
    until(lambda: all(place.processes(word) for word in ("gunicorn", "worker", "clock")), "all kinds run")

    status, said = children.run(["env", f"BACKROW_DATA={place.data}", "BACKROW_PORT=1025", *_COMMAND, "serve"])
    assert status == 1
    assert f"runs on {place.data} already (process {supervisor.pid}," in said
    assert "Traceback" not in said

    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=_PATIENCE_S) == 0
    assert place.processes() == []


def test_killed_it_leaves_no_process_and_the_next_start_has_every_row(place: Place) -> None:
    supervisor = place.start()
    until(place.ready, "it is ready")
    with place.rows() as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'committed' AS word")
    os.kill(supervisor.pid, signal.SIGKILL)
    supervisor.wait()
    until(lambda: not place.processes(), "no process is left")

    again = place.start()
    until(place.ready, "it is ready again")
    with place.rows() as connection:
        assert connection.execute("SELECT word FROM kept").fetchall() == [("committed",)]
    again.send_signal(signal.SIGINT)
    assert again.wait(timeout=_PATIENCE_S) == 0
    assert place.processes() == []


def _kill_and_await(place: Place, name: str, word: str) -> None:
    until(lambda: bool(place.processes(word)), f"{name} runs")
    dead = set(place.processes(word))
    os.kill(min(dead), signal.SIGKILL)
    until(lambda: f"| {name} ended (status -9)" in place.said, f"the end of {name} is said")
    until(lambda: bool(set(place.processes(word)) - dead), f"{name} runs again")


def test_what_dies_is_started_again_and_said(place: Place) -> None:
    supervisor = place.start()
    until(place.ready, "it is ready")
    for name, word in (("web", "gunicorn"), ("clock", "config.cli\0clock"), ("database", "config_file=")):
        _kill_and_await(place, name, word)
    until(place.answers, "pages are served again")
    supervisor.send_signal(signal.SIGTERM)
    assert supervisor.wait(timeout=_PATIENCE_S) == 0
    assert place.processes() == []


def test_a_taken_port_is_said_before_anything_is_started(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", place.port))
        taken.listen()
        supervisor = place.start()
        assert supervisor.wait(timeout=_PATIENCE_S) == 1
    assert f"BACKROW_PORT {place.port} can't be used" in place.said
    assert "set BACKROW_PORT to another" in place.said
    assert not (place.data / "database").exists()
