"""Reading memberships, where nobody in particular asks."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.memberships.conditions import live
from app.people.memberships.models import Membership, Role


def administrator_exists(session: Session) -> bool:
    """Tell whether anybody administers an alliance here: from then on the set-up page is gone."""
    role = Role.ALLIANCE_ADMINISTRATOR.value
    found = select(Membership.id).where(Membership.roles.contains([role]), live(Membership)).limit(1)
    return session.scalar(found) is not None
