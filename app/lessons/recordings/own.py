"""What a teacher alone does with a lesson that they may watch."""

from app.authz import Action, Permit
from app.errors import NotFound
from app.lessons.recordings.models import Recording


def own(permit: Permit[Recording]) -> Recording:
    """Give the recording to its teacher alone.

    Raises:
        NotFound: it is another's lesson.
    """
    recording = permit.for_(Action.REC_WATCH)
    if permit.clause != "watch_owner":
        raise NotFound
    return recording
