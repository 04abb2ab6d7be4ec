"""What was measured, beside what was promised: a table for people, and a file that is committed as measured."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_DIGITS = 3


@dataclass(frozen=True, kw_only=True)
class Result:
    """One measured number, and the most or least that it may be: a ratio, milliseconds or a count, as its name says.

    Without either it is told, and nothing was promised.
    """

    name: str
    value: float
    most: float | None = None
    least: float | None = None

    @property
    def holds(self) -> bool:
        """Tell whether the promise is kept; the value as measured decides, not the one rounded for reading."""
        return (self.most is None or self.value <= self.most) and (self.least is None or self.value >= self.least)

    @property
    def goal(self) -> str:
        """Say what was promised."""
        limits = (("≤", self.most), ("≥", self.least))
        return " ".join(f"{sign} {_limit(limit)}" for sign, limit in limits if limit is not None)

    @property
    def shown(self) -> float:
        """Round the value for reading."""
        return round(self.value, _DIGITS)


#: From here on goals are whole numbers.
_A_COUNT = 10


def _limit(limit: float) -> str:
    return f"{limit:.2f}" if limit < _A_COUNT else f"{limit:.0f}"


def table(results: Sequence[Result]) -> str:
    """Lay the results out, one a line."""
    width = max((len(result.name) for result in results), default=0)
    return "\n".join(
        f"{result.name:<{width}}  {result.shown:>9g}  {result.goal:<7}  {'holds' if result.holds else 'DOES NOT HOLD'}"
        for result in results
    )


def update(results: Sequence[Result], file: Path) -> None:
    """Put results into the file in place of those of the same names; the others stay as they were measured."""
    names = {result.name for result in results}
    kept = [row for row in json.loads(file.read_text(encoding="utf-8")) if row["name"] not in names]
    file.write_text(json.dumps([*kept, *_rows(results)], ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def write(results: Sequence[Result], file: Path) -> None:
    """Keep the results for whoever compares: a list of name, value, goal and whether it holds."""
    file.write_text(json.dumps(_rows(results), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _rows(results: Sequence[Result]) -> list[dict[str, str | float | bool]]:
    return [
        {"name": result.name, "value": result.shown, "goal": result.goal, "holds": result.holds} for result in results
    ]
