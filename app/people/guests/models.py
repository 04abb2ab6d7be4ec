"""Table: the link by which a guest takes part in one project."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app import ids
from app.db import Base, within


class GuestLink(Base, kw_only=True):
    """That a person is a guest of exactly one project, until when, and whether it was ended before."""

    __tablename__ = "guest_link"
    __table_args__ = (within("person", "person_id"), within("project", "project_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    person_id: Mapped[UUID]
    project_id: Mapped[UUID]
    until_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
