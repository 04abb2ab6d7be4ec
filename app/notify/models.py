"""Tables: messages to people, and the mail that carries them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, personal, within


class Notification(Base, kw_only=True):
    """That something came in for a person; the page asks the policy before it shows a title."""

    __tablename__ = "notification"
    __table_args__ = (within("person", "person_id"), Index(None, "person_id", "made_at"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    thing_id: Mapped[UUID]
    made_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    seen_at: Mapped[datetime | None] = mapped_column(default=None)


class Mail(Base, kw_only=True):
    """A mail that waits to be sent; its words are wiped as soon as it has gone."""

    __tablename__ = "mail"
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    to_address: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    subject: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    body: Mapped[str] = mapped_column(info=personal(Privacy.SECRET), repr=False)
    made_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    sent_at: Mapped[datetime | None] = mapped_column(default=None)
