"""Marking clips: rows only, playable at once."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import record
from app.authz import Action, Permit
from app.errors import Invalid
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import Recording

LONGEST_TITLE = 120
LONGEST_WHY = 1000


@dataclass(frozen=True, kw_only=True)
class ClipDraft:
    """What somebody marked: a stretch in the lesson's own time, a title, and why it is worth ten minutes."""

    in_ms: int
    out_ms: int
    title: str
    why: str = ""


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


def delete_clip(session: Session, permit: Permit[Clip]) -> None:
    """Take a clip away; the lesson stays as it is."""
    clip = permit.for_(Action.CLIP_DELETE)
    record(session, permit, "clip.deleted", about=clip)
    session.delete(clip)


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
