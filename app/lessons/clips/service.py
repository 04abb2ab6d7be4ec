"""Marking clips: rows only, playable at once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypedDict
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.audit import record
from app.authz import Action, Permit
from app.errors import Gone, Invalid, NotFound
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import Recording

#: For so long a clip can be put back.
UNDO: Final = timedelta(minutes=10)
LONGEST_TITLE = 120
LONGEST_WHY = 1000


@dataclass(frozen=True, kw_only=True)
class ClipDraft:
    """What somebody marked: a stretch in the lesson's own time, a title, and why it is worth ten minutes."""

    in_ms: int
    out_ms: int
    title: str
    why: str = ""


class Taken(TypedDict):
    """A clip that was taken away: kept nowhere but on its remover's page, sealed with this installation's key."""

    by: str  # whose page it is
    clip: str
    recording: str
    author: str
    in_ms: int
    out_ms: int
    title: str
    why: str
    until: str


def make_clip(session: Session, permit: Permit[Recording], *, draft: ClipDraft) -> Clip:
    """Mark a clip.

    Raises:
        Invalid: it runs backwards, lies outside the lesson, has no title, or too many words.
    """
    recording = permit.for_(Action.CLIP_MAKE)
    problems = _problems(draft, recording.duration_ms or recording.watchable_ms)
    if problems:
        raise Invalid("clip_unclear", "Some of this needs another look.", fields=problems)
    clip = Clip(
        alliance_id=recording.alliance_id,
        recording_id=recording.id,
        author_id=permit.actor.person_id,
        in_ms=draft.in_ms,
        out_ms=draft.out_ms,
        title=draft.title,
        why=draft.why,
    )
    session.add(clip)
    session.flush()
    record(session, permit, "clip.made", about=clip)
    return clip


def delete_clip(session: Session, permit: Permit[Clip]) -> Taken:
    """Take a clip away, and give it once more for an undo; the lesson stays as it is."""
    clip = permit.for_(Action.CLIP_DELETE)
    taken = Taken(
        by=str(permit.actor.person_id),
        clip=str(clip.id),
        recording=str(clip.recording_id),
        author=str(clip.author_id),
        in_ms=clip.in_ms,
        out_ms=clip.out_ms,
        title=clip.title,
        why=clip.why,
        until=(_now(session) + UNDO).isoformat(),
    )
    record(session, permit, "clip.deleted", about=clip)
    session.delete(clip)
    return taken


def restore_clip(session: Session, permit: Permit[Recording], *, taken: Taken) -> Clip:
    """Put a clip back as it was, at its own address and with its own author; the same once more changes nothing.

    Raises:
        NotFound: it was another's to undo, or of another lesson.
        Gone: that was too long ago (`undo_over`).
    """
    recording = permit.for_(Action.CLIP_MAKE)
    if (taken["by"], taken["recording"]) != (str(permit.actor.person_id), str(recording.id)):
        raise NotFound
    if datetime.fromisoformat(taken["until"]) <= _now(session):
        raise Gone("undo_over", "That was more than ten minutes ago. Mark the stretch again as a new clip.")
    known = session.get(Clip, UUID(taken["clip"]))
    if known is not None:
        return known
    clip = Clip(
        id=UUID(taken["clip"]),
        alliance_id=recording.alliance_id,
        recording_id=recording.id,
        author_id=UUID(taken["author"]),
        in_ms=taken["in_ms"],
        out_ms=taken["out_ms"],
        title=taken["title"],
        why=taken["why"],
    )
    session.add(clip)
    session.flush()
    record(session, permit, "clip.restored", about=clip)
    return clip


def clips_of(session: Session, recording: Recording) -> list[Clip]:
    """List a lesson's clips by their beginning, for somebody who may watch it."""
    return list(session.scalars(select(Clip).where(Clip.recording_id == recording.id).order_by(Clip.in_ms, Clip.id)))


def _problems(draft: ClipDraft, duration_ms: int) -> dict[str, str]:
    problems = {}
    if draft.in_ms < 0:
        problems["in_ms"] = "That is before the lesson begins."
    elif draft.out_ms <= draft.in_ms:
        problems["out_ms"] = "The end must come after the beginning."
    elif draft.out_ms > duration_ms:
        problems["out_ms"] = "That is after the end of the lesson."
    return problems | problems_of_words(draft.title, draft.why)


def problems_of_words(title: str, why: str) -> dict[str, str]:
    """Say what is to be mended of a clip's words."""
    problems = {}
    if not title:
        problems["title"] = "Give it a title, in a few words."
    elif len(title) > LONGEST_TITLE:
        problems["title"] = f"Keep the title to {LONGEST_TITLE} characters."
    if len(why) > LONGEST_WHY:
        problems["why"] = f"Keep this to {LONGEST_WHY} characters."
    for name, words in (("title", title), ("why", why)):
        if "\0" in words:
            problems[name] = "There is a sign in it that can't be kept. Type it anew."
    return problems


def _now(session: Session) -> datetime:
    return session.scalars(select(clock.now())).one()
