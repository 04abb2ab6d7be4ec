"""A worker or clock process with handlers of its own, for tests that stop and kill it.

`python -m tests.workers.worker_process worker|clock CONNINFO FOLDER`
"""

import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.orm import sessionmaker

from app.jobs import Job, Queue
from app.wall import everywhere
from video.process import Jail
from video.storage.local import LocalStorage
from video.storage.signing import Signer
from workers import run
from workers.registry import handles
from workers.tools import Scratch, Tools


@dataclass(frozen=True)
class Answer(Job):
    """Done at once."""

    queue = Queue.MEDIA
    name: str


@dataclass(frozen=True)
class Wait(Job):
    """Done once the file `go` is there; makes a film in its scratch folder meanwhile."""

    queue = Queue.MEDIA
    name: str


@dataclass(frozen=True)
class HoldOn(Job):
    """Never done; breaks off when the process is stopped."""

    queue = Queue.MEDIA
    attempts = 1
    name: str


@dataclass(frozen=True)
class Stumble(Job):
    """Fails each time."""

    queue = Queue.MEDIA
    attempts = 2
    name: str


@dataclass(frozen=True)
class TakeRoom(Job):
    """Done where there is room; tried once."""

    queue = Queue.MEDIA
    attempts = 1
    name: str


def _begin(name: str) -> None:
    with Path(f"{name}.runs").open("a") as runs:
        runs.write(f"{os.getpid()}\n")


@handles(Answer)
def answer(job: Answer, _tools: Tools) -> None:
    """Leave a mark."""
    _begin(job.name)


@handles(Wait)
def wait(job: Wait, tools: Tools) -> None:
    """Leave a mark and a film, then wait to be let go."""
    with tools.folder() as folder:
        (folder / "pupils.mp4").write_bytes(b"a film of children")
        _begin(job.name)
        while not Path("go").exists():
            time.sleep(0.02)


@handles(HoldOn)
def hold_on(job: HoldOn, tools: Tools) -> None:
    """Leave a mark, then work until told to break off."""
    _begin(job.name)
    while True:
        tools.still_wanted()
        time.sleep(0.02)


@handles(TakeRoom)
def take_room(job: TakeRoom, tools: Tools) -> None:
    """Ask for a folder, then leave a mark."""
    with tools.folder():
        _begin(job.name)


def _say_given_up(job: Stumble, _tools: Tools, error: Exception) -> None:
    Path(f"{job.name}.given_up").write_text(type(error).__name__)


@handles(Stumble, given_up=_say_given_up)
def stumble(job: Stumble, _tools: Tools) -> None:
    """Fail, as a full disk does."""
    _begin(job.name)
    raise OSError("stumbled")


def main(role: str, conninfo: str, folder: Path) -> None:
    """Be the process."""
    os.chdir(folder)
    tools = Tools(
        sessions=everywhere(
            sessionmaker(create_engine("postgresql+psycopg://", creator=partial(psycopg.connect, conninfo)))
        ),
        storage=LocalStorage(folder / "objects", signer=Signer({"1": b"k" * 32}, host="127.0.0.1:8000")),
        jail=Jail.choose(),
        mailer=NoLetters(),
        scratch=Scratch(folder / "scratch"),
        public_url="http://127.0.0.1:8000",
    )
    if role == "clock":
        run.keep_time(conninfo, tools)
    else:
        run.work(conninfo, tools, queues=[Queue.INTERACTIVE, Queue.MEDIA], slots=2)


class NoLetters:
    """Refuses letters: no job here sends one."""

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Refuse."""
        raise OSError(f"no letters here: {to}, {subject}, {len(body)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
