"""Tables: what open pages are told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base


class LiveEvent(Base, kw_only=True):
    """That something changed: ids and fixed words only; who may know is asked when it is sent.

    The id is given at the commit, in the order of commits: whoever has read up to one has missed none below it.
    """

    __tablename__ = "live_event"
    __table_args__ = (Index(None, "topic", "id"), Index(None, "made_at"))
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, init=False)
    alliance_id: Mapped[UUID]
    topic: Mapped[str]  # me:<person id>, recording:<id>, cycle:<id>
    event: Mapped[str]
    data: Mapped[dict[str, Any]]
    made_at: Mapped[datetime] = mapped_column(server_default=text("backrow_now()"), init=False)
