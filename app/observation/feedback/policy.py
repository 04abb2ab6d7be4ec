"""Feedback: released by those who watched and wrote; read by the teacher, and further only as the protocol says."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlalchemy.orm import aliased

from app import clock
from app.agreements.projects.models import Capacity
from app.agreements.protocols.models import AfterErase, ProtocolVersion, Readers
from app.agreements.protocols.policy import current, live_entry, says
from app.authz import Action, Clause, Id, Who, policy, there_is
from app.lessons.recordings.conditions import both, here_, owner, text_alive
from app.lessons.recordings.models import Recording
from app.lessons.recordings.policy import adult_observer, watch_named
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, NoteState
from app.observation.notes.policy import SHARED


def text_kept() -> ColumnElement[bool]:
    """Hold while the teacher keeps the words although the film is gone: the version it was shared under says so."""
    version = aliased(ProtocolVersion)
    return there_is(version).where(
        version.id == Recording.bound_version_id,
        version.after_erase == AfterErase.KEEP_TEXT,
        clock.now() < version.text_until_at,
    )


def read_words(who: Who, recording_id: Id, author_id: Id) -> ColumnElement[bool]:
    """Hold for the author, for the teacher, and for others of the group who have released their own."""
    return or_(_wrote(who, recording_id, author_id), _was_told(who, recording_id))


def _wrote(who: Who, recording_id: Id, author_id: Id) -> ColumnElement[bool]:
    its = Recording.id == recording_id
    return and_(author_id == who, there_is(Recording).where(its, here_(who), text_alive()))


def _was_told(who: Who, recording_id: Id) -> ColumnElement[bool]:
    own = aliased(Feedback)
    teacher = and_(owner(who), here_(who), or_(text_alive(), text_kept()))
    others = and_(
        adult_observer(who),
        both(lambda version: says(version, lambda text: text.readers == Readers.GROUP)),
        there_is(own).where(own.recording_id == Recording.id, own.author_id == who),
    )
    return there_is(Recording).where(Recording.id == recording_id, or_(teacher, others))


def read_feedback(who: Who) -> ColumnElement[bool]:
    """Hold for whoever may read what one observer released together."""
    return read_words(who, Feedback.recording_id, Feedback.author_id)


@policy(Note, Action.NOTE_READ)
def read_note(who: Who) -> Iterator[Clause]:
    """Say who, besides its author, may read a released note: whoever may read the feedback that it belongs to."""
    yield Clause("feedback_reader", _shared_note(who), "Its author shared it with you.")


@policy(Note, Action.NOTE_REPLY)
def reply(who: Who) -> Iterator[Clause]:
    """Say who may reply to a released note: its author and the teacher, while they can read it."""
    its = Recording.id == Note.recording_id
    yield Clause(
        "note_reply",
        and_(_shared_note(who), or_(Note.author_id == who, there_is(Recording).where(its, owner(who)))),
        "You wrote this note, or it is about your lesson.",
    )


def _shared_note(who: Who) -> ColumnElement[bool]:
    return and_(Note.state.in_(SHARED), read_words(who, Note.recording_id, Note.author_id))


@policy(Feedback, Action.FEEDBACK_READ)
def read(who: Who) -> Iterator[Clause]:
    """Say who may read released feedback."""
    yield Clause("feedback_author", _wrote(who, Feedback.recording_id, Feedback.author_id), "You wrote it.")
    yield Clause("feedback_reader", _was_told(who, Feedback.recording_id), "It was shared with you.")


@policy(Feedback, Action.FEEDBACK_TAKE_BACK)
def take_back(who: Who) -> Iterator[Clause]:
    """Say who may undo a release: its author, for ten minutes, unless the teacher has opened it."""
    yield Clause(
        "feedback_undo",
        and_(
            Feedback.author_id == who,
            Feedback.opened_at.is_(None),
            clock.now() < Feedback.undo_until,
            read_feedback(who),
        ),
        "You shared it just now.",
    )


@policy(Recording, Action.FEEDBACK_RELEASE)
def release(who: Who) -> Iterator[Clause]:
    """Say who may share feedback: whoever has written notes and may watch; a detective hands in instead."""
    note = aliased(Note)
    detective = live_entry(who, current(Recording.project_id), capacities=(Capacity.DETECTIVE,))
    wrote = there_is(note).where(note.recording_id == Recording.id, note.author_id == who)
    yield Clause("release_named", and_(watch_named(who), wrote, not_(detective)), "You wrote notes on this lesson.")


@policy(Recording, Action.FEEDBACK_RESPOND)
def respond(who: Who) -> Iterator[Clause]:
    """Say when the teacher may answer: once some feedback has been shared."""
    note = aliased(Note)
    some = or_(
        there_is(Feedback).where(Feedback.recording_id == Recording.id),
        there_is(note).where(note.recording_id == Recording.id, note.state == NoteState.PASSED_ON),
    )
    yield Clause("respond_owner", and_(owner(who), here_(who), text_alive(), some), "It is your own lesson.")
