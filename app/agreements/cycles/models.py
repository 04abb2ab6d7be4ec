"""Tables: whose turn it is, and what they told their observers beforehand."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class CycleState(StrEnum):
    """How far a cycle has come."""

    #: somebody's turn, nothing written yet
    BEGUN = "begun"
    #: the observers know the class and what is hoped for
    BRIEFED = "briefed"
    #: the lesson has arrived
    RECORDED = "recorded"
    #: shared with the observers
    OBSERVING = "observing"
    #: an observer has shared feedback
    FED_BACK = "fed_back"
    #: the teacher has answered
    RESPONDED = "responded"
    #: a next step is set; the next turn may begin
    CLOSED = "closed"


class Cycle(Base, kw_only=True):
    """One turn: a teacher opens a lesson, colleagues watch, feed back, and a next step is set."""

    __tablename__ = "cycle"
    __table_args__ = (
        known_by_alliance(),
        within("project", "project_id"),
        within("person", "teacher_id"),
        one_of("state", CycleState),
        UniqueConstraint("project_id", "number"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    project_id: Mapped[UUID]
    number: Mapped[int]
    teacher_id: Mapped[UUID] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(default=CycleState.BEGUN)
    begun_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    feedback_by: Mapped[datetime | None] = mapped_column(default=None)
    answer_by: Mapped[datetime | None] = mapped_column(default=None)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Briefing(Base, kw_only=True):
    """What the teacher tells before the lesson is watched: the class, the hopes, what to look for."""

    __tablename__ = "briefing"
    __table_args__ = (within("cycle", "cycle_id"),)
    cycle_id: Mapped[UUID] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    class_code: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
    body: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
    hopes: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
    focus_item_ids: Mapped[list[str]] = mapped_column(default_factory=list)
    saved_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), onupdate=clock.now(), init=False)
    version: Mapped[int] = mapped_column(init=False)
    __mapper_args__ = {"version_id_col": version}
