"""Sharing feedback, adding to it, taking it back; and that its teacher has opened it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles import service as cycles
from app.audit import record
from app.authz import Action, Actor, Permit, condition
from app.errors import Conflict, Invalid
from app.lessons.recordings.models import Recording
from app.notify.live.service import tell_live
from app.notify.service import tell
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, NoteState

#: For so long a release can be undone, unless the teacher has opened it.
UNDO: Final = timedelta(minutes=10)
LONGEST_SENTENCE: Final = 2000


@dataclass(frozen=True, kw_only=True)
class FeedbackDraft:
    """What an observer shares together: the notes ticked, and the two closing sentences."""

    note_ids: tuple[UUID, ...]
    took_away: str
    why_dont_you_try: str


def release_feedback(session: Session, permit: Permit[Recording], *, draft: FeedbackDraft) -> Feedback:
    """Share the ticked notes and the two sentences with the teacher, all at once or not at all.

    Load the permit with a lock: whoever pauses the lesson at the same moment comes before or after.

    Raises:
        Invalid: a closing sentence is missing or too long.
        Conflict: feedback has been shared already (`already_shared`), or a ticked note isn't one's own unshared note
            on this lesson any more (`notes_changed`).
    """
    recording = permit.for_(Action.FEEDBACK_RELEASE)
    _check(draft)
    if find_own(session, permit) is not None:
        raise Conflict("already_shared", "You have shared your feedback already. You can tick more notes to add to it.")
    now = session.scalars(select(clock.now())).one()
    feedback = Feedback(
        alliance_id=recording.alliance_id,
        recording_id=recording.id,
        cycle_id=recording.cycle_id,
        author_id=permit.actor.person_id,
        took_away=draft.took_away,
        why_dont_you_try=draft.why_dont_you_try,
        undo_until=now + UNDO,
    )
    session.add(feedback)
    session.flush()
    _release(session, permit, feedback, draft.note_ids)
    cycles.fed_back(session, permit, cycle_id=recording.cycle_id)
    record(session, permit, "feedback.released", about=feedback, from_state=NoteState.OWN, to_state=NoteState.RELEASED)
    tell(session, [recording.owner_id], "feedback.released", feedback.id)
    told = {"cycle_id": feedback.cycle_id, "feedback_id": feedback.id}
    tell_live(session, f"cycle:{feedback.cycle_id}", "feedback.released", told, alliance_id=feedback.alliance_id)
    return feedback


def add_notes(session: Session, permit: Permit[Recording], *, note_ids: Sequence[UUID]) -> Feedback:
    """Add more notes to the feedback that one has shared; its sentences stay as they were read.

    Raises:
        Invalid: nothing is ticked.
        Conflict: nothing has been shared yet (`not_shared`), or a note isn't one's own any more (`notes_changed`).
    """
    recording = permit.for_(Action.FEEDBACK_RELEASE)
    feedback = find_own(session, permit)
    if feedback is None:
        raise Conflict("not_shared", "Share your feedback first: it needs your two closing sentences.")
    if not note_ids:
        say = "Tick the notes that you want to add."
        raise Invalid("nothing_ticked", say, fields={"note_ids": say})
    _release(session, permit, feedback, note_ids)
    record(session, permit, "feedback.added", about=feedback, count=len(set(note_ids)))
    tell(session, [recording.owner_id], "feedback.added", feedback.id)
    return feedback


def take_back(session: Session, permit: Permit[Feedback]) -> None:
    """Undo a release that nobody has opened: the notes are their author's own again. Load the permit with a lock."""
    feedback = permit.for_(Action.FEEDBACK_TAKE_BACK)
    for note in session.scalars(select(Note).where(Note.feedback_id == feedback.id).with_for_update()):
        note.state, note.feedback_id = NoteState.OWN, None
    session.flush()
    record(
        session, permit, "feedback.taken_back", about=feedback, from_state=NoteState.RELEASED, to_state=NoteState.OWN
    )
    cycle_id = feedback.cycle_id
    session.delete(feedback)
    session.flush()
    others = session.scalars(select(Feedback.id).where(Feedback.cycle_id == cycle_id).limit(1)).one_or_none()
    if others is None:
        cycles.feedback_taken_back(session, permit, cycle_id=cycle_id)


def opened(session: Session, actor: Actor, recording_id: UUID) -> None:
    """Note that the teacher is about to read what was shared on a lesson of theirs: from now on it can't be undone.

    Called before the words are read, so that whoever takes theirs back at this moment either comes first, unread, or
    finds that it was opened. Does nothing for anybody but the teacher.
    """
    own = select(Recording.id).where(Recording.id == recording_id, Recording.owner_id == actor.person_id)
    session.execute(
        update(Feedback)
        .where(
            Feedback.recording_id.in_(own),
            Feedback.opened_at.is_(None),
            condition(actor.who, Action.FEEDBACK_READ, Feedback),
        )
        .values(opened_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def find_own(session: Session, permit: Permit[Recording]) -> Feedback | None:
    """Find the feedback that this person has shared on a lesson."""
    return session.scalars(
        select(Feedback).where(Feedback.recording_id == permit.thing.id, Feedback.author_id == permit.actor.person_id)
    ).one_or_none()


def _release(session: Session, permit: Permit[Recording], feedback: Feedback, note_ids: Sequence[UUID]) -> None:
    wanted = set(note_ids)
    notes = session.scalars(
        select(Note)
        .where(
            Note.id.in_(wanted),
            Note.recording_id == permit.thing.id,
            Note.author_id == permit.actor.person_id,
            Note.state == NoteState.OWN,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(notes) != len(wanted):
        raise Conflict("notes_changed", "Some of these notes have changed since you ticked them. Look them over again.")
    for note in notes:
        note.state, note.feedback_id = NoteState.RELEASED, feedback.id
    session.flush()


def _check(draft: FeedbackDraft) -> None:
    problems = {}
    for name, words, stem in (
        ("took_away", draft.took_away, "I took away…"),
        ("why_dont_you_try", draft.why_dont_you_try, "Why don't you try…"),
    ):
        if not words:
            problems[name] = f"End with one sentence: “{stem}” It can be short."
        elif len(words) > LONGEST_SENTENCE:
            problems[name] = f"Keep this to {LONGEST_SENTENCE} characters; it has {len(words)}."
    if problems:
        raise Invalid("feedback_unfinished", "Your two closing sentences need another look.", fields=problems)
