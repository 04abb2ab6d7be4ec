"""Tables: uploads, their parts, and the answers given to requests that may be sent twice."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, one_of, personal, within


class UploadState(StrEnum):
    """How far the bytes have come."""

    #: parts are arriving
    OPEN = "open"
    #: all parts are there, storage puts them together
    COMPLETING = "completing"
    #: size and hashes are being read back
    VERIFYING = "verifying"
    #: what arrived is what was sent
    VERIFIED = "verified"
    #: a part arrived differently; it is asked for again
    MISMATCH = "mismatch"
    #: it can't be used; the code says why
    NEEDS_ATTENTION = "needs_attention"
    #: no byte came for seven days
    EXPIRED = "expired"
    #: taken back before it was complete, or erased with its recording
    ERASED = "erased"


class Upload(Base, kw_only=True):
    """One file on its way to storage; storage is the truth of what has arrived."""

    __tablename__ = "upload"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        one_of("state", UploadState),
        CheckConstraint("kind IN ('source', 'small_copy', 'blurred_copy')", "kind_known"),
        CheckConstraint("size_bytes >= 0", "size_not_negative"),
        CheckConstraint("trim_in_ms >= 0 AND trim_out_ms > trim_in_ms", "trim_ends_after_it_begins"),
        CheckConstraint("num_nulls(trim_in_ms, trim_out_ms, cut_in_browser) IN (0, 3)", "trim_whole_or_not_at_all"),
        Index(None, "recording_id"),
        Index(None, "state", "touched_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(info=personal(Privacy.PERSON))  # the phone's name for it: the owner's alone
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    mime: Mapped[str]
    fingerprint: Mapped[str]
    part_bytes: Mapped[int] = mapped_column(BigInteger)
    storage_key: Mapped[str]
    storage_upload_id: Mapped[str] = mapped_column(info=personal(Privacy.SECRET), repr=False)
    state: Mapped[str] = mapped_column(default=UploadState.OPEN)
    code: Mapped[str | None] = mapped_column(default=None)
    attempts: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    touched_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    completed_at: Mapped[datetime | None] = mapped_column(default=None)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
    #: Which stretch of the chosen file its teacher keeps, in ms from its first picture; None: all of it.
    trim_in_ms: Mapped[int | None] = mapped_column(default=None)
    trim_out_ms: Mapped[int | None] = mapped_column(default=None)
    cut_in_browser: Mapped[bool | None] = mapped_column(default=None)
    #: What was cut on arrival is as long as this; `size_bytes` is what was sent.
    cut_bytes: Mapped[int | None] = mapped_column(BigInteger, default=None)
    #: The whole film, from when the cut one has taken its place until every version of it is erased.
    whole_key: Mapped[str | None] = mapped_column(default=None)
    #: Nothing of the whole film is left.
    cut_at: Mapped[datetime | None] = mapped_column(default=None)

    @property
    def to_be_cut(self) -> bool:
        """Tell whether there is more in storage than its teacher keeps: nothing of it may be planned before."""
        return self.cut_in_browser is False and self.cut_at is None


class Part(Base, kw_only=True):
    """What the browser said a part's bytes hash to, when it asked for an address to send them to."""

    __tablename__ = "upload_part"
    __table_args__ = (within("upload", "upload_id"), CheckConstraint("number BETWEEN 1 AND 10000", "number_in_range"))
    upload_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    verified_at: Mapped[datetime | None] = mapped_column(default=None)
