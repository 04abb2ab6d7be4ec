"""Reading what was told: in the order in which it was kept."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.notify.live.models import LiveEvent

MOST_AT_ONCE: Final = 200
#: A page that says nothing of where it is was made a moment ago; being told twice does no harm.
JUST_NOW: Final = timedelta(seconds=60)


def since(session: Session, *, alliance_id: UUID, topics: Collection[str], after: int) -> list[LiveEvent]:
    """List what was told on these topics after an id."""
    return list(
        session.scalars(
            select(LiveEvent)
            .where(LiveEvent.alliance_id == alliance_id, LiveEvent.topic.in_(topics), LiveEvent.id > after)
            .order_by(LiveEvent.id)
            .limit(MOST_AT_ONCE)
        )
    )


def a_moment_ago(session: Session) -> int:
    """Give the id after which everything is newer than a page that was just made."""
    older = LiveEvent.made_at < clock.now() - JUST_NOW
    return session.scalars(select(func.coalesce(func.max(LiveEvent.id), 0)).where(older)).one()


def oldest(session: Session) -> int:
    """Give the id of the oldest event that isn't swept yet; 0 where there is none."""
    return session.scalars(select(func.coalesce(func.min(LiveEvent.id), 0))).one()
