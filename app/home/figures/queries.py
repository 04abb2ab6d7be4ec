"""Numbers from the rows: never an id, a name or an address among them, and no number about one person."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.custody.erasure.overdue import overdue
from app.lessons.media.models import Chunk
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from app.lessons.uploads.models import Upload, UploadState

_JOBS = text("SELECT queue_name, status::text, count(*) FROM procrastinate_jobs GROUP BY 1, 2 ORDER BY 1, 2")
# What is meant for later doesn't wait yet.
_OLDEST = text("""
    SELECT coalesce(max(extract(epoch FROM now() - coalesce(job.scheduled_at, began.at))), 0)::float
    FROM procrastinate_jobs AS job
    JOIN LATERAL (SELECT min(at) AS at FROM procrastinate_events WHERE job_id = job.id) AS began ON true
    WHERE job.status = 'todo' AND (job.scheduled_at IS NULL OR job.scheduled_at <= now())
""")
_WORKERS = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - interval '60 seconds'")
_OPEN = (UploadState.OPEN.value, UploadState.COMPLETING.value, UploadState.VERIFYING.value)


@dataclass(frozen=True)
class Figure:
    """One number; `name` goes after `backrow_`, labels are fixed words."""

    name: str
    says: str
    value: float
    labels: dict[str, str] = field(default_factory=dict)


def figures(session: Session) -> Iterator[Figure]:
    """Count everything anew: each number is the whole installation's, whichever process is asked."""
    for queue, status, count in session.execute(_JOBS):
        yield Figure("jobs", "Jobs in the queue's table", count, {"queue": queue, "status": status})
    yield Figure("jobs_oldest_waiting_seconds", "How long the oldest job waits", session.scalar(_OLDEST) or 0)
    yield Figure("workers_seen", "Workers that gave a sign of life within a minute", session.scalar(_WORKERS) or 0)
    yield from _lessons(session)
    late = overdue(session)
    yield Figure("erasures_overdue", "Recordings kept an hour past their date, no hold keeping them", late.count)
    # The chain has no gaps: its last number is its length.
    length = session.scalar(select(func.max(AuditEvent.number))) or 0
    yield Figure("audit_chain_length", "Rows of the audit chain", length)


def _lessons(session: Session) -> Iterator[Figure]:
    waiting = select(func.count()).select_from(Chunk).where(Chunk.done_at.is_(None))
    yield Figure("chunks_waiting", "Pieces of films that aren't prepared yet", session.scalar(waiting) or 0)
    uploads = select(func.count()).select_from(Upload).where(Upload.state.in_(_OPEN))
    yield Figure("uploads_open", "Uploads on their way or being checked", session.scalar(uploads) or 0)
    counted = session.execute(
        select(Recording.media_state, func.count())
        .where(Recording.state != RecordingState.ERASED)
        .group_by(Recording.media_state)
    )
    by_state = {state: count for state, count in counted}  # noqa: C416 - mypy knows no dict of rows
    for state in MediaState:
        yield Figure(
            "recordings", "Recordings by how far they are", by_state.get(state, 0), {"media_state": state.value}
        )
