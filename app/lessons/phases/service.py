"""Naming a lesson's phases: the whole list at once, by its teacher."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.audit import record
from app.authz import Permit
from app.errors import Conflict, Invalid
from app.lessons.media import looks
from app.lessons.media.served import served_asset
from app.lessons.phases.models import Chapter
from app.lessons.recordings.models import Recording
from app.lessons.recordings.own import own
from video import phases

MOST = 40
LONGEST_NAME = 60


@dataclass(frozen=True, kw_only=True)
class Phase:
    """Where a phase begins, in ms of the lesson, and what it is called."""

    at_ms: int
    name: str


def phases_of(session: Session, recording: Recording) -> list[Phase]:
    """List a lesson's phases by their beginning, for somebody who may watch it."""
    rows = session.scalars(select(Chapter).where(Chapter.recording_id == recording.id).order_by(Chapter.at_ms))
    return [Phase(at_ms=row.at_ms, name=row.name) for row in rows]


def set_phases(
    session: Session, permit: Permit[Recording], *, wanted: Sequence[Phase], seen: Sequence[Phase]
) -> list[Phase]:
    """Keep a lesson's phases as its teacher wants them; none takes them all away.

    Args:
        session: the act's own.
        permit: the teacher's; it holds the recording's row.
        wanted: in any order.
        seen: what the page showed; somebody else's page, or another tab, may have changed it since.

    Raises:
        NotFound: it is another's lesson.
        Conflict: they are others by now (`phases_changed`).
        Invalid: two begin together, one lies outside the lesson, a name is too long, or there are too many.
    """
    recording = own(permit)
    ordered = sorted(wanted, key=lambda phase: phase.at_ms)
    if problems := _problems(ordered, recording.duration_ms or recording.watchable_ms):
        raise Invalid("phases_unclear", "Some of this needs another look.", fields=problems)
    there = phases_of(session, recording)
    if there == ordered:
        return there
    if there != list(seen):
        raise Conflict(
            "phases_changed",
            "These phases were changed in another tab. What you typed is below; press Keep again to have it so.",
        )
    session.execute(delete(Chapter).where(Chapter.recording_id == recording.id))
    session.add_all(
        Chapter(alliance_id=recording.alliance_id, recording_id=recording.id, at_ms=phase.at_ms, name=phase.name)
        for phase in ordered
    )
    session.flush()
    record(session, permit, "phases.set", about=recording, count=len(ordered))
    return ordered


def hints_for(session: Session, permit: Permit[Recording]) -> list[int]:
    """Guess where phases may begin, in ms; nothing before the lesson has been looked and listened through.

    Raises:
        NotFound: it is another's lesson: what can be heard in it is its teacher's alone.
    """
    recording = own(permit)
    asset = served_asset(session, recording)
    board = looks.storyboard_of(session, asset.id) if asset else None
    if asset is None or board is None:
        return []
    return phases.hints(
        strip=looks.strip_of(session, asset.id),
        times_ms=board.times_ms,
        changes=board.changes,
        lasts_ms=recording.duration_ms or 0,
    )


def _problems(ordered: Sequence[Phase], lasts_ms: int) -> dict[str, str]:
    """Say what is to be mended: `at-` or `name-`, and the phase's beginning in ms."""
    problems: dict[str, str] = {}
    if len(ordered) > MOST:
        problems[f"at-{ordered[MOST].at_ms}"] = f"Keep it to {MOST} phases."
    for phase in ordered:
        if phase.at_ms >= lasts_ms:
            problems[f"at-{phase.at_ms}"] = "That is after the end of the lesson."
        if len(phase.name) > LONGEST_NAME:
            problems[f"name-{phase.at_ms}"] = f"Keep the name to {LONGEST_NAME} characters."
        if "\0" in phase.name:
            problems[f"name-{phase.at_ms}"] = "There is a sign in it that can't be kept. Type it anew."
    for before, after in pairwise(ordered):
        if before.at_ms == after.at_ms:
            problems[f"at-{after.at_ms}"] = "Two phases begin here. Move one, or take it away."
    return problems
