"""Tables: the alliance and its schools."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, personal


class Alliance(Base, kw_only=True):
    """Schools that open their classrooms to each other, and what they settled for all."""

    __tablename__ = "alliance"
    __table_args__ = (
        CheckConstraint("private_max_days BETWEEN 1 AND 366", "private_max_days_sane"),
        CheckConstraint("max_days BETWEEN 1 AND 731", "max_days_sane"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    name: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="Europe/London")
    new_teacher_word: Mapped[str] = mapped_column(default="ECT")
    largest_bytes: Mapped[int] = mapped_column(BigInteger, default=16 * 1024**3)
    longest_min: Mapped[int] = mapped_column(default=180)
    private_max_days: Mapped[int] = mapped_column(default=90)
    max_days: Mapped[int] = mapped_column(default=365)
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)


class School(Base, kw_only=True):
    """One school of an alliance."""

    __tablename__ = "school"
    __table_args__ = (known_by_alliance(),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID] = mapped_column(ForeignKey("alliance.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
