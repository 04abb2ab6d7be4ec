"""Uploads: a teacher's own, in the own cycle."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_

from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Capacity, Participant
from app.authz import Action, Clause, Who, policy, there_is
from app.lessons.recordings.conditions import alive, owner
from app.lessons.recordings.models import Recording
from app.lessons.uploads.models import Upload
from app.people.policy import here


@policy(Cycle, Action.UPLOAD_CREATE, Action.BRIEF_WRITE)
def create(who: Who) -> Iterator[Clause]:
    """Say who may upload and brief: who takes part as a teacher, in the own cycle."""
    yield Clause("own_cycle", _own_turn(who), "It is your own turn.")


def _own_turn(who: Who) -> ColumnElement[bool]:
    teaches = there_is(Participant).where(
        Participant.project_id == Cycle.project_id,
        Participant.person_id == who,
        Participant.capacity == Capacity.TEACHER,
        Participant.left_at.is_(None),
    )
    return and_(Cycle.teacher_id == who, teaches, here(who, Cycle.alliance_id, Cycle.project_id))


@policy(Upload, Action.UPLOAD_RESUME)
def resume(who: Who) -> Iterator[Clause]:
    """Say who may go on with an upload, or cancel it: the owner of its recording, as long as it is their turn."""
    own_turn = there_is(Cycle).where(Cycle.id == Recording.cycle_id, _own_turn(who))
    yield Clause(
        "own_upload",
        there_is(Recording).where(Recording.id == Upload.recording_id, owner(who), alive(), own_turn),
        "It is your own upload.",
    )
