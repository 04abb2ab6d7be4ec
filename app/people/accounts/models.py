"""Tables: accounts, the people they are in each alliance, signed-in devices, and links that work once."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal


class AccountState(StrEnum):
    """How an account stands; only an active one opens anything."""

    #: signs in
    ACTIVE = "active"
    #: stopped for now by an administrator of its school
    SUSPENDED = "suspended"
    #: closed for good
    ENDED = "ended"


class Account(Base, kw_only=True):
    """An address and a password: one per installation, whatever the number of alliances."""

    __tablename__ = "account"
    __table_args__ = (
        one_of("state", AccountState),
        CheckConstraint("email = lower(email)", "email_in_lower_case"),
        UniqueConstraint("email"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    email: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    password_hash: Mapped[str] = mapped_column(info=personal(Privacy.SECRET), repr=False)
    state: Mapped[str] = mapped_column(default=AccountState.ACTIVE)
    content_locked_until: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class Person(Base, kw_only=True):
    """Who an account is in one alliance: the name that colleagues see."""

    __tablename__ = "person"
    __table_args__ = (known_by_alliance(), UniqueConstraint("alliance_id", "account_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID] = mapped_column(ForeignKey("alliance.id", ondelete="CASCADE"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)


class DeviceKind(StrEnum):
    """How a device was let in."""

    #: a browser's cookie
    BROWSER = "browser"
    #: a bearer token for scripts
    TOKEN = "token"  # noqa: S105 - a kind, not a secret


class Device(Base, kw_only=True):
    """A signed-in device: its secret's hash, and until when it is let in."""

    __tablename__ = "device"
    __table_args__ = (one_of("kind", DeviceKind), UniqueConstraint("secret_hash"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), default=None)
    kind: Mapped[str] = mapped_column(default=DeviceKind.BROWSER)
    secret_hash: Mapped[str] = mapped_column(info=personal(Privacy.SECRET), repr=False)
    label: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL), default="")
    shared_computer: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    seen_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(default=None)


class LinkPurpose(StrEnum):
    """What a mailed link is for."""

    #: sign in without a password
    SIGN_IN = "sign_in"
    #: choose a new password
    RESET = "reset"


class AccountLink(Base, kw_only=True):
    """A link mailed to an account's address; works once, when a button is pressed."""

    __tablename__ = "account_link"
    __table_args__ = (one_of("purpose", LinkPurpose), UniqueConstraint("secret_hash"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str]
    secret_hash: Mapped[str] = mapped_column(info=personal(Privacy.SECRET), repr=False)
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None] = mapped_column(default=None)


class Throttle(Base, kw_only=True):
    """How often something was tried lately; one row for each account tried and each address it was tried from."""

    __tablename__ = "throttle"
    __table_args__ = (Index(None, "refilled_at"),)
    key: Mapped[str] = mapped_column(primary_key=True, info=personal(Privacy.SECRET))
    tries_left: Mapped[float]
    refilled_at: Mapped[datetime] = mapped_column(server_default=text("now()"), init=False)
