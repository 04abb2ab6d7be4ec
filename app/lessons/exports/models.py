"""Table: exports, each somebody's own, for a day."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, known_by_alliance, one_of, within


class ExportState(StrEnum):
    """How far a file has come."""

    #: in the queue, or being made
    WAITING = "waiting"
    #: it can be downloaded
    READY = "ready"
    #: it can't be made; the code says why
    FAILED = "failed"


class Export(Base, kw_only=True):
    """A stretch of a lesson that somebody asked for as a file."""

    __tablename__ = "export"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        within("person", "asker_id"),
        one_of("state", ExportState),
        CheckConstraint("in_ms >= 0 AND out_ms > in_ms", "ends_after_it_begins"),
        UniqueConstraint("recording_id", "asker_id", "in_ms", "out_ms"),
        Index(None, "expires_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    asker_id: Mapped[UUID]
    in_ms: Mapped[int]
    out_ms: Mapped[int]
    expires_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default=ExportState.WAITING)
    code: Mapped[str | None] = mapped_column(default=None)
    key: Mapped[str | None] = mapped_column(default=None)
    size_bytes: Mapped[int | None] = mapped_column(BigInteger, default=None)
    asked_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
