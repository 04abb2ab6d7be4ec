"""Tables: the audit chain, and the answers kept for requests that may be sent twice."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, personal


class AuditEvent(Base, kw_only=True):
    """Who did what to which thing, by which rule: ids and fixed words only, never what people wrote.

    The database gives number, time and hashes as the row arrives (a trigger), so that nobody can choose them; the
    application may insert and read, never change.
    """

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "thing_id"), Index(None, "actor_id"))
    number: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False, server_default=text("0"), init=False
    )
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


class KeptAnswer(Base, kw_only=True):
    """The first answer to a request with an Idempotency-Key: the same request again gets it once more."""

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("person_id", "route", "key"), Index(None, "made_at"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    person_id: Mapped[UUID]
    route: Mapped[str]
    key: Mapped[str]
    body_hash: Mapped[str]
    status: Mapped[int]
    answer: Mapped[dict[str, Any]] = mapped_column(info=personal(Privacy.GROUP))
    made_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
