"""What waits, runs, and was given up, for those who look after the machine: ids and counts only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Line:
    """How many jobs of one kind are in one state; `oldest_s` is how long ago the oldest came into the queue."""

    queue: str
    kind: str
    state: str
    count: int
    oldest_s: float


@dataclass(frozen=True)
class Moment:
    """Something that happened to a job."""

    at: datetime
    what: str


@dataclass(frozen=True)
class Story:
    """One job, from its beginning; `about` is its ids."""

    number: int
    kind: str
    queue: str
    state: str
    attempts: int
    about: dict[str, object]
    moments: tuple[Moment, ...]


_BY_KIND = text("""
    SELECT queue_name, task_name, status::text, count(*),
           extract(epoch FROM now() - min(began.at))::float
    FROM procrastinate_jobs AS job
    JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id) AS began ON true
    GROUP BY 1, 2, 3
    ORDER BY 1, 2, 3
""")
_ONE = text("SELECT task_name, queue_name, status::text, attempts, args FROM procrastinate_jobs WHERE id = :number")
_MOMENTS = text("SELECT at, type::text FROM procrastinate_events WHERE job_id = :number ORDER BY id")


def by_kind(session: Session) -> list[Line]:
    """Count jobs by queue, kind and state."""
    return [Line(*row) for row in session.execute(_BY_KIND)]


def story(session: Session, number: int) -> Story | None:
    """Tell one job's story; None where there is no such job, or it was done more than a week ago."""
    found = session.execute(_ONE, {"number": number}).one_or_none()
    if found is None:
        return None
    moments = tuple(Moment(*row) for row in session.execute(_MOMENTS, {"number": number}))
    kind, queue, state, attempts, about = found
    return Story(number, kind, queue, state, attempts, about, moments)
