"""Take a clause of the policy apart, ask each of its conditions by itself, and tell those that don't hold."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, Exists, ScalarSelect, Select, and_, create_engine, inspect, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import BinaryExpression, BooleanClauseList, Grouping

from app.authz import there_is
from app.authz.compiled import asked_by, sql_text
from app.db import Base
from config.why.catalogue import Named, named

_DIALECT: Dialect = create_engine("postgresql+psycopg://", paramstyle="named").dialect


@dataclass(frozen=True)
class Failing:
    """A condition that doesn't hold: its name, what is so instead, and of several ways the parts that fail in each."""

    name: str
    says: str
    below: tuple["Failing", ...] = ()


@dataclass(frozen=True)
class Walk:
    """Who asks about which row, and how far we went from it into the rows that belong to it."""

    session: Session
    person_id: UUID
    thing_id: UUID
    top: type[Base]
    #: Each step: the table gone to, and the conditions that tie it to the one before.
    steps: tuple[tuple[type[Base], tuple[ColumnElement[bool], ...]], ...] = ()

    @property
    def here(self) -> type[Base]:
        """Give the table whose row is looked at."""
        return self.steps[-1][0] if self.steps else self.top

    def holds(self, condition: ColumnElement[bool]) -> bool:
        """Ask the database one condition about the row."""
        for model, links in reversed(self.steps):
            condition = there_is(model).where(*links, condition)
        key = next(iter(inspect(self.top).primary_key))
        question = select(key).where(
            key == self.thing_id, asked_by(f"({sql_text(condition, self.top)})", self.person_id)
        )
        return self.session.scalar(question) is not None

    def text(self, condition: ColumnElement[bool]) -> str:
        """Write a condition of this row."""
        return _text(condition, self.top, *(model for model, _ in self.steps))


def failing(walk: Walk, condition: ColumnElement[bool]) -> tuple[Failing, ...]:
    """Tell what keeps a condition from holding; nothing if it holds."""
    found: dict[Failing, None] = {}  # a set that keeps the order of the rule
    known = _known(walk.here)
    atoms = [(atom, walk.text(atom)) for atom in _atoms(condition)]
    there = frozenset(text for _, text in atoms)
    for atom, text in atoms:
        if walk.holds(atom):
            continue
        name = _name(known, text, there)
        found.update(dict.fromkeys([Failing(name.name, name.when_not)] if name else _look_into(walk, atom, text)))
    return tuple(found)


def unnamed(walk: Walk, condition: ColumnElement[bool]) -> Iterator[str]:
    """List the conditions that nothing here can put into words, as SQL: a test keeps them few."""
    known = _known(walk.here)
    atoms = [(atom, walk.text(atom)) for atom in _atoms(condition)]
    there = frozenset(text for _, text in atoms)
    for atom, text in atoms:
        if _name(known, text, there) is None:
            inner, further = _open_up(walk, atom)
            for each in inner:
                yield from unnamed(further, each)
            if not inner and "SELECT" in text:
                yield text


def _look_into(walk: Walk, atom: ColumnElement[bool], text: str) -> Iterator[Failing]:
    inner, further = _open_up(walk, atom)
    if not inner:
        plain = " ".join(text.split()).replace(":asker", "this person")
        yield Failing("rule", f"this does not hold: {plain}")
    elif _is(atom, operators.or_):
        ways = (failing(further, each) for each in inner)
        yield Failing("one of", "none of these ways is open:", tuple(_joined(way) for way in ways))
    else:
        for each in inner:
            yield from failing(further, each)


def _joined(way: tuple[Failing, ...]) -> Failing:
    names = ", ".join(dict.fromkeys(each.name for each in way))
    return Failing(names, "; ".join(each.says for each in way), tuple(below for each in way for below in each.below))


def _open_up(walk: Walk, atom: ColumnElement[bool]) -> tuple[list[ColumnElement[bool]], Walk]:
    """Give the conditions within one: the ways of an *or*, or what is asked of the row that belongs to this one."""
    bare = _bare(atom)
    if isinstance(bare, BooleanClauseList):
        return list(bare.clauses), walk
    model, asked = _row_of(walk, bare)
    if model is None:
        return [], walk
    links = tuple(each for each in asked if _ties(each, model))
    rest = [each for each in asked if not _ties(each, model)]
    # Together: a name may stand for several conditions side by side.
    return [and_(*rest)] if rest else [], replace(walk, steps=(*walk.steps, (model, links)))


def _row_of(walk: Walk, bare: ColumnElement[bool]) -> tuple[type[Base] | None, list[ColumnElement[bool]]]:
    """Find the one table that an `EXISTS` looks through, where it is a whole table under its own name."""
    grouped = bare.element if isinstance(bare, Exists) else None
    inner = grouped.element if isinstance(grouped, ScalarSelect) else None
    if not isinstance(inner, Select) or inner.whereclause is None:
        return None, []
    before = {walk.top.__table__, *(model.__table__ for model, _ in walk.steps)}
    tables = [table for table in inner.get_final_froms() if table not in before]
    models = [mapper.class_ for mapper in Base.registry.mappers if [mapper.local_table] == tables]
    return (models[0], list(_atoms(inner.whereclause))) if models else (None, [])


def _ties(condition: ColumnElement[bool], model: type[Base]) -> bool:
    """Say whether a condition only ties a row to the one before: column to column of another table."""
    if not isinstance(condition, BinaryExpression) or condition.operator is not operators.eq:
        return False
    tables = {getattr(side, "table", None) for side in (condition.left, condition.right)}
    return None not in tables and len(tables) > 1 and model.__table__ in tables


def _atoms(condition: ColumnElement[bool]) -> Iterator[ColumnElement[bool]]:
    bare = _bare(condition)
    if isinstance(bare, BooleanClauseList) and bare.operator is operators.and_:
        for clause in bare.clauses:
            yield from _atoms(clause)
    else:
        yield condition


def _is(condition: ColumnElement[bool], operator: object) -> bool:
    bare = _bare(condition)
    return isinstance(bare, BooleanClauseList) and bare.operator is operator


def _bare(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    bare: Any = condition
    while isinstance(bare, Grouping):
        bare = bare.element
    return cast("ColumnElement[bool]", bare)


@cache
def _known(model: type[Base]) -> list[tuple[Named, frozenset[str]]]:
    """Write down the named conditions, smallest first: of two names for a condition the closer one is told."""
    written = [(each, frozenset(_text(atom, model) for atom in _atoms(each.condition))) for each in named(model)]
    return sorted(written, key=lambda pair: len(pair[1]))


def _text(condition: ColumnElement[bool], *tables: type[Base]) -> str:
    """Write a condition the way in which the same condition is always written."""
    question = select(_bare(condition).label("answer")).select_from(*tables)
    whole = str(question.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
    return whole.removeprefix("SELECT ").rpartition(" AS answer")[0]


def _name(known: list[tuple[Named, frozenset[str]]], text: str, there: frozenset[str]) -> Named | None:
    return next((each for each, texts in known if text in texts and texts <= there), None)
