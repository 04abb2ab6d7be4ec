"""Tables: what was made of a film: assets, renditions, chunks under lease, segments, storyboard and sound strip."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class AssetKind(StrEnum):
    """Which film of a recording this is."""

    #: as it came from the camera
    SOURCE = "source"
    #: a first small copy, replaced by the source
    SMALL_COPY = "small_copy"
    #: blurred for sharing
    BLURRED_COPY = "blurred_copy"


class Asset(Base, kw_only=True):
    """One film of a recording in storage, and what looking at it found."""

    __tablename__ = "asset"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        one_of("kind", AssetKind),
        UniqueConstraint("recording_id", "kind"),
        Index(None, "digest"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    kind: Mapped[str]
    upload_id: Mapped[UUID]
    source_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str | None] = mapped_column(default=None)  # the same for the same bytes
    facts: Mapped[dict[str, Any]] = mapped_column(default_factory=dict)
    poster_key: Mapped[str | None] = mapped_column(info=personal(Privacy.CHILDREN), default=None)
    planned_at: Mapped[datetime | None] = mapped_column(default=None)
    source_erased_at: Mapped[datetime | None] = mapped_column(default=None)
    created_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)


class Rendition(Base, kw_only=True):
    """One quality of a film's picture, or its sound."""

    __tablename__ = "rendition"
    __table_args__ = (
        known_by_alliance(),
        within("asset", "asset_id"),
        CheckConstraint("kind IN ('picture', 'sound')", "kind_known"),
        UniqueConstraint("asset_id", "name"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str]  # 240p, 480p, 720p, sound
    width: Mapped[int | None] = mapped_column(default=None)
    height: Mapped[int | None] = mapped_column(default=None)
    codecs: Mapped[str | None] = mapped_column(default=None)
    init_key: Mapped[str | None] = mapped_column(default=None)
    init_sha256: Mapped[str | None] = mapped_column(default=None)


class Chunk(Base, kw_only=True):
    """One job's worth of a film. Who holds its lease works on it; only its newest fence may publish.

    `best` is the picture once more: the sizes that were put off while many lessons waited (`facts["later"]`).
    """

    __tablename__ = "chunk"
    __table_args__ = (
        known_by_alliance(),
        within("asset", "asset_id"),
        CheckConstraint("kind IN ('picture', 'sound', 'best')", "kind_known"),
        UniqueConstraint("asset_id", "kind", "number"),
        Index("chunk_waiting", "lease_until", postgresql_where=text("done_at IS NULL")),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    kind: Mapped[str]
    number: Mapped[int]
    in_ms: Mapped[int]
    out_ms: Mapped[int]
    plan: Mapped[dict[str, Any]]
    lease_until: Mapped[datetime | None] = mapped_column(default=None)
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    code: Mapped[str | None] = mapped_column(default=None)
    done_at: Mapped[datetime | None] = mapped_column(default=None)


class Segment(Base, kw_only=True):
    """Some four seconds of one rendition in storage; a row is there only when its chunk's fence still held."""

    __tablename__ = "segment"
    __table_args__ = (
        known_by_alliance(),
        within("rendition", "rendition_id"),
        within("chunk", "chunk_id"),
        UniqueConstraint("rendition_id", "number"),
        Index(None, "chunk_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    rendition_id: Mapped[UUID]
    chunk_id: Mapped[UUID]
    number: Mapped[int]  # on the grid of four seconds
    start_ticks: Mapped[int] = mapped_column(BigInteger)  # of 1/90000 s from the lesson's first frame
    duration_ticks: Mapped[int] = mapped_column(BigInteger)
    frames: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    key: Mapped[str]
    sha256: Mapped[str]


class Storyboard(Base, kw_only=True):
    """Small pictures of a film, on sheets in storage; none where they could not be made."""

    __tablename__ = "storyboard"
    __table_args__ = (known_by_alliance(), within("asset", "asset_id"), UniqueConstraint("asset_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    sheet_keys: Mapped[list[str]] = mapped_column(default_factory=list)
    times_ms: Mapped[list[int]] = mapped_column(default_factory=list)
    changes: Mapped[list[float]] = mapped_column(default_factory=list)  # from the picture before, 0 to 255
    width: Mapped[int] = mapped_column(default=0)  # of one small picture
    height: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)


class SoundStrip(Base, kw_only=True):
    """What can be heard in each two seconds of a lesson: its teacher's alone. Empty where there is no sound."""

    __tablename__ = "sound_strip"
    __table_args__ = (known_by_alliance(), within("asset", "asset_id"), UniqueConstraint("asset_id"))
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    asset_id: Mapped[UUID]
    heard: Mapped[str] = mapped_column(info=personal(Privacy.CHILDREN))
    made_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
