"""Tables: notes at their moments, and replies to them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class NoteKind(StrEnum):
    """What a note does; a protocol picks those its group uses."""

    #: what was seen or heard
    EVIDENCE = "evidence"
    #: something to ask the teacher
    QUESTION = "question"
    #: something to use in one's own teaching
    TOOK_AWAY = "took_away"
    #: a suggestion
    TRY = "try"
    #: not sure yet
    WONDERING = "wondering"


class NoteState(StrEnum):
    """Who can read a note."""

    #: its author alone
    OWN = "own"
    #: shared with the teacher, and further only as the protocol says
    RELEASED = "released"
    #: a pupil's, with the moderator
    HANDED_IN = "handed_in"
    #: a pupil's, passed on by the moderator
    PASSED_ON = "passed_on"


class Note(Base, kw_only=True):
    """What one observer noticed at one moment, or over a stretch; nobody else's until it is released."""

    __tablename__ = "note"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        within("person", "author_id"),
        ForeignKeyConstraint(["alliance_id", "focus_item_id"], ["focus_item.alliance_id", "focus_item.id"]),
        ForeignKeyConstraint(["alliance_id", "feedback_id"], ["feedback.alliance_id", "feedback.id"]),
        one_of("kind", NoteKind),
        one_of("state", NoteState),
        CheckConstraint("at_ms >= 0", "at_ms_not_negative"),
        CheckConstraint("until_ms IS NULL OR until_ms > at_ms", "ends_after_it_begins"),
        CheckConstraint("char_length(body) BETWEEN 1 AND 4000", "body_length"),
        CheckConstraint("(state = 'released') = (feedback_id IS NOT NULL)", "released_with_its_feedback"),
        Index(None, "recording_id", "at_ms"),
        Index(None, "author_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)  # made on the author's device: a note sent twice is one note
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    author_id: Mapped[UUID]
    kind: Mapped[str]
    at_ms: Mapped[int]  # from the lesson's first frame, in clips too
    body: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    written_at: Mapped[datetime]
    until_ms: Mapped[int | None] = mapped_column(default=None)
    focus_item_id: Mapped[UUID | None] = mapped_column(default=None)
    state: Mapped[str] = mapped_column(default=NoteState.OWN)
    feedback_id: Mapped[UUID | None] = mapped_column(default=None)
    saved_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), onupdate=clock.now(), init=False)
    version: Mapped[int] = mapped_column(init=False)
    __mapper_args__ = {"version_id_col": version}


class Reply(Base, kw_only=True):
    """An answer to a released note, from its author or the teacher."""

    __tablename__ = "reply"
    __table_args__ = (
        within("note", "note_id"),
        within("person", "author_id"),
        CheckConstraint("char_length(body) BETWEEN 1 AND 4000", "body_length"),
        Index(None, "note_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    note_id: Mapped[UUID]
    author_id: Mapped[UUID]
    body: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    written_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
