"""The policy with one fault at a time: conditions removed, ANDs turned to ORs, comparisons and NOTs turned."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import or_

from app.authz import Action, clauses
from app.authz.compiled import ASKER
from tests.access.asking import MODELS
from tests.access.spoiling import Part, tree

OTHER = {"AND": "OR", "OR": "AND"}
#: A comparison over its edge.
EDGE = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True)
class Mutant:
    """A policy with one fault: what was done to which of its words."""

    table: str
    action: str
    fault: str
    sql: str

    @property
    def name(self) -> str:
        """Say which fault this is, in one line."""
        return f"{self.table} {self.action} | {self.fault}"


def mutants(questions: list[tuple[str, str]], again: Collection[str] = ()) -> Iterator[Mutant]:
    """Make every mutant of these questions (table and action), one after another.

    A condition that an earlier question holds too, word for word, was spoilt there, part by part; here it is spoilt as
    one: left out, turned round. It is made by one function, so a fault inside it is one fault. A part with a
    fault that no world can tell there, but may elsewhere, is tried `again` wherever it comes back.
    """
    known: set[str] = set()
    for table, action in questions:
        whole = tree(or_(*(clause.where for clause in clauses(ASKER, Action(action), MODELS[table]))), MODELS[table])
        seen, unsettled = Counter[str](), set[str]()
        if whole.short not in known:
            for part in _unknown(whole, known):
                for fault, sql in _faults(part):
                    seen[fault] += 1
                    made = Mutant(table, action, f"#{seen[fault]} {fault}", f"({whole.sql({part: sql})})")
                    unsettled |= {part.short} if made.name in again else set()
                    yield made
        known |= {part.short for part in whole.walk() if part.kind in {"AND", "OR", "EXISTS", "all"}} - unsettled


def _unknown(part: Part, known: set[str]) -> Iterator[Part]:
    if part.kind in {"AND", "OR", "EXISTS"} and part.short in known:
        return
    yield part
    for each in part.parts:
        yield from _unknown(each, known)


def _faults(part: Part) -> Iterator[tuple[str, str]]:
    """Give what can be done to one part: what is said of it, and how it reads then."""
    if part.kind in OTHER:
        yield from _joined(part)
    elif part.kind == "NOT":
        yield f"NOT taken out: {part.short}", f"({part.parts[0].sql()})"
    elif part.kind == "EXISTS":
        yield f"EXISTS turned to NOT EXISTS: {part.short}", f"(NOT {part.sql()})"
    elif part.kind == "same":
        yield f"turned round: {part.short}", f"(NOT ({part.sql()}))"
    elif part.kind in EDGE:
        left, right = (side.sql() for side in part.parts)
        yield f"{part.kind} made {EDGE[part.kind]}: {part.short}", f"({left} {EDGE[part.kind]} {right})"
        yield f"turned round: {part.short}", f"(NOT ({part.sql()}))"


def _joined(part: Part) -> Iterator[tuple[str, str]]:
    if len(part.parts) > 1:
        turned = f" {OTHER[part.kind]} ".join(f"({each.sql()})" for each in part.parts)
        yield f"{part.kind} turned to {OTHER[part.kind]}: {part.short}", f"({turned})"
    for gone in (each for each in part.parts if each.short != "false"):
        kept = [each for each in part.parts if each is not gone]
        nothing = "true" if part.kind == "AND" else "false"
        yield f"{part.kind} without: {gone.short}", Part(part.kind, kept).sql() if kept else nothing
