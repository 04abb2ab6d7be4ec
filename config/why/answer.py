"""Answer `why PERSON ACTION ID` with the policy's own words; nothing is told that wasn't typed."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app import policies
from app.authz import Action, Actor, Clause, clauses, models_for, permit, sentence
from app.authz.compiled import ASKER
from app.db import Base
from app.errors import Conflict, Invalid, NotFound
from app.people.accounts.models import Account, Person
from app.people.accounts.service import clean_email
from config.why.walking import Failing, Walk, failing

#: A rule that isn't imported says no.
POLICIES = policies.__all__


@dataclass(frozen=True)
class Refused:
    """A clause that says no, and what keeps it from saying yes."""

    clause: str
    because: tuple[Failing, ...]


@dataclass(frozen=True)
class Answer:
    """`yes`, `later` or `none`, with its sentence; by which clause, or why each says no."""

    word: str
    sentence: str
    clause: str | None = None
    refused: tuple[Refused, ...] = ()


def why(session: Session, who: str, action_name: str, thing_id: UUID) -> Answer:
    """Ask the policy as it asks itself, and where it says no, ask each of its conditions.

    Raises:
        Invalid: no such action, person or thing; the sentence says how to find the right one.
    """
    action = _action(action_name)
    model, thing = _thing(session, action, thing_id)
    person = _person(session, who, alliance_id=getattr(thing, "alliance_id", None))
    actor = Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)
    refused = _refusals(session, actor, action, model, thing_id)
    try:
        given = permit(session, actor, action, model, thing_id)
    except Conflict as later:
        return Answer("later", later.say, refused=refused)
    except NotFound:
        if _elsewhere(thing, actor):
            return Answer("none", "It belongs to another alliance than this person: for them it does not exist.")
        return Answer("none", "For this person it does not exist.", refused=refused)
    return Answer("yes", _without_names(sentence(action, model, given.clause)), clause=given.clause)


def _refusals(session: Session, actor: Actor, action: Action, model: type[Base], thing_id: UUID) -> tuple[Refused, ...]:
    walk = Walk(session, actor.person_id, thing_id, model)
    asked = ((clause.name, failing(walk, clause.where)) for clause in _clauses(action, model))
    return tuple(Refused(name, because) for name, because in asked if because)


@cache
def _clauses(action: Action, model: type[Base]) -> list[Clause]:
    return clauses(ASKER, action, model)


def _action(name: str) -> Action:
    try:
        return Action(name)
    except ValueError:
        raise Invalid("action_unknown", f"There is no action {name}. These are: {', '.join(Action)}.") from None


def _thing(session: Session, action: Action, thing_id: UUID) -> tuple[type[Base], Any]:
    models = models_for(action)
    for model in models:
        found = session.scalars(select(model).where(next(iter(inspect(model).primary_key)) == thing_id)).one_or_none()
        if found is not None:
            return model, found
    tables = " or ".join(model.__tablename__ for model in models) or "nothing"
    raise Invalid("thing_unknown", f"{action} is asked about a {tables}, and there is none with that id.")


def _person(session: Session, who: str, *, alliance_id: UUID | None) -> Person:
    """Find by id or address; of one account's persons the one in the thing's alliance, else any of them."""
    wanted = select(Person).join(Account, Account.id == Person.account_id)
    try:
        wanted = wanted.where(Person.id == UUID(who))
    except ValueError:
        wanted = wanted.where(Account.email == clean_email(who))
    found = session.scalars(wanted.order_by(Person.alliance_id != alliance_id, Person.id)).first()
    if found is None:
        raise Invalid("person_unknown", "Nobody here has that address or id. `backrow person list` shows who there is.")
    return found


def _elsewhere(thing: object, actor: Actor) -> bool:
    return getattr(thing, "alliance_id", actor.alliance_id) != actor.alliance_id


def _without_names(words: str) -> str:
    """Leave the sentence's blanks empty: whose lesson it is was not what was typed."""
    return re.sub(r"\{(\w+)\}", r"(\1)", words)
