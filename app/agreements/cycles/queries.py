"""Reading turns: a project's, and whose turn comes next."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.cycles.models import Briefing, Cycle, CycleState
from app.agreements.projects.models import Capacity, Project
from app.agreements.projects.queries import Member, Named, members

OVER = (CycleState.RESPONDED, CycleState.CLOSED)


@dataclass(frozen=True, kw_only=True)
class Given:
    """How often somebody has taught and watched in a project, so that everyone can see that the rota is fair."""

    who: Named
    taught: int
    watched: int

    @property
    def words(self) -> str:
        """Say how often they taught and watched."""
        return f"{_times('taught', self.taught)}, {_times('watched', self.watched)}"


def cycles(session: Session, project_id: UUID) -> list[Cycle]:
    """List a project's turns, newest first."""
    return list(session.scalars(select(Cycle).where(Cycle.project_id == project_id).order_by(Cycle.number.desc())))


def find_briefing(session: Session, cycle_id: UUID) -> Briefing | None:
    """Find what a turn's teacher told the observers."""
    return session.get(Briefing, cycle_id)


def next_turn(session: Session, project: Project) -> Named | None:
    """Say whose turn is offered: nobody's while one is going on; else who has taught least, then longest ago.

    Among equals whoever joined first comes first; whoever has just taught comes last, so that both sides take turns.
    """
    turns = cycles(session, project.id)
    if not turns or turns[0].state not in OVER:
        return None
    taught = Counter(turn.teacher_id for turn in turns)
    ready = [
        member
        for member in members(session, project.id)
        if member.joined_at is not None and member.capacity == Capacity.TEACHER
    ]
    last = turns[0].teacher_id
    others = [member for member in ready if member.who.person_id != last] or ready
    if not others:
        return None
    latest = {turn.teacher_id: turn.number for turn in reversed(turns)}
    return min(others, key=lambda member: (taught[member.who.person_id], latest.get(member.who.person_id, 0))).who


def rota(people: list[Member], turns: list[Cycle]) -> list[Given]:
    """Count turns: everyone else watches when one teaches."""
    taught = Counter(turn.teacher_id for turn in turns if turn.state in OVER)
    total = sum(taught.values())
    return [
        Given(
            who=member.who,
            taught=taught[member.who.person_id],
            watched=total - taught[member.who.person_id],
        )
        for member in people
    ]


def _times(did: str, count: int) -> str:
    often = {1: "once", 2: "twice"}.get(count, f"{count} times")
    return f"{did} {often}" if count else f"not {did} yet"
