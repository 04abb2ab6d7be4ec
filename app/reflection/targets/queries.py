"""Reading targets: one's own, those still to try first."""

from sqlalchemy.orm import Session

from app.authz import Action, Actor, allowed
from app.reflection.targets.models import Target


def my_targets(session: Session, actor: Actor) -> list[Target]:
    """List a person's own targets: still to try by their day, then those tried, newest first."""
    mine = allowed(actor, Action.TARGET_READ, Target)
    return list(
        session.scalars(
            mine.order_by(
                Target.tried_at.is_not(None),
                Target.tried_at.desc(),
                Target.by_on.asc().nulls_last(),
                Target.set_at,
                Target.id,
            )
        )
    )
