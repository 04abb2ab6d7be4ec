"""Notes: nobody else's until released; then read as feedback is."""

from collections.abc import Iterator

from sqlalchemy import and_, not_, or_

from app.authz import Action, Clause, Who, listed_by, policy, there_is
from app.lessons.recordings.conditions import held, here_, owner, text_alive
from app.lessons.recordings.models import Recording
from app.observation.feedback.models import Feedback
from app.observation.feedback.policy import read_feedback
from app.observation.notes.models import Note, NoteState

SHARED = (NoteState.RELEASED.value, NoteState.PASSED_ON.value)


@policy(Note, Action.NOTE_READ_OWN)
def read_own(who: Who) -> Iterator[Clause]:
    """Say who may read an unreleased note: its author, as long as the lesson's words live. Nobody else, ever."""
    its = Recording.id == Note.recording_id
    yield Clause(
        "note_author",
        and_(Note.author_id == who, there_is(Recording).where(its, here_(who), text_alive())),
        "You wrote this note.",
    )


@policy(Note, Action.NOTE_EDIT)
def edit(who: Who) -> Iterator[Clause]:
    """Say who may change or delete a note: its author, until it is released, while no hold keeps it."""
    its = Recording.id == Note.recording_id
    yield Clause(
        "note_author",
        and_(
            Note.author_id == who,
            Note.state == NoteState.OWN,
            there_is(Recording).where(its, here_(who), text_alive(), not_(held())),
        ),
        "You wrote this note.",
    )


@policy(Note, Action.NOTE_READ)
def read(who: Who) -> Iterator[Clause]:
    """Say who may read a note: its author; once released, whoever may read the feedback that it belongs to."""
    yield from read_own(who)
    yield Clause(
        "feedback_reader",
        and_(Note.state.in_(SHARED), there_is(Feedback).where(Feedback.id == Note.feedback_id, read_feedback(who))),
        "Its author shared it with you.",
    )


@policy(Note, Action.NOTE_REPLY)
def reply(who: Who) -> Iterator[Clause]:
    """Say who may reply to a released note: its author and the teacher, while they can read it."""
    its = Recording.id == Note.recording_id
    yield Clause(
        "note_reply",
        and_(
            Note.state.in_(SHARED),
            there_is(Feedback).where(Feedback.id == Note.feedback_id, read_feedback(who)),
            or_(Note.author_id == who, there_is(Recording).where(its, owner(who))),
        ),
        "You wrote this note, or it is about your lesson.",
    )


listed_by(Note, Action.NOTE_READ, later="This note has been shared, so it can't be changed. Add a reply instead.")
