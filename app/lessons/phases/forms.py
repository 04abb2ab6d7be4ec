"""The phases as they were typed: a row each, with a beginning and a name."""

from dataclasses import dataclass, field
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from app.lessons.phases.service import MOST, Phase
from video.timecode import clock_face, parse_time

#: Rows to type new phases into, below those that are there.
BLANK = 3
_ROWS = 2 * MOST + BLANK


@dataclass
class Row:
    """One row as it is typed; a hint's time came from us, so that it counts only with a name."""

    at: str = ""
    name: str = ""
    hint: bool = False
    at_ms: int | None = None
    mend_at: str = ""
    mend_name: str = ""

    @property
    def empty(self) -> bool:
        """Nothing to keep: no name, and no time but one that was offered."""
        return not self.name and (self.hint or not self.at)


@dataclass
class PhasesForm:
    """All rows, and the list that the page showed when they were typed."""

    rows: list[Row] = field(default_factory=list)
    seen: list[Phase] = field(default_factory=list)

    @classmethod
    def showing(cls, phases: list[Phase], hints: list[int]) -> Self:
        """Fill in what there is, what may be, and rows for more."""
        rows = [Row(at=clock_face(phase.at_ms), name=phase.name, at_ms=phase.at_ms) for phase in phases]
        there = {row.at for row in rows}
        rows += [Row(at=clock_face(at), hint=True, at_ms=at) for at in hints if clock_face(at) not in there]
        rows.sort(key=lambda row: row.at_ms or 0)
        return cls(rows=[*rows, *(Row() for _ in range(BLANK))], seen=phases)

    @classmethod
    def sent(cls, fields: MultiDict[str, Any]) -> Self:
        """Read what was typed."""
        form = cls()
        names, hints = fields.getlist("name"), fields.getlist("hint")
        for at, name, hint in list(zip(fields.getlist("at"), names, hints, strict=False))[:_ROWS]:
            form.rows.append(Row(at=at.strip(), name=" ".join(name.split()), hint=hint == "yes"))
        for at, name in zip(fields.getlist("seen_at"), fields.getlist("seen_name"), strict=False):
            if at.isascii() and at.isdigit():
                form.seen.append(Phase(at_ms=int(at), name=name))
        return form

    def wanted(self) -> list[Phase]:
        """Give the phases; rows that can't be read say so, and are left out: see `mends`."""
        kept = {(clock_face(phase.at_ms)): phase.at_ms for phase in self.seen}
        found = []
        for row in self.rows:
            if row.empty or (not row.name and row.at in kept):
                continue
            try:
                row.at_ms = kept.get(row.at) if row.at in kept else parse_time(row.at)
            except ValueError as error:
                row.mend_at = str(error)
            if not row.name:
                row.mend_name = "Say what begins here, or clear the time."
            if row.at_ms is not None and row.name:
                found.append(Phase(at_ms=row.at_ms, name=row.name))
        return found

    def put_mends(self, fields: dict[str, str]) -> None:
        """Say at its row what is to be mended of a phase."""
        for row in self.rows:
            if row.name:
                row.mend_at = fields.get(f"at-{row.at_ms}", "")
                row.mend_name = fields.get(f"name-{row.at_ms}", "")

    @property
    def mends(self) -> dict[str, str]:
        """Say what is to be mended, by the field's id."""
        found: dict[str, str] = {}
        for number, row in enumerate(self.rows):
            found |= {f"at-{number}": row.mend_at} if row.mend_at else {}
            found |= {f"name-{number}": row.mend_name} if row.mend_name else {}
        return found
