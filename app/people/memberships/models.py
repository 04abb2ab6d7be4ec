"""Tables: memberships of schools, and the invitations that lead to them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, personal, within


class Role(StrEnum):
    """What somebody does at a school; no role opens anybody's lesson."""

    #: teaches
    TEACHER = "teacher"
    #: newly qualified; the alliance chooses the word
    NEW_TEACHER = "new_teacher"
    #: stands by new teachers
    MENTOR = "mentor"
    #: starts projects, brokers pairs; sees counts, never content
    CO_ORDINATOR = "co_ordinator"
    #: leads the alliance; sees counts, never content
    ALLIANCE_LEAD = "alliance_lead"
    #: invites and ends people of the own school
    SCHOOL_ADMINISTRATOR = "school_administrator"
    #: the same in any school of the alliance, and adds schools
    ALLIANCE_ADMINISTRATOR = "alliance_administrator"
    #: consent, retention, erasure
    DATA_PROTECTION_LEAD = "data_protection_lead"
    #: safeguarding
    SAFEGUARDING_LEAD = "safeguarding_lead"
    #: on placement
    TRAINEE = "trainee"
    #: a pupil of the school
    PUPIL = "pupil"


class Membership(Base, kw_only=True):
    """That a person belongs to a school, from when until when, and in which roles."""

    __tablename__ = "membership"
    __table_args__ = (
        within("person", "person_id"),
        within("school", "school_id"),
        UniqueConstraint("person_id", "school_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    person_id: Mapped[UUID]
    school_id: Mapped[UUID]
    roles: Mapped[list[str]] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    from_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    until_at: Mapped[datetime | None] = mapped_column(default=None)


class Invitation(Base, kw_only=True):
    """A link that makes somebody a member of a school, once, within a week, when they press the button."""

    __tablename__ = "invitation"
    __table_args__ = (within("school", "school_id"), UniqueConstraint("secret_hash"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    school_id: Mapped[UUID]
    invited_by: Mapped[UUID]
    email: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    name: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    roles: Mapped[list[str]] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    secret_hash: Mapped[str] = mapped_column(info=personal(Privacy.SECRET), repr=False)
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
