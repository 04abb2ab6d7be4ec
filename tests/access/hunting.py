"""Looks for a world that tells a mutant from the policy: first where others were found lately, then everywhere."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from psycopg.errors import QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, sessionmaker

from tests.access.asking import expected, pairs
from tests.access.facts import World
from tests.access.mutants import Mutant


@dataclass(frozen=True)
class Ground:
    """Some worlds as rows, and what the second reading answers in them."""

    session: Session
    worlds: tuple[World, ...]

    def differs(self, mutant: Mutant) -> str | None:
        """Say where the mutant answers otherwise than the second reading, or how the database refused to answer."""
        try:
            with self.session.begin_nested():
                given = pairs(self.session, mutant.table, mutant.sql, [w.id for w in self.worlds])
        except DBAPIError as refused:
            if isinstance(refused.orig, QueryCanceled):
                return None  # it took too long to tell: perhaps another ground tells
            return f"the database refuses: {str(refused.orig).splitlines()[0]}"
        wrong = {who for who, _ in given ^ _due(self.worlds, mutant.table, mutant.action)}
        return next((", ".join(w.told) for w in self.worlds if wrong & {p.id for p in w.people.values()}), None)


@cache
def _due(worlds: tuple[World, ...], table: str, action: str) -> frozenset[tuple[UUID, UUID]]:
    """Give what the second reading answers in all of these worlds."""
    return frozenset[tuple[UUID, UUID]]().union(*(expected(w, table, action) for w in worlds))


def survivors(blocks: Sequence[tuple[sessionmaker[Session], list[World]]], hunted: Iterable[Mutant]) -> list[str]:
    """Name the mutants that no world tells from the policy."""
    with ExitStack() as stack:
        grounds = [Ground(stack.enter_context(sessions.begin()), tuple(worlds)) for sessions, worlds in blocks]
        for ground in grounds:
            hurry(ground.session)
        lately: dict[tuple[str, str], list[Ground]] = defaultdict(lambda: list(grounds))
        return [mutant.name for mutant in hunted if catch(mutant, lately[mutant.table, mutant.action]) is None]


def catch(mutant: Mutant, grounds: list[Ground]) -> str | None:
    """Say where a mutant was caught; None when it differs nowhere. Where it was caught comes first from then on."""
    for ground in grounds:
        found = ground.differs(mutant)
        if found is not None:
            grounds.remove(ground)
            grounds.insert(0, ground)
            return found
    return None


def hurry(session: Session) -> None:
    """Let no mutant run for long: one that joins everything with everything is asked elsewhere instead."""
    session.execute(text("SET LOCAL statement_timeout = '10s'"))
