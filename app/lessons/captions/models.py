"""Table: captions, one row a language."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app import clock, ids
from app.db import Base, Privacy, known_by_alliance, personal, within


class Captions(Base, kw_only=True):
    """What is said in a lesson, in one language."""

    __tablename__ = "captions"
    __table_args__ = (
        known_by_alliance(),
        within("recording", "recording_id"),
        UniqueConstraint("recording_id", "lang"),
        CheckConstraint("made_by IN ('person', 'machine')", "made_by_known"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default_factory=ids.new)
    alliance_id: Mapped[UUID]
    recording_id: Mapped[UUID]
    lang: Mapped[str]  # a tag, as `cy`
    cues: Mapped[list[dict[str, Any]]] = mapped_column(info=personal(Privacy.CHILDREN))
    made_by: Mapped[str] = mapped_column(default="person")
    hidden: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), onupdate=clock.now(), init=False)
    version: Mapped[int] = mapped_column(init=False)
    __mapper_args__ = {"version_id_col": version}
