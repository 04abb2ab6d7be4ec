"""Tables: recordings, and what can close them to others."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class RecordingState(StrEnum):
    """Who a recording is open to, before the agreement is asked."""

    #: its teacher alone
    PRIVATE = "private"
    #: those whom the protocol names
    SHARED = "shared"
    #: closed for now
    PAUSED = "paused"
    #: taken back
    WITHDRAWN = "withdrawn"
    #: being erased; nobody plays it
    ERASING = "erasing"
    #: gone; only the log remains
    ERASED = "erased"


class MediaState(StrEnum):
    """How far the film has been prepared."""

    #: parts are still arriving
    WAITING = "waiting"
    #: being looked at
    PROBING = "probing"
    #: being prepared, nothing to watch yet
    PREPARING = "preparing"
    #: the beginning can be watched
    WATCHABLE = "watchable"
    #: all of it can be watched
    READY = "ready"
    #: it stopped; the code says why
    NEEDS_ATTENTION = "needs_attention"


class Recording(Base, kw_only=True):
    """A filmed lesson. Its teacher owns it; the signed protocol says who else may watch."""

    __tablename__ = "recording"
    __table_args__ = (
        known_by_alliance(),
        within("school", "school_id"),
        within("project", "project_id"),
        within("cycle", "cycle_id"),
        within("person", "owner_id"),
        ForeignKeyConstraint(
            ["alliance_id", "bound_version_id"], ["protocol_version.alliance_id", "protocol_version.id"]
        ),
        one_of("state", RecordingState),
        one_of("media_state", MediaState),
        CheckConstraint("serve IN ('source', 'blurred')", "serve_known"),
        CheckConstraint("state NOT IN ('shared', 'paused') OR bound_version_id IS NOT NULL", "shared_is_bound"),
        CheckConstraint("duration_ms IS NULL OR duration_ms >= 0", "duration_not_negative"),
        Index(
            "recording_one_per_cycle",
            "cycle_id",
            unique=True,
            postgresql_where=text("state NOT IN ('erasing', 'erased')"),
        ),
        Index(None, "owner_id"),
        Index(None, "project_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    school_id: Mapped[UUID]
    project_id: Mapped[UUID]
    cycle_id: Mapped[UUID]
    owner_id: Mapped[UUID]
    title: Mapped[str] = mapped_column(info=personal(Privacy.GROUP))
    class_code: Mapped[str] = mapped_column(info=personal(Privacy.GROUP), default="")
    recorded_on: Mapped[date]
    delete_at: Mapped[datetime]  # from this instant nobody plays it, the owner neither
    state: Mapped[str] = mapped_column(default=RecordingState.PRIVATE)
    serve: Mapped[str] = mapped_column(default="source")
    bound_version_id: Mapped[UUID | None] = mapped_column(default=None)
    audience: Mapped[str | None] = mapped_column(info=personal(Privacy.GROUP), default=None)
    media_state: Mapped[str] = mapped_column(default=MediaState.WAITING)
    media_code: Mapped[str | None] = mapped_column(default=None)
    duration_ms: Mapped[int | None] = mapped_column(default=None)
    watchable_ms: Mapped[int] = mapped_column(default=0)
    prepared_percent: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    shared_at: Mapped[datetime | None] = mapped_column(default=None)
    ready_at: Mapped[datetime | None] = mapped_column(default=None)
    erase_cause: Mapped[str | None] = mapped_column(default=None)
    erased_at: Mapped[datetime | None] = mapped_column(default=None)


class ObjectionSettled(Base, kw_only=True):
    """That an objection no longer closes this one recording, and how it was settled."""

    __tablename__ = "objection_settled"
    __table_args__ = (within("objection", "objection_id"), within("recording", "recording_id"))
    objection_id: Mapped[UUID] = mapped_column(primary_key=True)
    recording_id: Mapped[UUID] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    settled_by: Mapped[UUID]
    how: Mapped[str]
    settled_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)


class Hold(Base, kw_only=True):
    """A safeguarding hold: closed to everyone, and nothing is erased until it is lifted."""

    __tablename__ = "hold"
    __table_args__ = (
        within("recording", "recording_id"),
        Index("hold_one_open", "recording_id", unique=True, postgresql_where=text("lifted_at IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    placed_by: Mapped[UUID]
    placed_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    lifted_at: Mapped[datetime | None] = mapped_column(default=None)


class Case(Base, kw_only=True):
    """A request, objection or incident about one recording, which a data-protection lead works on."""

    __tablename__ = "data_case"
    __table_args__ = (within("recording", "recording_id"), Index(None, "recording_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    opened_by: Mapped[UUID]
    opened_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    closed_at: Mapped[datetime | None] = mapped_column(default=None)


class ViewingWindow(Base, kw_only=True):
    """The hour in which a named pupil may watch, opened by a member of staff."""

    __tablename__ = "viewing_window"
    __table_args__ = (
        within("recording", "recording_id"),
        within("person", "pupil_id"),
        CheckConstraint("until_at > from_at AND until_at <= from_at + interval '60 minutes'", "an_hour_at_most"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    pupil_id: Mapped[UUID]
    opened_by: Mapped[UUID]
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]
    closed_at: Mapped[datetime | None] = mapped_column(default=None)
