"""What the product's policy answers, asked in bulk: for every person and every thing of many worlds at once."""

from functools import cache
from uuid import UUID

from sqlalchemy import or_
from sqlalchemy.orm import Session

from app import models, policies
from app.authz import Action, clauses
from app.authz.compiled import ASKER, sql_text
from app.db import Base
from tests.access import reading
from tests.access.facts import World
from tests.access.things import things

LOADED = models.__all__, policies.__all__
MODELS: dict[str, type[Base]] = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
Pairs = set[tuple[UUID, UUID]]
#: Tables of accounts, which belong to no alliance: found by whoever's they are.
_NO_ALLIANCE = {"account", "device"}


def registered() -> set[tuple[str, str]]:
    """Give every table and action for which the product has a rule."""
    return {
        (table, str(action)) for table, model in MODELS.items() for action in Action if clauses(ASKER, action, model)
    }


@cache
def condition(table: str, action: str) -> str:
    """Give the policy as SQL, asked by `:asker`."""
    found = clauses(ASKER, Action(action), MODELS[table])
    return sql_text(or_(*(clause.where for clause in found)), MODELS[table])


def pairs(session: Session, table: str, sql: str, worlds: list[UUID]) -> Pairs:
    """Give who may do it to what: `sql` asked by everybody of `worlds` about every thing of their own alliance."""
    column = "id" if table == "alliance" else "alliance_id"
    same = "true" if table in _NO_ALLIANCE else f"{table}.{column} = asker.alliance_id"
    question = f"""SELECT asker.id, {table}.id FROM person AS asker, {table}
        WHERE asker.alliance_id = ANY(%s) AND {same} AND ({sql.replace(":asker", "asker.id")})"""  # noqa: S608 - our own policy
    return {(who, thing) for who, thing in session.connection().exec_driver_sql(question, (worlds,))}


def expected(w: World, table: str, action: str) -> Pairs:
    """Give who may do it to what, by the second reading."""
    return {
        (p.id, thing_id)
        for thing_id, thing in things(w)[table].items()
        for p in w.people.values()
        if reading.answer(w, p, action, table, thing) == "yes"
    }
