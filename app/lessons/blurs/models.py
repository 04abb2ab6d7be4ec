"""Table: blurred copies, one of a recording at most."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, known_by_alliance, one_of, within


class BlurState(StrEnum):
    """How far a teacher has come with a blurred copy."""

    #: it was chosen what to blur; its ten seconds are being made
    WAITING = "waiting"
    #: the ten seconds can be seen
    PREVIEWED = "previewed"
    #: the ten seconds can't be made; the code says why
    FAILED = "failed"
    #: the whole is being made, or waits to be looked over
    MAKING = "making"
    #: it is what is served; the film goes
    SETTLED = "settled"


class BlurredCopy(Base, kw_only=True):
    """What is blurred in a recording, and how far its copy has come; until it is settled its teacher's alone."""

    __tablename__ = "blurred_copy"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        one_of("state", BlurState),
        CheckConstraint("from_ms >= 0", "from_ms_not_negative"),
        UniqueConstraint("recording_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    wish: Mapped[dict[str, Any]]
    from_ms: Mapped[int]  # where the preview begins
    version: Mapped[int] = mapped_column(default=1)  # one more with each choice
    state: Mapped[str] = mapped_column(default=BlurState.WAITING)
    code: Mapped[str | None] = mapped_column(default=None)
    preview_key: Mapped[str | None] = mapped_column(default=None)
    chosen_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
    settled_at: Mapped[datetime | None] = mapped_column(default=None)
    erased_at: Mapped[datetime | None] = mapped_column(default=None)  # when nothing of the film was left
