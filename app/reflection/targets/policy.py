"""Targets: the person's alone."""

from collections.abc import Iterator

from sqlalchemy import and_

from app.agreements.cycles.models import Cycle
from app.authz import Action, Clause, Who, policy
from app.people.policy import here
from app.reflection.targets.models import Target


@policy(Target, Action.TARGET_READ)
def read(who: Who) -> Iterator[Clause]:
    """Say who may see a target: whoever set it."""
    yield Clause("own_target", and_(Target.person_id == who, here(who, Target.alliance_id)), "It is your own target.")


@policy(Cycle, Action.TARGET_SET)
def set_(who: Who) -> Iterator[Clause]:
    """Say who may set a target from a cycle: its teacher."""
    yield Clause(
        "own_cycle",
        and_(Cycle.teacher_id == who, here(who, Cycle.alliance_id, Cycle.project_id)),
        "It was your own turn.",
    )
