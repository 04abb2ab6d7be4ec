"""Tables: projects and who takes part in them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class ProjectKind(StrEnum):
    """The activities that a project can be."""

    #: pairs across schools who watch each other
    PEER_OBSERVATION = "peer_observation"


class GroupKind(StrEnum):
    """How many work together."""

    #: two
    PAIR = "pair"
    #: three
    TRIAD = "triad"
    #: more
    COHORT = "cohort"


class Capacity(StrEnum):
    """What somebody does in one project."""

    #: opens lessons, and watches those of the others
    TEACHER = "teacher"
    #: watches
    OBSERVER = "observer"
    #: stands by new teachers
    MENTOR = "mentor"
    #: reads pupils' notes first
    MODERATOR = "moderator"
    #: a trained pupil
    DETECTIVE = "detective"
    #: from outside, for a limited time
    GUEST = "guest"


class Project(Base, kw_only=True):
    """What a few teachers set out to learn together."""

    __tablename__ = "project"
    __table_args__ = (known_by_alliance(), one_of("kind", ProjectKind), one_of("group_kind", GroupKind))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID] = mapped_column(ForeignKey("alliance.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    group_kind: Mapped[str] = mapped_column(default=GroupKind.PAIR)
    title: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    aim: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class Participant(Base, kw_only=True):
    """That somebody was asked into a project, said yes, and perhaps left."""

    __tablename__ = "participant"
    __table_args__ = (
        within("person", "person_id"),
        within("project", "project_id"),
        one_of("capacity", Capacity),
        UniqueConstraint("project_id", "person_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    project_id: Mapped[UUID]
    person_id: Mapped[UUID]
    capacity: Mapped[str]
    asked_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    joined_at: Mapped[datetime | None] = mapped_column(default=None)
    left_at: Mapped[datetime | None] = mapped_column(default=None)
