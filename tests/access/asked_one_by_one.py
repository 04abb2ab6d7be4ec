"""The product's own questions, asked as its pages ask them: one person, one thing."""

from collections import defaultdict
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from app.authz import Action, Actor, allowed, may, permit
from app.errors import Conflict, NotFound
from tests.access import reading
from tests.access.asking import MODELS
from tests.access.facts import Someone, World
from tests.access.things import things


@dataclass(frozen=True)
class Triple:
    """A person, an action and a thing; and the world that they are in."""

    world: World
    person: Someone
    table: str
    action: str
    thing_id: UUID

    @property
    def actor(self) -> Actor:
        """Give the person as one who asks."""
        return actor_of(self.world, self.person)

    def __str__(self) -> str:
        """Say it so that it can be looked into."""
        return f"{self.person.name} {self.action} on a {self.table}, after {', '.join(self.world.told)}"


def actor_of(w: World, p: Someone) -> Actor:
    """Give a person as one who asks."""
    return Actor(person_id=p.id, account_id=p.account_id, alliance_id=w.id)


def fair_sample(worlds: list[World], rng: Random, *, each: int) -> dict[reading.Answer, list[Triple]]:
    """Choose triples: of every action as many of each answer as there are, up to `each`."""
    by_answer: dict[tuple[str, str, reading.Answer], list[Triple]] = defaultdict(list)
    for w in worlds:
        for (table, action), found in _answered(w).items():
            for answer, triples in found.items():
                by_answer[table, action, answer] += triples
    chosen: dict[reading.Answer, list[Triple]] = defaultdict(list)
    for (_, _, answer), triples in sorted(by_answer.items()):
        chosen[answer] += rng.sample(triples, min(each, len(triples)))
    return chosen


def _answered(w: World) -> dict[tuple[str, str], dict[reading.Answer, list[Triple]]]:
    found: dict[tuple[str, str], dict[reading.Answer, list[Triple]]] = {}
    known = things(w)
    for table, action in reading.RULES:
        found[table, action] = defaultdict(list)
        for thing_id, thing in known[table].items():
            for p in w.people.values():
                answer = reading.answer(w, p, action, table, thing)
                found[table, action][answer].append(Triple(w, p, table, action, thing_id))
    return found


def loaded(session: Session, triple: Triple) -> reading.Answer:
    """Load the thing for the act: yes, later or none."""
    try:
        permit(session, triple.actor, Action(triple.action), MODELS[triple.table], triple.thing_id)
    except Conflict:
        return "later"
    except NotFound:
        return "none"
    return "yes"


def button(session: Session, triple: Triple) -> bool:
    """Ask whether there would be a button."""
    return may(session, triple.actor, Action(triple.action), MODELS[triple.table], triple.thing_id)


def listed(session: Session, w: World, p: Someone, table: str, action: str) -> set[UUID]:
    """List what one person may do it to."""
    model: Any = MODELS[table]
    key = inspect(model).primary_key[0]
    return set(session.scalars(allowed(actor_of(w, p), Action(action), model).with_only_columns(key)))
