"""Policies written down as SQL text, once a process: building a policy's expression takes far longer than asking it.

A policy is a tree of some hundred subqueries. The database answers it in a millisecond; making the tree anew for each
request, and finding its compiled form, took a hundred times as long.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Dialect, TextClause, Uuid, bindparam, create_engine, literal_column, select, text

from app.db import Base

#: Stands for whoever asks, in a policy's text: the one thing that differs from question to question.
ASKER: ColumnElement[UUID] = literal_column(":asker", Uuid())
_DIALECT: Dialect = create_engine("postgresql+psycopg://", paramstyle="named").dialect
_LABEL = "answer"


def sql_text(expression: ColumnElement[Any], model: type[Base]) -> str:
    """Write an expression about a row of `model` as SQL, its constants in it, with `:asker` for the person.

    Raises:
        ValueError: the expression asks for more than the model's own table and its subqueries.
    """
    question = select(expression.label(_LABEL)).select_from(model)
    whole = str(question.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True}))
    head, tail = "SELECT ", f" AS {_LABEL} \nFROM {model.__tablename__}"
    if not (whole.startswith(head) and whole.endswith(tail)):
        raise ValueError(f"a policy about {model.__tablename__} asks another table outside a subquery: {whole[-200:]}")
    return whole[len(head) : -len(tail)]


def asked_by(sql: str, person_id: UUID) -> TextClause:
    """Put a person into a policy's text."""
    return text(sql).bindparams(bindparam("asker", person_id, type_=Uuid())) if ":asker" in sql else text(sql)
