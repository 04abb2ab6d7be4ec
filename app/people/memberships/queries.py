"""Reading memberships, where nobody in particular asks."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.people.memberships.models import Membership, Role


def administrator_exists(session: Session) -> bool:
    """Tell whether anybody administers an alliance here, or ever did: from then on the set-up page is gone.

    No time is asked: of two set-ups at the same moment, the one that began first by the clock may be the one that
    waited, and would take the other's membership for one that hasn't begun yet.
    """
    role = Role.ALLIANCE_ADMINISTRATOR.value
    found = select(Membership.id).where(Membership.roles.contains([role])).limit(1)
    return session.scalar(found) is not None
