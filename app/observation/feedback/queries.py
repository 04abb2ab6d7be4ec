"""Reading feedback: what was shared with this person, the answers to it, and who is still writing."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.agreements.projects.queries import Named, names_of
from app.agreements.protocols.audience import listed
from app.agreements.protocols.models import Readers
from app.agreements.protocols.policy import says
from app.authz import Action, Actor, allowed
from app.lessons.recordings.conditions import both
from app.lessons.recordings.models import Recording
from app.lessons.recordings.queries import may_watch_now
from app.observation.feedback.models import Feedback, Response, TryAnswer
from app.observation.notes.models import NoteKind
from app.observation.notes.queries import Told, notes_of


@dataclass(frozen=True, kw_only=True)
class Try:
    """One suggestion, and what the teacher has said to it."""

    id: UUID
    words: str
    at_ms: int | None
    answer: TryAnswer | None


@dataclass(frozen=True, kw_only=True)
class Shared:
    """One observer's feedback as its reader sees it."""

    feedback: Feedback
    author: Named
    mine: bool
    notes: list[Told]
    tries: list[Try]
    response: Response | None


def feedback_of(session: Session, actor: Actor, *, cycle_id: UUID) -> list[Feedback]:
    """List the feedback of a turn that this person may read, oldest first."""
    return list(
        session.scalars(
            allowed(actor, Action.FEEDBACK_READ, Feedback)
            .where(Feedback.cycle_id == cycle_id)
            .order_by(Feedback.released_at, Feedback.id)
        )
    )


def shared(session: Session, actor: Actor, found: list[Feedback]) -> list[Shared]:
    """Tell feedback with its notes and answers; the number of queries doesn't grow with them."""
    if not found:
        return []
    authors = names_of(session, [feedback.author_id for feedback in found])
    ids = [feedback.id for feedback in found]
    responses = {row.feedback_id: row for row in session.scalars(select(Response).where(Response.feedback_id.in_(ids)))}
    answers = {row.try_id: row for row in session.scalars(select(TryAnswer).where(TryAnswer.feedback_id.in_(ids)))}
    notes = notes_of(session, actor, found[0].recording_id)
    return [
        Shared(
            feedback=feedback,
            author=authors[feedback.author_id],
            mine=feedback.author_id == actor.person_id,
            notes=[told for told in notes if told.note.feedback_id == feedback.id],
            tries=_tries(feedback, notes, answers),
            response=responses.get(feedback.id),
        )
        for feedback in found
    ]


def still_writing(session: Session, recording: Recording) -> list[str]:
    """Name those who may watch a lesson and haven't shared their feedback, whether they have begun to write or not."""
    done = set(session.scalars(select(Feedback.author_id).where(Feedback.recording_id == recording.id)))
    return [watcher.name for watcher in may_watch_now(session, recording) if watcher.person_id not in done]


def goes_to(session: Session, actor: Actor, recording: Recording) -> str:
    """Say who will read one's feedback, by name, beside the button that shares it."""
    teacher = names_of(session, [recording.owner_id])[recording.owner_id]
    if not session.scalar(select(_read_by_group()).where(Recording.id == recording.id)):
        return f"Goes to {teacher.words}. Nobody else, not even heads or administrators."
    others = [who.words for who in may_watch_now(session, recording) if who.person_id != actor.person_id]
    if not others:
        return f"Goes to {teacher.words}. Nobody else, not even heads or administrators."
    return f"Goes to {teacher.words}; and to {listed(others)}, each once they have shared theirs. Nobody else."


def _read_by_group() -> ColumnElement[bool]:
    return both(lambda version: says(version, lambda text: text.readers == Readers.GROUP))


def _tries(feedback: Feedback, notes: list[Told], answers: dict[UUID, TryAnswer]) -> list[Try]:
    found = [
        Try(id=told.note.id, words=told.note.body, at_ms=told.note.at_ms, answer=answers.get(told.note.id))
        for told in notes
        if told.note.feedback_id == feedback.id and told.note.kind == NoteKind.TRY
    ]
    own = Try(id=feedback.id, words=feedback.why_dont_you_try, at_ms=None, answer=answers.get(feedback.id))
    return [*found, own]
