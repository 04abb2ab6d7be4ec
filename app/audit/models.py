"""Table: the audit chain."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class AuditEvent(Base, kw_only=True):
    """Who did what to which thing, by which rule: ids and fixed words only, never what people wrote.

    The database gives time and hashes as the row arrives (a trigger), so that nobody can choose them; the
    application may insert and read, never change.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "thing_id"), Index(None, "actor_id"))
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True, init=False)
    alliance_id: Mapped[UUID | None] = mapped_column(default=None)
    actor_id: Mapped[UUID | None] = mapped_column(default=None)  # none: the machine, by the rule named
    what: Mapped[str]
    thing_kind: Mapped[str]
    thing_id: Mapped[UUID]
    rule: Mapped[str]
    from_state: Mapped[str | None] = mapped_column(default=None)
    to_state: Mapped[str | None] = mapped_column(default=None)
    count: Mapped[int | None] = mapped_column(default=None)
    request_id: Mapped[str | None] = mapped_column(default=None)
    at: Mapped[datetime | None] = mapped_column(init=False)
    before_hash: Mapped[str | None] = mapped_column(init=False)
    hash: Mapped[str | None] = mapped_column(init=False)
