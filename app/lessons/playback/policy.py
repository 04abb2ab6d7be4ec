"""The log about oneself: what one was handed, whatever became of it."""

from collections.abc import Iterator

from sqlalchemy import and_

from app.authz import Action, Clause, Who, policy
from app.lessons.playback.models import AccessEvent
from app.people.policy import active


@policy(AccessEvent, Action.LOG_READ_OWN)
def read_own(who: Who) -> Iterator[Clause]:
    """Say who may read a row of the log: whoever it is about."""
    yield Clause("own_row", and_(AccessEvent.person_id == who, active(who)), "It is about you.")
