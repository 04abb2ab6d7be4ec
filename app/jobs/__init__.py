"""Work that takes longer than a page may: said in the same transaction as the rows that make it necessary.

A job is a frozen dataclass of ids and fixed words, never of what people wrote: it lies in a table, and in logs.

    @dataclass(frozen=True)
    class EncodeChunk(Job):
        queue = Queue.MEDIA
        chunk_id: UUID

    enqueue(session, EncodeChunk(chunk.id), lock=f"teacher:{owner_id}:{slot}")
"""

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from types import UnionType
from typing import Any, ClassVar, Self, TypeAlias, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from procrastinate import SyncPsycopgConnector
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import JobDeferrer
from procrastinate.manager import JobManager
from sqlalchemy.orm import Session

Plain: TypeAlias = str | int | float | bool | None


class Queue(StrEnum):
    """Which workers take a job, and before what."""

    #: what somebody is waiting for: looking into a new film, its first segments
    INTERACTIVE = "interactive"
    #: the rest of a film's work
    MEDIA = "media"
    #: letters
    MAIL = "mail"
    #: what the calendar asks for: retention, reminders, sweeps
    CLOCK = "clock"


@dataclass(frozen=True)
class Job:
    """What is to be done, as ids; a subclass names its queue and what the handler has to know."""

    queue: ClassVar[Queue]
    #: Within a queue, higher goes first.
    priority: ClassVar[int] = 0
    #: After so many runs that failed, or took their worker with them, the job is given up.
    attempts: ClassVar[int] = 5

    kinds: ClassVar[dict[str, type["Job"]]] = {}

    def __init_subclass__(cls) -> None:
        """Know every kind by its name, which is what lies in the queue: renaming one strands what waits."""
        Job.kinds[cls.__name__] = cls

    def plain(self) -> dict[str, Plain]:
        """Write the fields as the queue's table keeps them."""
        return {field.name: _written(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        """Make the job again from what the queue's table kept.

        Raises:
            ValueError: that isn't this kind of job; nothing was done.
        """
        hints = get_type_hints(cls)
        try:
            return cls(**{field.name: _read(hints[field.name], kept[field.name]) for field in fields(cls)})
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"what was kept is not a {cls.__name__}: {sorted(kept)}") from error


# It never opens a connection of its own: every job is written on the caller's.
_QUEUE = JobManager(SyncPsycopgConnector())


def enqueue(
    session: Session,
    job: Job,
    *,
    priority: int | None = None,
    lock: str | None = None,
    schedule_at: datetime | None = None,
) -> int:
    """Put a job into its queue, in the session's own transaction; return its number.

    It is there once that transaction commits, and never was if it rolls back. No two jobs with the same `lock` run at
    the same time. `schedule_at` is by the machine's clock: a deadline belongs on a row, where `backrow_now()` decides.
    """
    queued = QueuedJob(
        queue=job.queue,
        task_name=type(job).__name__,
        priority=job.priority if priority is None else priority,
        lock=lock,
        queueing_lock=None,
        scheduled_at=schedule_at,
    )
    beneath = session.connection().connection.driver_connection
    return JobDeferrer(_QUEUE, queued, connection=beneath).defer(**job.plain())


def _written(value: object) -> Plain:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case StrEnum():
            return value.value
        case str() | int() | float() | None:
            return value
    raise TypeError(f"a job holds ids, numbers and fixed words, not a {type(value).__name__}")


def _read(wanted: Any, kept: Plain) -> object:  # noqa: ANN401 - a type as annotations give it
    if get_origin(wanted) in {Union, UnionType}:
        if kept is None:
            return None
        (wanted,) = (choice for choice in get_args(wanted) if choice is not type(None))
    if wanted is datetime:
        return datetime.fromisoformat(str(kept))
    if wanted is UUID or issubclass(wanted, StrEnum):
        return wanted(str(kept))
    if not isinstance(kept, wanted):
        raise ValueError(f"{wanted.__name__} expected")  # noqa: TRY004 - what was kept is wrong, not the caller's code
    return kept
