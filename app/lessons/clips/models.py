"""Table: clips."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, personal, within


class Clip(Base, kw_only=True):
    """A part of a lesson with an address of its own; watched under its lesson's rule, made of the same segments."""

    __tablename__ = "clip"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        within("person", "author_id"),
        CheckConstraint("in_ms >= 0 AND out_ms > in_ms", "ends_after_it_begins"),
        Index(None, "recording_id", "in_ms"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    author_id: Mapped[UUID]
    in_ms: Mapped[int]
    out_ms: Mapped[int]
    title: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    why: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
    made_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    version: Mapped[int] = mapped_column(init=False)
    __mapper_args__ = {"version_id_col": version}
