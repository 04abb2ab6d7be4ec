"""The people of a measured Backrow: they send lessons, wait for them, and write notes, by the product's own ways."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text

from app import clock, ids, policies
from app.authz import Action, permit
from app.lessons.media.models import Asset, Chunk
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from app.observation.notes.service import NoteDraft, write_note
from config.demo.filling import Filling
from config.demo.story import PEOPLE, Turn
from workers.tools import Tools

# A rule that isn't imported says no.
POLICIES = policies.__all__
OBSERVER: Final = next(person for person in PEOPLE if person.key == "tom")
SENDER: Final = next(person for person in PEOPLE if person.key == "ben")
_LOOK_S: Final = 0.02
_PATIENCE_S: Final = 1800.0
_WAITING = text("""
    SELECT EXISTS (
        SELECT FROM procrastinate_jobs WHERE queue_name IN ('interactive', 'media')
        AND (status = 'doing' OR (status = 'todo' AND coalesce(scheduled_at, now()) <= now()))
    )
""")


class Stuck(Exception):
    """A lesson didn't come as far as it should; what was measured so far says nothing."""


@dataclass(frozen=True)
class School:
    """Teachers and an observer in a Backrow that runs; each teacher sends one lesson."""

    filling: Filling

    @classmethod
    def founded(cls, tools: Tools) -> "School":
        """Found the alliance with its people."""
        filling = Filling(tools)
        filling.people()
        return cls(filling)

    @property
    def tools(self) -> Tools:
        """What the product's rows and objects are reached with."""
        return self.filling.tools

    def send(self, teacher: str, film: Path) -> UUID:
        """Send a teacher's lesson, whole, in its own turn with the observer; return the recording's id."""
        self.filling.begin(_turn(teacher, reaches="recorded"), film)
        return self.filling.lessons[teacher]

    def agree(self, teacher: str) -> UUID:
        """Bring a teacher's turn so far that a lesson can be sent; return the cycle's id."""
        return self.filling.begin(_turn(teacher, reaches="agreed"), None)

    def first_second_s(self, lesson: UUID) -> float:
        """Wait for the first watchable second; return how long it took from the end of the upload.

        Both moments are the database's: it wrote down when the film was whole, and is asked until something can be
        watched.

        Raises:
            Stuck: nothing could be watched in good time.
        """
        since = func.extract("epoch", clock.now() - Upload.completed_at)
        asked = (
            select(since, Recording.watchable_ms, Recording.media_state)
            .join(Upload, Upload.recording_id == Recording.id)
            .where(Recording.id == lesson)
        )
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            with self.tools.sessions() as session:
                since_s, watchable_ms, state = session.execute(asked).one()
            if watchable_ms > 0:
                return float(since_s)
            if state == MediaState.NEEDS_ATTENTION:
                break
            time.sleep(_LOOK_S)
        raise Stuck(f"nothing of lesson {lesson} could be watched")

    def wait_until_prepared(self, lesson: UUID) -> None:
        """Wait until all of a lesson is prepared and read back, and no worker has anything left to do.

        Raises:
            Stuck: it isn't, in good time.
        """
        asked = (
            select(Recording.media_state, Upload.state)
            .join(Upload, Upload.recording_id == Recording.id)
            .where(Recording.id == lesson)
        )
        deadline, film, upload = time.monotonic() + _PATIENCE_S, "", ""
        while time.monotonic() < deadline:
            with self.tools.sessions() as session:
                film, upload = session.execute(asked).one()
                busy = session.scalar(_WAITING)
            if (film, upload) == (MediaState.READY, UploadState.VERIFIED) and not busy:
                return
            time.sleep(_LOOK_S * 10)
        raise Stuck(f"lesson {lesson} was not prepared: {film}, {upload}")

    def chunks(self, lesson: UUID) -> int:
        """Count the pieces in which a lesson is prepared."""
        asked = select(func.count(Chunk.id)).join(Asset, Asset.id == Chunk.asset_id)
        with self.tools.sessions() as session:
            return session.execute(asked.where(Asset.recording_id == lesson)).scalar_one()

    def share(self, teacher: str) -> None:
        """Let the observer watch a teacher's lesson."""
        self.filling.go_on(_turn(teacher, reaches="shared"))

    def note(self, lesson: UUID, *, until_there_are: int, so_far: int) -> None:
        """Let the observer write notes, one each half second of the lesson, until there are so many."""
        observer = self.filling.actors[OBSERVER.key]
        with self.tools.sessions.begin() as session:
            may_write = permit(session, observer, Action.NOTE_WRITE, Recording, lesson)
            lasts_ms = may_write.thing.duration_ms or 0
            for number in range(so_far, until_there_are):
                draft = NoteDraft(
                    kind="evidence",
                    at_ms=number * 500 % lasts_ms,
                    body=f"{number}: two hands go up late, after six seconds in which nobody speaks.",
                    written_at=datetime.now(UTC),
                )
                write_note(session, may_write, note_id=ids.new(), draft=draft)


def _turn(teacher: str, *, reaches: str) -> Turn:
    return Turn(
        teacher=teacher,
        observer=OBSERVER.key,
        focus="wait_time",
        reaches=reaches,
        title="Year 8: dividing fractions",
        class_code="8F2",
        brief="Second lesson on dividing by a fraction.",
        hopes="That somebody other than the usual four speaks.",
    )
