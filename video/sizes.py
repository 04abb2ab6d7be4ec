"""The sizes in which a lesson is kept."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final, Self

#: name → (height, crf, profile, level)
_LADDER: Final = {
    "240p": (240, 27, "main", "3.0"),
    "480p": (480, 25, "high", "3.1"),
    "720p": (720, 24, "high", "4.0"),
}
_WIDEST: Final = 1920


@dataclass(frozen=True, kw_only=True)
class Rendition:
    """One size in which a lesson is kept: even sides, never taller than the film, which it is itself where `copied`."""

    name: str
    width: int
    height: int
    crf: int
    profile: str
    level: str
    copied: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a database row."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(**row)


def renditions(width: int, height: int) -> tuple[Rendition, ...]:
    """Choose the sizes for a picture seen as `width` by `height`: none taller than it, and at least one."""
    chosen = [name for name, (lines, *_) in _LADDER.items() if lines <= height] or ["240p"]
    found: list[Rendition] = []
    for name in chosen:
        lines, crf, profile, level = _LADDER[name]
        tall = max(min(lines, height) // 2 * 2, 2)
        wide = min(max(round(Fraction(width * tall, height * 2)) * 2, 2), _WIDEST)
        found.append(Rendition(name=name, width=wide, height=tall, crf=crf, profile=profile, level=level))
    return tuple(found)
