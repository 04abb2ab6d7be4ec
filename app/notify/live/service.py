"""Telling open pages that something changed, and forgetting it after a day."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from app import clock
from app.notify.live.models import LiveEvent

#: Longer than a day, so that a page that slept overnight is told what it missed.
KEPT: Final = timedelta(hours=25)


def tell_live(
    session: Session, topic: str, event: str, data: Mapping[str, UUID | int | str | None], *, alliance_id: UUID
) -> None:
    """Tell open pages, once this transaction is kept; nothing is told if it isn't.

    `topic` is a thing (`cycle:<id>`) and decides who is asked for when it is sent; `data` holds ids and fixed words.
    """
    plain = {name: str(value) if isinstance(value, UUID) else value for name, value in data.items()}
    # Not as an object of the session: its id changes at the commit.
    session.execute(insert(LiveEvent).values(alliance_id=alliance_id, topic=topic, event=event, data=plain))


def sweep(session: Session) -> None:
    """Forget what is older than any page waits for."""
    session.execute(delete(LiveEvent).where(LiveEvent.made_at < clock.now() - KEPT))
