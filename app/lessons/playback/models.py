"""Tables: who was handed which part of a lesson, and where each person left off."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, within


class AccessEvent(Base, kw_only=True):
    """That somebody was handed a playlist or a segment: when, which stretch, and by which clause.

    Written in the transaction that hands it out: no row, no segment. It stays for twelve months, also when the
    recording is erased, so it holds ids and times only.
    """

    __tablename__ = "access_event"
    __table_args__ = (Index(None, "recording_id", "at"), Index(None, "person_id", "at"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    person_id: Mapped[UUID]
    what: Mapped[str]  # playlist, init, segment, poster, storyboard, captions, export, preview
    clause: Mapped[str]
    version_number: Mapped[int | None] = mapped_column(default=None)
    from_ms: Mapped[int | None] = mapped_column(default=None)
    until_ms: Mapped[int | None] = mapped_column(default=None)
    rendition: Mapped[str | None] = mapped_column(default=None)
    at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)


class Place(Base, kw_only=True):
    """Where a person left off in a lesson, and how much of it they have played."""

    __tablename__ = "place"
    __table_args__ = (
        within("recording", "recording_id"),
        within("person", "person_id"),
        CheckConstraint("at_ms >= 0", "at_ms_not_negative"),
    )
    recording_id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    at_ms: Mapped[int]
    played_ms: Mapped[int] = mapped_column(default=0)
    seen_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), onupdate=clock.now(), init=False)
