"""Looks for a world that tells a mutant from the policy: first where others were found lately, then everywhere."""

from dataclasses import dataclass, field
from uuid import UUID

from psycopg.errors import QueryCanceled
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.access.asking import Pairs, expected, pairs
from tests.access.facts import World
from tests.access.mutants import Mutant


@dataclass(eq=False)
class Ground:
    """Some worlds as rows, and what the second reading answers in them."""

    session: Session
    worlds: list[World]
    _right: dict[tuple[str, str], Pairs] = field(default_factory=dict)

    def differs(self, mutant: Mutant) -> str | None:
        """Say where the mutant answers otherwise than the second reading, or how the database refused to answer."""
        try:
            with self.session.begin_nested():
                ids = [w.id for w in self.worlds]
                given = pairs(self.session, mutant.table, mutant.sql, ids)
        except DBAPIError as refused:
            if isinstance(refused.orig, QueryCanceled):
                return None  # it took too long to tell: perhaps another ground tells
            return f"the database refuses: {str(refused.orig).splitlines()[0]}"
        wrong = {who for who, _ in given ^ self._due(mutant.table, mutant.action)}
        return next((", ".join(w.told) for w in self.worlds if wrong & {p.id for p in w.people.values()}), None)

    def _due(self, table: str, action: str) -> Pairs:
        if (table, action) not in self._right:
            found: set[tuple[UUID, UUID]] = set()
            self._right[table, action] = found.union(*(expected(w, table, action) for w in self.worlds))
        return self._right[table, action]


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
