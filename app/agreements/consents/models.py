"""Tables: yeses that can be taken back, objections to being filmed, and detectives' training."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class ConsentKind(StrEnum):
    """What somebody said yes to."""

    #: being a learning detective (a pupil's own and the family's yes)
    DETECTIVE = "detective"
    #: showing lessons in the alliance's library
    LIBRARY = "library"


class Consent(Base, kw_only=True):
    """A yes of one kind; taken back as easily as given, with no reason asked."""

    __tablename__ = "consent"
    __table_args__ = (within("person", "person_id"), one_of("kind", ConsentKind), UniqueConstraint("person_id", "kind"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    person_id: Mapped[UUID]
    kind: Mapped[str]
    wording_version: Mapped[int] = mapped_column(default=1)
    given_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    taken_back_at: Mapped[datetime | None] = mapped_column(default=None)


class Training(Base, kw_only=True):
    """That a learning detective has done the training."""

    __tablename__ = "training"
    __table_args__ = (within("person", "person_id"),)
    person_id: Mapped[UUID] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    done_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)


class Objection(Base, kw_only=True):
    """That somebody in a class does not wish to be seen; it closes every matching lesson but to its teacher.

    The pupil isn't named: the class code and the dates say which lessons may show them.
    """

    __tablename__ = "objection"
    __table_args__ = (
        known_by_alliance(),
        within("school", "school_id"),
        Index(None, "school_id", "class_code"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", "dates_in_order"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    school_id: Mapped[UUID]
    class_code: Mapped[str] = mapped_column(info=personal(Privacy.CHILDREN))
    from_on: Mapped[date]
    until_on: Mapped[date | None] = mapped_column(default=None)
    recorded_by: Mapped[UUID]
    opened_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
