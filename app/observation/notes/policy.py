"""Notes: nobody else's until released; who reads them then, the policy of feedback says."""

from collections.abc import Iterator

from sqlalchemy import and_, not_, or_

from app.authz import Action, Clause, Who, listed_by, policy, there_is
from app.lessons.recordings.conditions import held, here_, text_alive
from app.lessons.recordings.models import Recording
from app.lessons.recordings.policy import watch_named, watch_owner
from app.observation.notes.models import Note, NoteState

#: The states of a note that others may read.
SHARED = (NoteState.RELEASED.value, NoteState.PASSED_ON.value)


@policy(Note, Action.NOTE_READ_OWN, Action.NOTE_READ)
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
    """Say who may change a note: its author, until it is released, for as long as they may watch the lesson."""
    its = Recording.id == Note.recording_id
    yield Clause(
        "note_author",
        and_(
            Note.author_id == who,
            Note.state == NoteState.OWN,
            there_is(Recording).where(its, or_(watch_owner(who), watch_named(who))),
        ),
        "You wrote this note.",
    )


@policy(Note, Action.NOTE_DELETE)
def delete(who: Who) -> Iterator[Clause]:
    """Say who may delete a note: its author, until it is released, while no hold keeps it; seen or unseen."""
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


listed_by(
    Note,
    Action.NOTE_READ,
    later="This note can't be changed now: it has been shared (add a reply instead), or its lesson isn't open to you.",
)
