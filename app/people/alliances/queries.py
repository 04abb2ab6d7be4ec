"""Reading an alliance's schools."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.authz import Action, Permit
from app.people.alliances.models import Alliance, School


def schools(session: Session, permit: Permit[Alliance]) -> list[School]:
    """List the alliance's open schools, by name."""
    alliance = permit.for_(Action.DIRECTORY_READ)
    return list(
        session.scalars(
            select(School).where(School.alliance_id == alliance.id, School.closed_at.is_(None)).order_by(School.name)
        )
    )
