"""What should have been erased by now and isn't: counts and a moment, for those who look after the machine."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, not_, select
from sqlalchemy.orm import Session

from app import clock
from app.lessons.recordings.conditions import held
from app.lessons.recordings.models import Recording, RecordingState

#: The clock looks every few minutes, and erasing takes its time: what is later than this was not kept.
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True)
class Overdue:
    """How many recordings are kept past their date, no hold keeping them, and since when the oldest is."""

    count: int
    oldest_at: datetime | None


def overdue(session: Session) -> Overdue:
    """Look for recordings whose date has come more than an hour ago and of which something is still there."""
    late = select(func.count(), func.min(Recording.delete_at)).where(
        Recording.state != RecordingState.ERASED, Recording.delete_at <= clock.now() - PATIENCE, not_(held())
    )
    count, oldest_at = session.execute(late).one()
    return Overdue(count, oldest_at)
