"""A project's page for one reader: what is agreed, each turn, the rota in words, and the one next step."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.agreements import hooks
from app.agreements.cycles.models import CycleState
from app.agreements.cycles.queries import Given, cycles, next_turn, rota
from app.agreements.cycles.stations import Turn, turn
from app.agreements.projects.models import Project
from app.agreements.projects.queries import Member, Named, members
from app.agreements.protocols.agreed import Signature, signatures
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.agreements.protocols.queries import in_state
from app.authz import Action, Actor, may


@dataclass(frozen=True, kw_only=True)
class Step:
    """The page's one main action: a link, or a form that is one button."""

    label: str
    href: str
    why: str
    post: bool = False
    minutes: int | None = None


@dataclass(frozen=True, kw_only=True)
class Hub:
    """All that a project's page shows."""

    project: Project
    people: list[Member]
    joined: bool
    current: ProtocolVersion | None
    proposed: ProtocolVersion | None
    waiting: list[Signature]
    may_propose: bool
    turns: list[Turn]
    links: dict[UUID, list[hooks.Link]]
    given: list[Given]
    offered: Named | None
    step: Step | None


def hub(session: Session, actor: Actor, project: Project) -> Hub:
    """Gather a project's page; the number of queries doesn't grow with its turns."""
    people, rows = members(session, project.id), cycles(session, project.id)
    gone = hooks.turns_without_lesson(session, [cycle.id for cycle in rows])
    turns = [turn(cycle, people, actor.person_id, gone=gone.get(cycle.id, "")) for cycle in rows]
    current = in_state(session, project.id, VersionState.IN_FORCE)
    proposed = in_state(session, project.id, VersionState.PROPOSED)
    signed = signatures(session, [proposed.id]) if proposed else {}
    waiting = [one for one in signed[proposed.id] if one.signed_at is None and not one.left] if proposed else []
    made = Hub(
        project=project,
        people=people,
        joined=any(member.who.person_id == actor.person_id and member.joined_at for member in people),
        current=current,
        proposed=proposed,
        waiting=waiting,
        may_propose=may(session, actor, Action.PROTOCOL_PROPOSE, Project, project.id),
        turns=turns,
        links=hooks.turn_links(session, actor, [told.id for told in turns]),
        given=rota(people, rows),
        offered=next_turn(session, project),
        step=None,
    )
    return _with_step(made, actor)


def has_signed(shown: Hub, actor: Actor, *, number: int | None) -> int | None:
    """Give the number of a version again, if it is one that this person has signed and that is looked at now."""
    latest = shown.proposed or shown.current
    if latest is None or latest.number != number or any(one.person_id == actor.person_id for one in shown.waiting):
        return None
    return number


def _with_step(made: Hub, actor: Actor) -> Hub:
    step = _agreeing(made, actor) or _teaching(made, actor) or _watching(made)
    return Hub(**{**vars(made), "step": step})


def _agreeing(made: Hub, actor: Actor) -> Step | None:
    at = f"/projects/{made.project.id}"
    if not made.joined:
        return Step(
            label="Yes, I'll take part",
            href=f"{at}/join",
            post=True,
            why="Nobody watches anybody until all have signed what you agree on.",
        )
    if made.proposed and any(one.person_id == actor.person_id for one in made.waiting):
        return Step(
            label=f"Read and sign version {made.proposed.number}",
            href=f"{at}/protocol/v{made.proposed.number}/sign",
            why="Nobody can watch until all have signed.",
            minutes=3,
        )
    if made.current is None and made.proposed is None and made.may_propose:
        return Step(
            label="Look over the protocol",
            href=f"{at}/protocol",
            why="A template is filled in already. Change what you like, then put it to the group.",
            minutes=3,
        )
    return None


def _teaching(made: Hub, actor: Actor) -> Step | None:
    if made.offered and made.offered.person_id == actor.person_id:
        return Step(
            label="Begin my turn",
            href=f"/projects/{made.project.id}/turn",
            post=True,
            why="It's your turn to teach, so that everybody gives and everybody gets.",
        )
    for told in made.turns:
        if told.mine and told.state == CycleState.BEGUN:
            return Step(
                label="Write the briefing",
                href=f"/cycles/{told.id}/briefing",
                why="Only you can read it until you share the lesson.",
                minutes=4,
            )
        if told.mine and told.state == CycleState.BRIEFED:
            return Step(
                label="Send the lesson",
                href=f"/cycles/{told.id}/upload",
                why="Only you can see it until you share it.",
                minutes=5,
            )
    return None


def _watching(made: Hub) -> Step | None:
    for told in made.turns:
        for link in made.links[told.id]:
            if link.main:
                return Step(label=link.label, href=link.href, why=told.waits)
    return None
