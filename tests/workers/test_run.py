"""Workers: real processes on a real queue, stopped and killed."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.jobs import Queue, enqueue
from config import children
from tests.conftest import Database
from tests.left_out import mounted
from tests.workers.filling import ROOM_MIB, fill, make_room
from tests.workers.worker_process import Answer, HoldOn, Stumble, TakeRoom, Wait

_PATIENCE_S = 40


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for something that other processes do; fail with its name where they don't."""
    deadline = time.monotonic() + _PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.02)


@contextmanager
def process(role: str, database: Database, folder: Path) -> Iterator[children.Child]:
    """Run a worker or a clock, with this module's handlers, as a process of its own."""
    command: list[str | Path] = [sys.executable, "-m", "tests.workers.worker_process", role, database.conninfo, folder]
    with (folder / f"{role}.log").open("ab") as log:
        child = children.start(command, output=log)
    try:
        yield child
    finally:
        children.end(child)


def states(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        rows = session.execute(text("SELECT status FROM procrastinate_jobs WHERE task_name <> 'forget_old_jobs'"))
        return sorted(str(row[0]) for row in rows)


def runs(folder: Path, name: str) -> list[int]:
    """Tell which processes began the job of that name, in order."""
    file = folder / f"{name}.runs"
    return [int(line) for line in file.read_text().split()] if file.exists() else []


def test_a_committed_job_is_run_and_a_rolled_back_one_never(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with sessions() as session:
        enqueue(session, Answer("rolled_back"))
        session.rollback()
    with sessions.begin() as session:
        enqueue(session, Answer("committed"))
    with process("worker", database, tmp_path) as worker:
        until(lambda: states(sessions) == ["succeeded"], "the job is done")
        assert runs(tmp_path, "committed") == [worker.pid]
    assert runs(tmp_path, "rolled_back") == []


def test_a_waiting_worker_is_woken_at_once(database: Database, sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with process("worker", database, tmp_path):
        with sessions.begin() as session:
            enqueue(session, Answer("first"))
        until(lambda: states(sessions) == ["succeeded"], "the worker is up and waits")
        asked = time.monotonic()
        with sessions.begin() as session:
            enqueue(session, Answer("second"))
        until(lambda: bool(runs(tmp_path, "second")), "the second job begins")
        assert time.monotonic() - asked < 2, "it was found by polling (5 s), not by the database's word"


def test_a_job_whose_worker_was_killed_is_taken_up_again(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with sessions.begin() as session:
        enqueue(session, Wait("film"))
    with process("worker", database, tmp_path) as first:
        until(lambda: runs(tmp_path, "film") == [first.pid], "the job begins")
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    (tmp_path / "go").touch()
    with process("clock", database, tmp_path), process("worker", database, tmp_path) as second:
        until(lambda: states(sessions) == ["succeeded"], "the job is done after all")
        assert runs(tmp_path, "film") == [first.pid, second.pid]


def test_what_a_killed_worker_left_in_its_scratch_folder_is_wiped(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with sessions.begin() as session:
        enqueue(session, Wait("film"))
    with process("worker", database, tmp_path) as first:
        until(lambda: bool(runs(tmp_path, "film")), "the job begins")
        left = list((tmp_path / "scratch").rglob("pupils.mp4"))
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert len(left) == 1
    assert left[0].exists()
    with process("worker", database, tmp_path):
        until(lambda: not left[0].exists(), "the next worker wipes it")


def test_a_job_that_stumbles_is_tried_again_and_then_given_up_with_a_word(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with sessions.begin() as session:
        enqueue(session, Stumble("stone"))
    with process("worker", database, tmp_path):
        until(lambda: states(sessions) == ["failed"], "it is given up")
    assert len(runs(tmp_path, "stone")) == Stumble.attempts
    assert (tmp_path / "stone.given_up").read_text() == "OSError"


@pytest.mark.needs_mount
def test_a_job_without_room_is_put_off_uncounted_and_done_once_there_is_room(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    with mounted(scratch, size_mib=ROOM_MIB), process("worker", database, tmp_path):
        fill(scratch)
        with sessions.begin() as session:
            enqueue(session, TakeRoom("room"), priority=7)
        until(lambda: states(sessions) == ["succeeded", "todo"], "it is put off")
        assert not runs(tmp_path, "room")
        make_room(scratch)
        with sessions.begin() as session:
            later = (
                "UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo' AND task_name = 'TakeRoom'"
            )
            assert session.execute(text(f"{later} RETURNING priority")).scalar_one() == 7
        until(lambda: len(runs(tmp_path, "room")) == 1, "it is done")


def test_a_stopped_worker_lets_a_short_job_finish(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with sessions.begin() as session:
        enqueue(session, Wait("film"))
    with process("worker", database, tmp_path) as worker:
        until(lambda: bool(runs(tmp_path, "film")), "the job begins")
        worker.send_signal(signal.SIGTERM)
        (tmp_path / "go").touch()
        assert worker.wait(timeout=_PATIENCE_S) == 0
    assert states(sessions) == ["succeeded"]


@pytest.mark.slow
def test_a_stopped_worker_breaks_long_work_off_and_it_is_not_counted_against_it(
    database: Database, sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    with sessions.begin() as session:
        enqueue(session, HoldOn("long"))
    with process("worker", database, tmp_path) as worker:
        until(lambda: bool(runs(tmp_path, "long")), "the job begins")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=_PATIENCE_S) == 0
    assert states(sessions) == ["todo"]


def test_queues_are_kept_apart(database: Database, sessions: sessionmaker[Session], tmp_path: Path) -> None:
    with sessions.begin() as session:
        enqueue(session, Answer("mine"))
        session.execute(text("UPDATE procrastinate_jobs SET queue_name = :other"), {"other": str(Queue.MAIL)})
        enqueue(session, Answer("media"))
    with process("worker", database, tmp_path):
        until(lambda: bool(runs(tmp_path, "media")), "the job of its own queue is run")
    assert runs(tmp_path, "mine") == []
