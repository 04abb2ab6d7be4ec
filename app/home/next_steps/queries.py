"""One's home page: steps in their order, and what stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.authz import Actor
from app.home.next_steps import came_in as arrived
from app.home.next_steps import others, teaching, watching
from app.home.next_steps.step import CameIn, Rung, Step, Waiting, in_order
from app.people.accounts.models import Person
from app.people.alliances.models import School

#: After the first, so many more are listed; the rest is one press away.
LISTED = 4


@dataclass(frozen=True, kw_only=True)
class Home:
    """All that the home page shows."""

    steps: Sequence[Step]
    waiting: Sequence[Waiting]
    came_in: Sequence[CameIn]

    @property
    def first(self) -> Step:
        """Give the one to begin with."""
        return self.steps[0]

    @property
    def then(self) -> Sequence[Step]:
        """List the next few."""
        return self.steps[1 : 1 + LISTED]

    @property
    def later(self) -> Sequence[Step]:
        """List the rest."""
        return self.steps[1 + LISTED :]


def home(session: Session, actor: Actor, *, may_invite: bool) -> Home:
    """Gather one's home page; the number of queries is bounded, whatever one has to do."""
    sources = (
        watching.invitations,
        watching.signatures,
        watching.protocols,
        watching.lessons,
        teaching.going_soon,
        teaching.own_turns,
        teaching.targets,
    )
    offered = teaching.offered_turns(session, actor)
    steps = [step for source in sources for step in source(session, actor)] + teaching.next_turns(offered, actor)
    waiting = others.waiting(session, actor, offered)
    return Home(
        steps=in_order(steps) or [_smallest(session, actor, waiting, may_invite=may_invite)],
        waiting=waiting,
        came_in=arrived.came_in(session, actor),
    )


def _smallest(session: Session, actor: Actor, waiting: list[Waiting], *, may_invite: bool) -> Step:
    """Give the smallest next step of somebody for whom nothing waits: to look, where it is another's move."""
    if waiting:
        return Step(
            rung=Rung.SMALLEST,
            title="Nothing waits for you: it’s somebody else’s move",
            label="See where it stands",
            href=waiting[0].href,
            minutes=1,
            facts=(f"you wait for {waiting[0].who}",),
        )
    colleagues = session.scalar(
        select(func.count()).where(Person.alliance_id == actor.alliance_id, Person.id != actor.person_id)
    )
    schools = session.scalar(select(func.count()).where(School.alliance_id == actor.alliance_id))
    if not colleagues and may_invite and schools == 1:
        return Step(
            rung=Rung.SMALLEST,
            title="Add a second school: colleagues watch each other across schools",
            label="Add a school",
            href="/alliance/schools",
            minutes=1,
        )
    if not colleagues and may_invite:
        return Step(
            rung=Rung.SMALLEST,
            title="Invite one colleague from another school",
            label="Invite a colleague",
            href="/alliance/people",
            minutes=3,
        )
    return Step(
        rung=Rung.SMALLEST,
        title="Open a classroom door: one colleague, one focus, ten minutes",
        label="Begin a project",
        href="/projects/new",
        minutes=3,
        facts=("nobody watches anybody until all have signed",),
    )
