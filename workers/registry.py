"""Which function does which job, and what it gets in hand to do it.

    @handles(EncodeChunk, given_up=needs_attention)
    def encode_chunk(job: EncodeChunk, tools: Tools) -> None: ...

A handler may run more than once for one job, late, or beside a worker that was given up for lost: its rows' lease and
fence decide what counts. It returns when the work is done or was done before, and raises when it must be tried again.
"""

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.jobs import Job
from workers import handlers
from workers.tools import Tools

J = TypeVar("J", bound=Job)
Handler = Callable[[J, Tools], None]
GivenUp = Callable[[J, Tools, Exception], None]


@dataclass(frozen=True)
class Handling:
    """What to do with one kind of job, and what to do once it is given up."""

    run: Handler[Any]
    given_up: GivenUp[Any]


@dataclass(frozen=True)
class Periodic:
    """Something that the calendar asks for; `cron` has five fields, or six where the last counts seconds."""

    cron: str
    run: Callable[[Tools, datetime], None]

    @property
    def name(self) -> str:
        """Its name in the queue."""
        return self.run.__name__


#: Every kind of job that some handler does; `workers.handlers` fills it by being imported.
HANDLERS: dict[type[Job], Handling] = {}
#: Everything that runs by the calendar.
PERIODIC: list[Periodic] = []


def _leave(_job: Job, _tools: Tools, _error: Exception) -> None:
    """Leave a job that was given up to those who read `backrow jobs`."""


def handles(kind: type[J], *, given_up: GivenUp[J] = _leave) -> Callable[[Handler[J]], Handler[J]]:
    """Name the function that does jobs of `kind`.

    `given_up` is called once after the last run failed or took its worker with it: it says so on the job's own rows.
    """

    def register(run: Handler[J]) -> Handler[J]:
        if kind in HANDLERS:
            raise ValueError(f"{kind.__name__} has a handler already: {HANDLERS[kind].run.__qualname__}")
        HANDLERS[kind] = Handling(run, given_up)
        return run

    return register


def periodic(cron: str) -> Callable[[Callable[[Tools, datetime], None]], Callable[[Tools, datetime], None]]:
    """Run a function by the calendar, in one `clock` process at a time: `@periodic("*/10 * * * *")`.

    It gets the moment for which it was due. A moment missed while nothing ran is not made up for.
    """

    def register(run: Callable[[Tools, datetime], None]) -> Callable[[Tools, datetime], None]:
        PERIODIC.append(Periodic(cron, run))
        return run

    return register


def unhandled() -> list[str]:
    """Name the kinds of job that nobody does: each would wait for ever."""
    return sorted(name for name, kind in Job.kinds.items() if kind not in HANDLERS)


def load() -> None:
    """Import every module of `workers.handlers`: each says what it does by `@handles` and `@periodic`.

    Raises:
        ValueError: a kind of job has no handler; it would wait for ever.
    """
    for found in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"{handlers.__name__}.{found.name}")
    if missing := unhandled():
        raise ValueError(f"nobody does these jobs: {', '.join(missing)}")
