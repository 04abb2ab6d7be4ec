"""Table: chapters, as players call the phases of a lesson."""

from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import ids
from app.db import Base, Privacy, known_by_alliance, personal, within


class Chapter(Base, kw_only=True):
    """One phase of a lesson; it lasts until the next one begins."""

    __tablename__ = "chapter"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        CheckConstraint("at_ms >= 0", "at_ms_not_negative"),
        UniqueConstraint("recording_id", "at_ms"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    at_ms: Mapped[int]
    name: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
