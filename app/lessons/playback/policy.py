"""The log about oneself: what one was handed, whatever became of it."""

from collections.abc import Iterator

from sqlalchemy import and_

from app.authz import Action, Clause, Who, policy, there_is
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.conditions import here_
from app.lessons.recordings.models import Recording


@policy(AccessEvent, Action.LOG_READ_OWN)
def read_own(who: Who) -> Iterator[Clause]:
    """Say who may read a row of the log: whoever it is about."""
    still_here = there_is(Recording).where(Recording.id == AccessEvent.recording_id, here_(who))
    yield Clause("own_row", and_(AccessEvent.person_id == who, still_here), "It is about you.")
