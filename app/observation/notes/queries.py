"""Reading notes: one's own, and those that their authors have shared; each with its author, in two queries at most."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from app.agreements.protocols.models import FocusItem
from app.authz import Action, Actor, Permit, allowed, condition
from app.lessons.recordings.models import Recording
from app.observation.notes.models import Note, NoteState, Reply
from app.people.accounts.models import Person


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which notes of a lesson; `from_ms` and `to_ms` bound the moment, both included."""

    kind: str = ""
    focus_item_id: UUID | None = None
    from_ms: int | None = None
    to_ms: int | None = None
    mine: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """A note as one reader sees it."""

    note: Note
    author: str
    replies: int
    mine: bool
    owner: bool
    focus: str = ""

    @property
    def own(self) -> bool:
        """Tell whether it is still its author's alone."""
        return self.note.state == NoteState.OWN

    @property
    def audience(self) -> str:
        """Say who can read it, beside the note itself."""
        if self.own:
            return "only you" if self.owner else "only you, until you share your feedback"
        if self.mine:
            return "shared with the teacher"
        return "shared with you"


@dataclass(frozen=True, kw_only=True)
class Mine:
    """One of a person's own notes anywhere; its lesson's title only while they may know of the lesson."""

    note: Note
    title: str | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A reply, and who wrote it."""

    reply: Reply
    author: str


def notes_of(session: Session, actor: Actor, recording: UUID, wanted: Wanted | None = None) -> list[Told]:
    """List the notes of a lesson that this person may read, in the order of their moments; one query."""
    # By at_ms, then id: two notes at one moment keep their order on every reload.
    asked = _told(actor, Action.NOTE_READ).where(Note.recording_id == recording, *_filters(actor, wanted or Wanted()))
    return _tell(session, actor, asked.order_by(Note.at_ms, Note.id))


def find_told(session: Session, permit: Permit[Note]) -> Told:
    """Tell one note to somebody who may read it."""
    note = permit.for_(Action.NOTE_READ, Action.NOTE_EDIT, Action.NOTE_REPLY)
    return _tell(session, permit.actor, _told(permit.actor, Action.NOTE_READ).where(Note.id == note.id))[0]


def tell_own(session: Session, actor: Actor, note: Note) -> Told:
    """Tell a note that its author has just written or changed."""
    return _tell(session, actor, _told(actor, Action.NOTE_READ_OWN).where(Note.id == note.id))[0]


def own_unreleased(session: Session, actor: Actor, recording_id: UUID) -> list[Told]:
    """List a person's own notes on a lesson that they haven't shared yet."""
    asked = _told(actor, Action.NOTE_READ_OWN).where(
        Note.recording_id == recording_id, Note.author_id == actor.person_id, Note.state == NoteState.OWN
    )
    return _tell(session, actor, asked.order_by(Note.at_ms, Note.id))


def my_notes(session: Session, actor: Actor, *, most: int = 500) -> list[Mine]:
    """List a person's own notes on all lessons, newest lesson first."""
    rows = session.execute(
        allowed(actor, Action.NOTE_READ_OWN, Note)
        .join(Recording, Recording.id == Note.recording_id)
        .add_columns(case((condition(actor.who, Action.REC_LIST, Recording), Recording.title)))
        .order_by(Recording.created_at.desc(), Recording.id, Note.at_ms, Note.id)
        .limit(most)
    )
    return [Mine(note=row[0], title=row[1]) for row in rows]


def replies_of(session: Session, permit: Permit[Note]) -> list[Answer]:
    """List the replies to a note, oldest first, for somebody who may read the note."""
    note = permit.for_(Action.NOTE_READ, Action.NOTE_REPLY)
    rows = session.execute(
        select(Reply, Person.name)
        .join(Person, Person.id == Reply.author_id)
        .where(Reply.note_id == note.id)
        .order_by(Reply.written_at, Reply.id)
    )
    return [Answer(reply=row[0], author=row[1]) for row in rows]


def replies_to(session: Session, notes: list[Told]) -> dict[UUID, list[Answer]]:
    """List the replies to notes that somebody may read, by note; one query."""
    found: dict[UUID, list[Answer]] = {told.note.id: [] for told in notes}
    rows = session.execute(
        select(Reply, Person.name)
        .join(Person, Person.id == Reply.author_id)
        .where(Reply.note_id.in_(list(found)))
        .order_by(Reply.written_at, Reply.id)
    )
    for answer, author in rows:
        found[answer.note_id].append(Answer(reply=answer, author=author))
    return found


def _told(actor: Actor, action: Action) -> Select[Any]:
    replies = select(func.count()).where(Reply.note_id == Note.id).correlate(Note).scalar_subquery()
    return (
        allowed(actor, action, Note)
        .join(Person, Person.id == Note.author_id)
        .join(Recording, Recording.id == Note.recording_id)
        .outerjoin(FocusItem, and_(FocusItem.id == Note.focus_item_id, FocusItem.alliance_id == Note.alliance_id))
        .add_columns(Person.name, replies, Recording.owner_id == actor.person_id, FocusItem.name)
    )


def _tell(session: Session, actor: Actor, asked: Select[Any]) -> list[Told]:
    return [
        Told(
            note=note,
            author=author,
            replies=replies,
            owner=owner,
            focus=focus or "",
            mine=note.author_id == actor.person_id,
        )
        for note, author, replies, owner, focus in session.execute(asked)
    ]


def _filters(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.kind:
        found.append(Note.kind == wanted.kind)
    if wanted.focus_item_id is not None:
        found.append(Note.focus_item_id == wanted.focus_item_id)
    if wanted.from_ms is not None:
        found.append(or_(Note.at_ms >= wanted.from_ms, Note.until_ms > wanted.from_ms))
    if wanted.to_ms is not None:
        found.append(Note.at_ms <= wanted.to_ms)
    if wanted.mine:
        found.append(Note.author_id == actor.person_id)
    return found
