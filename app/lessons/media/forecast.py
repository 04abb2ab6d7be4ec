"""When a lesson will be ready: by the work that stands before it, and the pace that this machine has kept lately."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.lessons.recordings.models import MediaState, Recording

#: A piece's part of its film's price, which is in seconds of one core (see `video.price`).
_PRICE: Final = """
    (asset.facts ->> 'cost_s')::float * (chunk.out_ms - chunk.in_ms) / greatest(recording.duration_ms, 1)
    * abs((chunk.kind <> 'best')::int - coalesce((asset.facts ->> 'later_share')::float, 0))
"""
_OF_FILMS: Final = """
    JOIN asset ON asset.id = chunk.asset_id JOIN recording ON recording.id = asset.recording_id
"""
# What is done before a lesson's last piece: all that stands before it in the queue, whoever's it is, and itself.
_BEFORE = text(f"""
    WITH waiting AS (
        SELECT job.id, job.priority, job.task_name, recording.id AS recording_id, {_PRICE} AS price_s
        FROM procrastinate_jobs AS job JOIN chunk ON chunk.id = (job.args ->> 'chunk_id')::uuid {_OF_FILMS}
        WHERE job.status IN ('todo', 'doing') AND job.task_name IN ('EncodeOpening', 'EncodeChunk')
        AND chunk.kind = 'picture'
    ), last AS (
        SELECT priority, id FROM waiting WHERE recording_id = :recording_id AND task_name = ANY(:kinds)
        ORDER BY priority, id DESC LIMIT 1
    )
    SELECT sum(price_s) FROM waiting, last
    WHERE waiting.priority > last.priority OR (waiting.priority = last.priority AND waiting.id <= last.id)
""")  # noqa: S608 - put together of our own words
_WAITING = text(f"""
    SELECT sum({_PRICE}) FROM chunk {_OF_FILMS}
    WHERE chunk.kind = 'picture' AND chunk.done_at IS NULL AND chunk.code IS NULL
    AND recording.state NOT IN ('erasing', 'erased')
""")  # noqa: S608 - put together of our own words
_LATELY = text(f"""
    SELECT sum({_PRICE}), extract(epoch FROM backrow_now() - min(chunk.done_at))
    FROM chunk {_OF_FILMS}
    WHERE chunk.kind <> 'sound' AND chunk.done_at > backrow_now() - interval '10 minutes'
""")  # noqa: S608 - put together of our own words
#: Before anything was done: as the price reckons it, on one core.
_ASSUMED_PACE: Final = 1.0
_LEAST_WATCHED_S: Final = 20.0
_SOON_S: Final = 20.0
_MINUTE_S: Final = 60
_HOUR_MIN: Final = 60
#: From here on minutes are said in fives.
_ROUND_MIN: Final = 10


def ready_in_s(session: Session, recording: Recording, *, beginning: bool = False) -> float | None:
    """Estimate in how many seconds all of a lesson, or its beginning, can be watched; None where none of it waits."""
    if recording.media_state not in (MediaState.PREPARING, MediaState.WATCHABLE):
        return None
    kinds = ["EncodeOpening"] if beginning else ["EncodeOpening", "EncodeChunk"]
    before_s = session.scalar(_BEFORE, {"recording_id": recording.id, "kinds": kinds})
    return None if before_s is None else float(before_s) / _pace(session)


def queue_s(session: Session) -> float:
    """Estimate how many seconds all lessons' work that waits will take; what was put off isn't waited for."""
    return float(session.scalar(_WAITING) or 0) / _pace(session)


def _pace(session: Session) -> float:
    """Say how much work, in seconds of its price, this machine has lately done in a second."""
    done_s, lately_s = session.execute(_LATELY).one()
    watched_s = float(lately_s or 0)
    pace = done_s / watched_s if done_s and watched_s >= _LEAST_WATCHED_S else _ASSUMED_PACE
    return max(float(pace), 0.01)


def said(session: Session, recording: Recording) -> str:
    """Say when the beginning can be watched, or all of it; empty where that can't be told."""
    beginning = recording.watchable_ms == 0
    seconds = ready_in_s(session, recording, beginning=beginning)
    if seconds is None:
        return ""
    if not beginning:
        return f"All of it can be watched in {in_words(seconds)}."
    soon = "a few seconds" if seconds < _SOON_S else in_words(seconds)
    return f"The beginning can be watched in {soon}."


def in_words(seconds: float) -> str:
    """Say so roughly as it is known: "about 3 minutes", "about 25 minutes", "about 2 hours"."""
    minutes = max(-(-int(seconds) // _MINUTE_S), 1)
    if minutes == 1:
        return "about a minute"
    if minutes > _ROUND_MIN:
        minutes = -(-minutes // 5) * 5
    if minutes < 2 * _HOUR_MIN:
        return f"about {minutes} minutes"
    return f"about {-(-minutes // _HOUR_MIN)} hours"
