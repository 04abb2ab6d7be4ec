"""Whether a film is made in one go, or its best size only once everybody's lessons can be watched.

To make all sizes from one decode costs least, so that is the rule. Only where lessons would wait for long are new ones
planned in two passes: the best size alone comes later, as jobs of its own behind all others.
"""

from typing import Final

from sqlalchemy.orm import Session

from app.lessons.media import forecast
from video.plan import Plan
from video.sizes import Rendition

#: A teacher who would wait for longer than this is better served by a smaller picture sooner.
LONG_S: Final = 30 * 60.0


def later(session: Session, plan: Plan) -> list[Rendition]:
    """Give the sizes of a new film that are made in a second pass: none, or the best one."""
    if len(plan.renditions) == 1 or forecast.queue_s(session) <= LONG_S:
        return []
    return [max(plan.renditions, key=lambda size: size.height)]


def share(plan: Plan, of: list[Rendition]) -> float:
    """Say how much of a film's work these sizes are, from 0 to 1."""
    return sum(size.width * size.height for size in of) / sum(size.width * size.height for size in plan.renditions)
