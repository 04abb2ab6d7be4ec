"""A policy's condition as a tree of its parts, so that one part at a time can be spoilt.

SQLAlchemy writes the condition as it writes it for the product, and marks where each part begins and ends: what is
joined by AND and OR, each comparison, each NOT and EXISTS. So no part is forgotten that reaches the database.
"""

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import BinaryExpression, ColumnElement, Dialect, UnaryExpression, create_engine, select
from sqlalchemy.sql import operators

from app.db import Base

_BEGIN, _NEXT, _END = "\x01", "\x02", "\x03"
_DIALECT: Dialect = create_engine("postgresql+psycopg://", paramstyle="named").dialect
_LABEL = "answer"
_ORDERED = {operators.lt: "<", operators.le: "<=", operators.gt: ">", operators.ge: ">="}
_EQUAL = {operators.eq, operators.ne, operators.is_, operators.is_not, operators.in_op, operators.not_in_op}


@dataclass(eq=False)
class Part:
    """One part of a condition: plain words, or parts of parts under a kind."""

    kind: (
        str  # words, AND, OR, NOT, EXISTS, same (=, IS, IN and their opposites), <, <=, >, >=, all (one after another)
    )
    parts: list["Part"] = field(default_factory=list)
    words: str = ""

    def sql(self, spoilt: "dict[Part, str] | None" = None) -> str:
        """Write it, with some parts replaced."""
        if spoilt and self in spoilt:
            return spoilt[self]
        said = [part.sql(spoilt) for part in self.parts]
        if self.kind in {"AND", "OR"}:
            return "(" + f" {self.kind} ".join(f"({each})" for each in said) + ")"
        if self.kind in {"NOT", "EXISTS"}:
            return f"{self.kind} {said[0]}"
        if self.kind in {"<", "<=", ">", ">="}:
            return f"{said[0]} {self.kind} {said[1]}"
        return self.words + "".join(said)

    @property
    def short(self) -> str:
        """Say it in one line, without the numbers that SQLAlchemy gives to its aliases."""
        return re.sub(r"\s+", " ", re.sub(r"\b([a-z_]+?)_\d+\b", r"\1", self.sql())).strip()

    def walk(self) -> Iterator["Part"]:
        """Give every part, the outer before the inner."""
        yield self
        for part in self.parts:
            yield from part.walk()


class _Marking(_DIALECT.statement_compiler):  # type: ignore[name-defined,misc]  # the dialect says which writer it has
    """Writes SQL as always, with marks round its parts."""

    def _generate_delimited_and_list(self, clauses: Any, **more: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
        return _marked("AND", *(clause._compiler_dispatch(self, **more) for clause in clauses))  # noqa: SLF001 - its door

    def visit_expression_clauselist(self, clauselist: Any, **more: Any) -> str:  # noqa: ANN401 - SQLAlchemy's own
        """Mark what is joined by AND or OR."""
        word = {operators.and_: "AND", operators.or_: "OR"}.get(clauselist.operator)
        if word is None:
            return str(super().visit_expression_clauselist(clauselist, **more))
        return _marked(word, *(clause._compiler_dispatch(self, **more) for clause in clauselist.clauses))  # noqa: SLF001

    def visit_binary(self, binary: BinaryExpression[Any], *given: Any, **more: Any) -> str:  # noqa: ANN401
        """Mark a comparison."""
        if binary.operator in _ORDERED:
            sides = (side._compiler_dispatch(self, **more) for side in (binary.left, binary.right))  # noqa: SLF001
            return _marked(_ORDERED[binary.operator], *sides)
        written = str(super().visit_binary(binary, *given, **more))
        return _marked("same", written) if binary.operator in _EQUAL else written

    def visit_unary(self, unary: UnaryExpression[Any], **more: Any) -> str:  # noqa: ANN401
        """Mark NOT and EXISTS."""
        word = "NOT" if unary.operator is operators.inv else "EXISTS" if unary.operator is operators.exists else None
        if word is None:
            return str(super().visit_unary(unary, **more))
        return _marked(word, unary.element._compiler_dispatch(self, **more))  # noqa: SLF001


def _marked(kind: str, *parts: str) -> str:
    return _BEGIN + kind + "".join(_NEXT + part for part in parts) + _END


def tree(expression: ColumnElement[Any], model: type[Base]) -> Part:
    """Give a condition about a row of `model` as a tree."""
    dialect = copy.copy(_DIALECT)
    dialect.statement_compiler = _Marking
    question = select(expression.label(_LABEL)).select_from(model)
    whole = str(question.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return _Reader(whole[len("SELECT ") : -len(f" AS {_LABEL} \nFROM {model.__tablename__}")]).all()


@dataclass
class _Reader:
    text: str
    at: int = 0

    def all(self) -> Part:
        """Read one after another, until a mark that is the outer's."""
        found = Part("all")
        while self.at < len(self.text) and self.text[self.at] not in _NEXT + _END:
            if self.text[self.at] == _BEGIN:
                found.parts.append(self._marked())
            else:
                words = re.compile(f"[^{_BEGIN}{_NEXT}{_END}]+").match(self.text, self.at)
                assert words
                found.parts.append(Part("words", words=words[0]))
                self.at = words.end()
        return found

    def _marked(self) -> Part:
        begin = self.at + 1
        self.at = self.text.index(_NEXT, begin)
        found = Part(self.text[begin : self.at])
        while self.text[self.at] == _NEXT:
            self.at += 1
            found.parts.append(self.all())
        self.at += 1
        return found
