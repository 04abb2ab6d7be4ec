"""Notes: nobody else's until released; who reads them then, the policy of feedback says."""

from collections.abc import Iterator

from sqlalchemy import and_, not_

from app.authz import Action, Clause, Who, listed_by, policy, there_is
from app.lessons.recordings.conditions import held, here_, text_alive
from app.lessons.recordings.models import Recording
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


listed_by(Note, Action.NOTE_READ, later="This note has been shared, so it can't be changed. Add a reply instead.")
