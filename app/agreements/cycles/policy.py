"""Cycles: read by whoever takes part; the next turn is begun by whoever takes part as a teacher."""

from collections.abc import Iterator

from sqlalchemy import and_
from sqlalchemy.orm import aliased

from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Capacity, Participant, Project
from app.agreements.protocols.policy import participates
from app.authz import Action, Clause, Who, policy, there_is
from app.people.policy import here


@policy(Cycle, Action.CYCLE_READ)
def read(who: Who) -> Iterator[Clause]:
    """Say who may see how far a cycle has come: whoever takes part in the project."""
    yield Clause(
        "cycle_participant",
        and_(participates(who, Cycle.project_id), here(who, Cycle.alliance_id, Cycle.project_id)),
        "You take part in this project.",
    )


@policy(Project, Action.CYCLE_BEGIN)
def begin(who: Who) -> Iterator[Clause]:
    """Say who may begin a turn of their own: whoever takes part as a teacher."""
    participant = aliased(Participant)
    teaches = there_is(participant).where(
        participant.project_id == Project.id,
        participant.person_id == who,
        participant.capacity == Capacity.TEACHER,
        participant.left_at.is_(None),
    )
    yield Clause("cycle_teacher", and_(teaches, here(who, Project.alliance_id, Project.id)), "It is your own turn.")
