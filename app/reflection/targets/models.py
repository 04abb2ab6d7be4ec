"""Table: targets for the next lesson."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, personal, within


class Target(Base, kw_only=True):
    """What a teacher means to try next, by when; their own, unless they show it."""

    __tablename__ = "target"
    __table_args__ = (
        within("person", "person_id"),
        within("cycle", "cycle_id"),
        CheckConstraint("tried_at IS NULL OR tried_at >= set_at", "tried_after_setting"),
        Index(None, "person_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    person_id: Mapped[UUID]
    cycle_id: Mapped[UUID]
    body: Mapped[str] = mapped_column(info=personal(Privacy.PERSON))
    by_on: Mapped[date | None] = mapped_column(default=None)
    from_try_id: Mapped[UUID | None] = mapped_column(default=None)
    set_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    tried_at: Mapped[datetime | None] = mapped_column(default=None)
