"""The one condition about a membership that all others about people are built from."""

from sqlalchemy import ColumnElement, and_, or_

from app import clock
from app.people.memberships.models import Membership


def live(membership: type[Membership]) -> ColumnElement[bool]:
    """Hold while a membership has begun and not ended."""
    return and_(
        membership.from_at <= clock.now(),
        or_(membership.until_at.is_(None), clock.now() < membership.until_at),
    )
