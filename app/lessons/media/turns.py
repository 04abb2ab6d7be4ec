"""Whose film is worked on next: fair between teachers, the openings before the rest, and first what somebody watches.

Films that have just come stand in line by how many of the same teacher stand before them, so that twenty uploads of
one are no twenty before another's one. The rest of a film takes numbered turns, one after another for each teacher's
pieces; a teacher who comes later begins at the turn that is being served. So everybody with something in the queue
gets an equal share, whoever came first and however much it is (start-time fair queueing: Goyal, Vin, Cheng, 1996).
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app import jobs
from app.jobs.films import EncodeChunk, EncodeOpening, EncodeSound, ProbeUpload
from app.lessons.media.models import Chunk
from app.lessons.recordings.models import MediaState, Recording

#: The spans that a teacher waits for; the rest goes behind them.
OPENING_SPANS: Final = 2
#: A teacher's next film stands so far behind the one before it, of all films that are to begin.
_STEP: Final = 20
_DEEPEST: Final = 49
#: What somebody watches while it is made goes before all turns, front to back; a lesson has fewer spans than this.
_WATCHED: Final = 500
#: What was put off until everybody's lessons can be watched comes behind all turns.
_LAST: Final = -1_000_000

_SERVED = text("""
    SELECT max(priority) FROM procrastinate_jobs
    WHERE status = 'todo' AND task_name = 'EncodeChunk' AND priority <= 0 AND priority > :last
""")
_LAST_OF_TEACHER = text("""
    SELECT min(job.priority) FROM procrastinate_jobs AS job
    JOIN chunk ON chunk.id = (job.args ->> 'chunk_id')::uuid
    JOIN asset ON asset.id = chunk.asset_id
    JOIN recording ON recording.id = asset.recording_id
    WHERE job.status = 'todo' AND job.task_name = 'EncodeChunk' AND recording.owner_id = :owner_id
      AND job.priority > :last
""")
_HURRY = text("""
    UPDATE procrastinate_jobs AS job SET priority = :watched - chunk.number
    FROM chunk JOIN asset ON asset.id = chunk.asset_id
    WHERE asset.recording_id = :recording_id AND chunk.done_at IS NULL
      AND job.task_name = 'EncodeChunk' AND job.status = 'todo' AND job.priority <= 0 AND chunk.kind = 'picture'
      AND chunk.id = (job.args ->> 'chunk_id')::uuid
""")


def line_up(session: Session, upload_id: UUID, recording: Recording) -> None:
    """Have a film looked into that has just come."""
    jobs.enqueue(session, ProbeUpload(upload_id), priority=ProbeUpload.priority - _behind(session, recording))


def share_out(session: Session, recording: Recording, chunks: Sequence[Chunk]) -> None:
    """Have a film's pieces made, front to back; the caller holds the recording's row."""
    behind = _behind(session, recording)
    turn = None
    for chunk in chunks:
        if chunk.kind == "best":
            jobs.enqueue(session, EncodeChunk(chunk.id), priority=_LAST)
        elif chunk.kind == "sound":
            jobs.enqueue(session, EncodeSound(chunk.id), priority=EncodeSound.priority - behind)
        elif chunk.number < OPENING_SPANS:
            jobs.enqueue(session, EncodeOpening(chunk.id), priority=_opening(chunk.number) - behind)
        else:
            turn = _next_turn(session, recording) if turn is None else turn + 1
            jobs.enqueue(session, EncodeChunk(chunk.id), priority=-turn)


def again(session: Session, chunk: Chunk) -> None:
    """Have a piece made that has lost its job: it has waited, and goes before those that wait like it."""
    if chunk.kind == "best":
        jobs.enqueue(session, EncodeChunk(chunk.id), priority=_LAST)
    elif chunk.kind == "sound":
        jobs.enqueue(session, EncodeSound(chunk.id))
    elif chunk.number < OPENING_SPANS:
        jobs.enqueue(session, EncodeOpening(chunk.id), priority=_opening(chunk.number))
    else:
        jobs.enqueue(session, EncodeChunk(chunk.id), priority=0)


def hurry(session: Session, recording: Recording) -> None:
    """Have the rest of a film made before others': somebody watches it, and would come to where it ends."""
    if recording.media_state in (MediaState.PREPARING, MediaState.WATCHABLE):
        session.execute(_HURRY, {"watched": _WATCHED, "recording_id": recording.id})


def _opening(number: int) -> int:
    # The very first before the sound, which is one long pass: both are needed for the first second.
    return EncodeSound.priority + 5 - 10 * number


def _behind(session: Session, recording: Recording) -> int:
    """Say how far behind the first of all a film begins: by how many of its teacher can't be watched at all yet."""
    before = session.scalar(
        select(func.count())
        .select_from(Recording)
        .where(
            Recording.owner_id == recording.owner_id,
            Recording.id != recording.id,
            Recording.media_state.in_((MediaState.PROBING.value, MediaState.PREPARING.value)),
            Recording.watchable_ms == 0,
        )
    )
    return _STEP * min(before or 0, _DEEPEST)


def _next_turn(session: Session, recording: Recording) -> int:
    """Give the turn after the teacher's last one, or the one that is being served, whichever is later."""
    served = session.scalar(_SERVED, {"last": _LAST})
    last = session.scalar(_LAST_OF_TEACHER, {"owner_id": recording.owner_id, "last": _LAST})
    return max(-served if served is not None else 0, -last + 1 if last is not None and last <= 0 else 0)
