"""Table: tombstones."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from app import clock
from app.db import Base


class Tombstone(Base, kw_only=True):
    """That a recording was erased, with how many objects; kept so that no restore brings it back."""

    __tablename__ = "tombstone"
    recording_id: Mapped[UUID] = mapped_column(primary_key=True)
    alliance_id: Mapped[UUID]
    cause: Mapped[str]
    objects: Mapped[int]
    erased_at: Mapped[datetime] = mapped_column(insert_default=clock.now(), init=False)
