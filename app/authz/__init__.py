"""Who may do what to which thing: one place, as SQL, asked in the act's own transaction.

A feature's `policy.py` says its clauses with `@policy`; `allowed` is the list, `permit` the load, `persons` the same
condition run in reverse (who may, for one thing). What one may not see does not exist.
"""

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Exists,
    Select,
    SQLColumnExpression,
    TextClause,
    case,
    exists,
    inspect,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from app.authz.actions import Action as Action
from app.authz.compiled import ASKER, asked_by, sql_text
from app.db import Base
from app.errors import Conflict, NotFound

Thing = TypeVar("Thing", bound=Base)
#: An id in a condition: a literal, a column, or a subquery.
Id = SQLColumnExpression[UUID]
#: A person in a condition: one person's id as a literal, or the column of all of them.
Who = Id


@dataclass(frozen=True)
class Actor:
    """Somebody who is signed in, in one alliance."""

    person_id: UUID
    account_id: UUID
    alliance_id: UUID

    @property
    def who(self) -> ColumnElement[UUID]:
        """This person, for a condition."""
        return literal(self.person_id)


@dataclass(frozen=True)
class Clause:
    """One reason for a yes: its name in the rule book, its condition, and the sentence that explains it."""

    name: str
    where: ColumnElement[bool]
    sentence: str


#: The actions that this request has asked the policy for; the guard compares them with the route's own rule.
asked: ContextVar[set[Action] | None] = ContextVar("asked", default=None)

_MADE_BY_PERMIT: Final = object()


@dataclass(frozen=True)
class Permit(Generic[Thing]):
    """A yes: who may do what to which thing, by which clause. Only `permit` makes one."""

    actor: Actor
    action: Action
    thing: Thing
    clause: str
    _seal: object = None

    def __post_init__(self) -> None:
        """Refuse a permit that nobody asked the policy for."""
        if self._seal is not _MADE_BY_PERMIT:
            msg = "A Permit comes from permit() alone."
            raise TypeError(msg)

    def for_(self, *actions: Action) -> Thing:
        """Give the thing, if the permit was for one of `actions`.

        Raises:
            TypeError: it was for something else: a fault in the code, not in what a person did.
        """
        if self.action not in actions:
            msg = f"This permit is for {self.action}, not for {', '.join(actions)}."
            raise TypeError(msg)
        return self.thing


Rule = Callable[[Who], Iterator[Clause]]
_rules: dict[tuple[type[Base], Action], list[Rule]] = {}
_listed: dict[type[Base], tuple[Action, str]] = {}


def policy(model: type[Base], *actions: Action) -> Callable[[Rule], Rule]:
    """Register a rule: clauses by which somebody may do `actions` to a `model`."""

    def keep(rule: Rule) -> Rule:
        for action in actions:
            _rules.setdefault((model, action), []).append(rule)
        return rule

    return keep


def listed_by(model: type[Base], action: Action, *, later: str) -> None:
    """Say which action shows that a `model` exists: who has it gets the sentence `later` (409) instead of 404."""
    _listed[model] = (action, later)


def there_is(*rows: type[Base]) -> Exists:
    """Begin a condition that holds when there are such rows: `there_is(hold).where(…)`.

    Every other table that the condition names is the enclosing question's, however far out. Plain `exists()` ties
    itself to the nearest question only: two levels down it would look through a whole table.
    """
    return exists().select_from(*rows).correlate_except(*rows)


def models_for(action: Action) -> list[type[Base]]:
    """List the models that an action can be asked about."""
    return [model for model, ruled in _rules if ruled == action]


def clauses(who: Who, action: Action, model: type[Base]) -> list[Clause]:
    """List the clauses for an action; none registered means that nobody may."""
    return [clause for rule in _rules.get((model, action), []) for clause in rule(who)]


def condition(who: Who, action: Action, model: type[Base]) -> ColumnElement[bool]:
    """Give the whole condition for an action, for use within larger ones.

    For one person it is the text that is made once a process: a page that asks for it must not make it anew.
    """
    if isinstance(who, BindParameter) and isinstance(who.value, UUID):
        return or_(literal(value=False), asked_by(_question(action, model).condition_sql, who.value))
    return or_(literal(value=False), *(clause.where for clause in clauses(who, action, model)))


