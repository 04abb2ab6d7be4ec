"""How many jobs pass through the queue: each put there in a transaction of its own, taken, done, and written off.

`python -m bench.queue` is one of the workers.
"""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Final

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session, sessionmaker

from app.jobs import Job, Queue, enqueue
from app.wall import everywhere
from config import wire
from config.embedded import running_database
from config.settings import Settings
from tests.running import until
from workers import run
from workers.registry import HANDLERS, Handling

WORKERS: Final = 8
_PATIENCE_S: Final = 300.0
_READY = text("SELECT count(*) FROM procrastinate_workers")
_LEFT = text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'NothingToDo' AND status <> 'succeeded'")


@dataclass(frozen=True)
class NothingToDo(Job):
    """A job that takes no time, so that the queue's own is measured; in a queue where nothing else waits."""

    queue: ClassVar[Queue] = Queue.MAIL
    number: int


def jobs_a_second(environ: Mapping[str, str], *, jobs: int) -> float:
    """Send so many jobs through the queue of an installation that doesn't run, with eight worker processes.

    The time is from the first job's transaction until the last job is written off.
    """
    settings = Settings.from_env(environ)
    engine = wire.engine(settings, wire.COMMAND)
    with running_database(settings), everywhere(sessionmaker(engine))() as session, _workers(environ):
        until(lambda: _counted(session, _READY) == WORKERS, "all workers are there")
        began = time.monotonic()
        for number in range(jobs):
            enqueue(session, NothingToDo(number))
            session.commit()
        until(lambda: _counted(session, _LEFT) == 0, "all jobs are done", patience_s=_PATIENCE_S)
        taken = time.monotonic() - began
    engine.dispose()
    return jobs / taken


def _counted(session: Session, asked: TextClause) -> int:
    count: int = session.execute(asked).scalar_one()
    session.rollback()
    return count


@contextmanager
def _workers(environ: Mapping[str, str]) -> Iterator[None]:
    workers = [subprocess.Popen([sys.executable, "-m", "bench.queue"], env=environ) for _ in range(WORKERS)]
    try:
        yield
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait()


def _work() -> None:
    settings = Settings.from_env()
    HANDLERS[NothingToDo] = Handling(lambda _job, _tools: None, lambda _job, _tools, _error: None)
    run.work(wire.queue_conninfo(settings), wire.tools(settings), queues=[Queue.MAIL], slots=1)


if __name__ == "__main__":
    _work()
