"""People at work in another process: lessons come, get films, and are erased, until somebody says that it's enough.

`python -m tests.config.backup.busy ENOUGH` reads its place from Backrow's settings, prints a line for each lesson that
was erased, and ends once a file of the name ENOUGH is there.
"""

import sys
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.cycles.models import Cycle
from app.ids import new
from app.lessons.recordings.models import Recording, RecordingState
from config import wire
from config.settings import Settings
from tests.config.backup.home import Film, erase
from video.storage.base import Storage

_PIECES = 6
_STAY = 3


def main(enough: Path) -> None:
    """Work until somebody says that it's enough."""
    settings = Settings.from_env()
    sessions, storage = wire.sessions(settings, wire.COMMAND), wire.storage(settings)
    lessons: list[UUID] = []
    while not enough.exists():
        lessons.append(_lesson(sessions))
        Film(pieces=_PIECES).store(sessions, storage, lessons[-1])
        if len(lessons) > _STAY:
            _erase(sessions, storage, lessons.pop(0))


def _lesson(sessions: sessionmaker[Session]) -> UUID:
    with sessions.begin() as session:
        like = session.scalars(select(Recording).where(Recording.title == "Elsewhere").limit(1)).one()
        lesson = Recording(
            id=new(),
            alliance_id=like.alliance_id,
            school_id=like.school_id,
            project_id=like.project_id,
            cycle_id=_turn(session, like),
            owner_id=like.owner_id,
            title="One of many",
            recorded_on=like.recorded_on,
            delete_at=like.delete_at,
        )
        session.add(lesson)
        return lesson.id


def _turn(session: Session, like: Recording) -> UUID:
    number = session.scalar(select(func.max(Cycle.number)).where(Cycle.project_id == like.project_id)) or 0
    turn = Cycle(alliance_id=like.alliance_id, project_id=like.project_id, number=number + 1, teacher_id=like.owner_id)
    session.add(turn)
    session.flush()
    return turn.id


def _erase(sessions: sessionmaker[Session], storage: Storage, lesson: UUID) -> None:
    with sessions.begin() as session:
        recording = session.get_one(Recording, lesson)
        recording.state, recording.erase_cause = RecordingState.ERASING, "owner"
    erase(sessions, storage, lesson)
    sys.stdout.write(f"{lesson}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