def sentence(action: Action, model: type[Base], clause: str) -> str:
    """Give the sentence that explains a clause, with its blanks."""
    return _question(action, model).sentences[clause]


def holds(actor: Actor, action: Action, model: type[Base]) -> TextClause:
    """Give the condition as it is asked by one person, for use beside others about the same table."""
    _note_asked(action)
    return asked_by(_question(action, model).condition_sql, actor.person_id)


def allowed(actor: Actor, action: Action, model: type[Thing]) -> Select[Thing]:
    """Select all that this person may do `action` to."""
    return select(model).where(_same_alliance(actor, model), holds(actor, action, model))


def may(session: Session, actor: Actor, action: Action, model: type[Base], thing_id: UUID) -> bool:
    """Tell whether a button should be there; the act itself asks again."""
    _note_asked(action)
    this = select(literal(1)).select_from(model).where(_id_of(model) == thing_id, _same_alliance(actor, model))
    return session.scalar(this.where(holds(actor, action, model))) is not None


def permit(  # noqa: PLR0913 - the question has five words; the lock is named
    session: Session, actor: Actor, action: Action, model: type[Thing], thing_id: UUID, *, lock: bool = False
) -> Permit[Thing]:
    """Load a thing for an act, if the policy says yes now.

    With `lock`, the row is held until the transaction ends: for acts that change its state, so that of two at the same
    moment the second is judged by what the first left.

    Raises:
        NotFound: it doesn't exist, or this person may not know of it: one query and one answer for both.
        Conflict: they may know of it, but not do this now (`not_now`).
    """
    reason = asked_by(_question(action, model).reason_sql, actor.person_id)
    question = select(model, reason).where(
        _id_of(model) == thing_id, _same_alliance(actor, model), holds(actor, action, model)
    )
    if lock:
        question = question.with_for_update(of=model).execution_options(populate_existing=True)
    row = session.execute(question).one_or_none()
    if row is None:
        shown = _listed.get(model)
        if shown and may(session, actor, shown[0], model, thing_id):
            raise Conflict("not_now", shown[1])
        raise NotFound
    return Permit(actor=actor, action=action, thing=row[0], clause=row[1], _seal=_MADE_BY_PERMIT)


def persons(action: Action, model: type[Base], thing_id: UUID, person: type[Base]) -> Select[Any]:
    """Select everybody who may do `action` to one thing: the same condition, run in reverse."""
    someone = aliased(person)
    who = someone.id  # type: ignore[attr-defined]  # every `person` has an id; the model lives higher up
    return select(someone).where(
        there_is(model).where(
            _id_of(model) == thing_id,
            model.alliance_id == someone.alliance_id,  # type: ignore[attr-defined]  # asked for such models only
            condition(who, action, model),
        )
    )


def _note_asked(action: Action) -> None:
    actions = asked.get()
    if actions is not None:
        actions.add(action)


@dataclass(frozen=True)
class _Question:
    """A policy as text: whether somebody may, by which clause, and how each clause is explained."""

    condition_sql: str
    reason_sql: str
    sentences: dict[str, str]


@cache
def _question(action: Action, model: type[Base]) -> _Question:
    found = clauses(ASKER, action, model)
    if not found:
        return _Question("false", "NULL", {})
    reason = case(*((clause.where, literal(clause.name)) for clause in found), else_=null())
    return _Question(
        condition_sql=f"({sql_text(or_(*(clause.where for clause in found)), model)})",
        reason_sql=f"({sql_text(reason, model)})",
        sentences={clause.name: clause.sentence for clause in found},
    )


def forget() -> None:
    """Read the policies anew at the next question: for tests that change one."""
    _question.cache_clear()


def _id_of(model: type[Base]) -> ColumnElement[Any]:
    return next(iter(inspect(model).primary_key))


def _same_alliance(actor: Actor, model: type[Base]) -> ColumnElement[bool]:
    """Keep every question within the actor's alliance, whatever the clauses say."""
    columns = model.__table__.columns
    if "alliance_id" in columns:
        return columns["alliance_id"] == actor.alliance_id
    if model.__tablename__ == "alliance":
        return columns["id"] == actor.alliance_id
    return literal(value=True)
