"""Tables: one observer's feedback on a lesson, and the teacher's answer to it."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class Feedback(Base, kw_only=True):
    """What one observer released together: the notes ticked, and the two closing sentences."""

    __tablename__ = "feedback"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        within("cycle", "cycle_id"),
        within("person", "author_id"),
        UniqueConstraint("recording_id", "author_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    cycle_id: Mapped[UUID]
    author_id: Mapped[UUID]
    took_away: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    why_dont_you_try: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    undo_until: Mapped[datetime]
    released_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    opened_at: Mapped[datetime | None] = mapped_column(default=None)


class TryChoice(StrEnum):
    """What the teacher says to a 'try'."""

    #: not yet, but soon
    WILL_TRY = "will_try"
    #: done already
    TRIED = "tried"
    #: thanks, no
    NOT_FOR_ME = "not_for_me"


class Response(Base, kw_only=True):
    """The teacher's answer to one observer's feedback."""

    __tablename__ = "response"
    __table_args__ = (within("feedback", "feedback_id"),)
    feedback_id: Mapped[UUID] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    thanks: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
    saved_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), onupdate=clock.now(), init=False)
    version: Mapped[int] = mapped_column(init=False)
    __mapper_args__ = {"version_id_col": version}


class TryAnswer(Base, kw_only=True):
    """The teacher's answer to one 'try': a released note of that kind, or the feedback's own closing sentence."""

    __tablename__ = "try_answer"
    __table_args__ = (
        within("feedback", "feedback_id"),
        one_of("choice", TryChoice),
        CheckConstraint("by_on IS NULL OR choice = 'will_try'", "a_date_only_to_will_try"),
    )
    try_id: Mapped[UUID] = mapped_column(primary_key=True)
    feedback_id: Mapped[UUID]
    alliance_id: Mapped[UUID]
    choice: Mapped[str]
    by_on: Mapped[date | None] = mapped_column(default=None)
    body: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
