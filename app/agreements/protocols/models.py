"""Tables: versions of a protocol, whom they name, and who has signed them."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.agreements.projects.models import Capacity
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class VersionKind(StrEnum):
    """What a version changes; computed when it is proposed, never chosen."""

    #: nothing was agreed before
    FIRST = "first"
    #: something other than added persons
    CLAUSES = "clauses"
    #: only persons are added
    PEOPLE = "people"


class VersionState(StrEnum):
    """How far a version has come."""

    #: its author's own
    DRAFT = "draft"
    #: put to the group; text and names are frozen
    PROPOSED = "proposed"
    #: all have signed
    IN_FORCE = "in_force"
    #: a later one is in force
    SUPERSEDED = "superseded"
    #: taken off the table
    DROPPED = "dropped"


class Readers(StrEnum):
    """Who may read released feedback."""

    #: the teacher alone
    TEACHER = "teacher"
    #: also those who watched and have released their own
    GROUP = "group"


class ClipsBy(StrEnum):
    """Who may mark clips."""

    #: the teacher alone
    OWNER = "owner"
    #: also those who watch
    WATCHERS = "watchers"


class Library(StrEnum):
    """What the teacher may offer to the model-lesson library."""

    #: nothing
    NO = "no"
    #: clips
    CLIPS = "clips"
    #: clips and whole lessons
    LESSONS = "lessons"


class Download(StrEnum):
    """Who may take the film away."""

    #: nobody, not even the teacher
    NOBODY = "nobody"
    #: the teacher
    OWNER = "owner"
    #: also those who watch
    WATCHERS = "watchers"


class YesNo(StrEnum):
    """A clause that is on or off."""

    #: allowed
    YES = "yes"
    #: not allowed
    NO = "no"


class AfterErase(StrEnum):
    """What happens to the words when the film goes."""

    #: all goes together
    ERASE = "erase"
    #: the teacher keeps the feedback's text until a date
    KEEP_TEXT = "teacher_keeps_text"


class ProtocolVersion(Base, kw_only=True):
    """What is observed, how feedback is given, who has access: agreed before anyone watches."""

    __tablename__ = "protocol_version"
    __table_args__ = (
        known_by_alliance(),
        within("project", "project_id"),
        UniqueConstraint("project_id", "number"),
        Index("protocol_version_one_in_force", "project_id", unique=True, postgresql_where=text("state = 'in_force'")),
        Index("protocol_version_one_proposed", "project_id", unique=True, postgresql_where=text("state = 'proposed'")),
        one_of("kind", VersionKind),
        one_of("state", VersionState),
        one_of("readers", Readers),
        one_of("clips_by", ClipsBy),
        one_of("library", Library),
        one_of("download", Download),
        one_of("export", YesNo),
        one_of("pupils", YesNo),
        one_of("after_erase", AfterErase),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    project_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(default=VersionKind.FIRST)
    state: Mapped[str] = mapped_column(default=VersionState.DRAFT)
    author_id: Mapped[UUID]
    template: Mapped[str]
    principles: Mapped[list[str]] = mapped_column(info=personal(Privacy.GROUP))
    note_kinds: Mapped[list[str]]
    stages: Mapped[dict[str, Any]] = mapped_column(info=personal(Privacy.GROUP))
    feedback_days: Mapped[int] = mapped_column(default=5)
    answer_days: Mapped[int] = mapped_column(default=5)
    readers: Mapped[str] = mapped_column(default=Readers.TEACHER)
    clips_by: Mapped[str] = mapped_column(default=ClipsBy.OWNER)
    library: Mapped[str] = mapped_column(default=Library.NO)
    download: Mapped[str] = mapped_column(default=Download.NOBODY)
    export: Mapped[str] = mapped_column(default=YesNo.YES)
    pupils: Mapped[str] = mapped_column(default=YesNo.NO)
    until_at: Mapped[datetime]
    erase_at: Mapped[datetime]
    after_erase: Mapped[str] = mapped_column(default=AfterErase.ERASE)
    text_until_at: Mapped[datetime | None] = mapped_column(default=None)
    text_hash: Mapped[str | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    proposed_at: Mapped[datetime | None] = mapped_column(default=None)
    in_force_at: Mapped[datetime | None] = mapped_column(default=None)
    ended_at: Mapped[datetime | None] = mapped_column(default=None)
    edits: Mapped[int] = mapped_column(init=False)
    __mapper_args__ = {"version_id_col": edits}


class FocusItem(Base, kw_only=True):
    """One thing that the group agreed to look at, with what to look for."""

    __tablename__ = "focus_item"
    __table_args__ = (known_by_alliance(), within("protocol_version", "version_id"), Index(None, "version_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    version_id: Mapped[UUID]
    position: Mapped[int]
    name: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    question: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    look_fors: Mapped[list[str]] = mapped_column(info=personal(Privacy.GROUP))


class RosterEntry(Base, kw_only=True):
    """That a version names a person: in which capacity, and whether they may watch."""

    __tablename__ = "roster_entry"
    __table_args__ = (
        within("protocol_version", "version_id"),
        within("person", "person_id"),
        one_of("capacity", Capacity),
        UniqueConstraint("version_id", "person_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    version_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(index=True)
    capacity: Mapped[str]
    watches: Mapped[bool] = mapped_column(default=True)
    left_at: Mapped[datetime | None] = mapped_column(default=None)


class Agreement(Base, kw_only=True):
    """That a person signed exactly this text, and perhaps took it back."""

    __tablename__ = "agreement"
    __table_args__ = (
        within("protocol_version", "version_id"),
        within("person", "person_id"),
        UniqueConstraint("version_id", "person_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    version_id: Mapped[UUID]
    person_id: Mapped[UUID]
    typed_name: Mapped[str] = mapped_column(info=personal(Privacy.PROFESSIONAL))
    text_hash: Mapped[str]
    signed_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    taken_back_at: Mapped[datetime | None] = mapped_column(default=None)
