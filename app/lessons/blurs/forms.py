"""What is to be blurred, as it is typed or drawn: a row for each place of a box at a moment, in per cent."""

from dataclasses import dataclass, field
from typing import Any, Final, Self

from werkzeug.datastructures import MultiDict

from video.blur import PARTS, Blur, Placing, Region
from video.timecode import clock_face, parse_time

#: More boxes, or more places of them, are a slip, or a lesson for which the whole picture should be blurred.
MOST_BOXES: Final = 8
MOST_ROWS: Final = 60
#: Rows to type more into, for those who don't draw.
BLANK: Final = 2
_PER_CENT: Final = PARTS // 100
#: A smaller box, in per cent, would hide nothing.
LEAST: Final = 2
HOW: Final = ("boxes", "whole", "voices")
_SECOND_MS: Final = 1000
_NAMES: Final = {"left": "Left", "top": "Top", "wide": "Width", "tall": "Height"}


@dataclass
class Row:
    """One place of one box, as it is typed."""

    box: str = ""
    at: str = ""
    left: str = ""
    top: str = ""
    wide: str = ""
    tall: str = ""
    mends: dict[str, str] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Nothing to keep: no measure of it is there."""
        return not any((self.left, self.top, self.wide, self.tall))

    def read(self) -> tuple[int, Placing] | None:
        """Give the box's number and its place; what can't be read says so at its field."""
        box, at_ms = self._box(), self._moment()
        x, y = (self._share(name, least=0) for name in ("left", "top"))
        w, h = (self._share(name, least=LEAST) for name in ("wide", "tall"))
        for name, begins, length in (("wide", x, w), ("tall", y, h)):
            if begins is not None and length is not None and begins + length > PARTS:
                self.mends[name] = "This reaches beyond the picture: place and size together are 100 at most."
        if self.mends or box is None or at_ms is None or x is None or y is None or w is None or h is None:
            return None
        return box, Placing(at_ms=at_ms, x=x, y=y, w=w, h=h)

    def _box(self) -> int | None:
        if self.box.isascii() and self.box.isdecimal() and 1 <= int(self.box[:3]) <= MOST_BOXES:
            return int(self.box)
        self.mends["box"] = f"Number the boxes from 1 to {MOST_BOXES}."
        return None

    def _moment(self) -> int | None:
        try:
            return parse_time(self.at or "0")
        except ValueError as error:
            self.mends["at"] = str(error)
            return None

    def _share(self, name: str, *, least: int) -> int | None:
        typed = getattr(self, name).replace(",", ".").removesuffix("%").strip()
        whole, _, rest = typed.partition(".")
        numeric = whole.isascii() and whole.isdecimal() and (not rest or (rest.isascii() and rest.isdecimal()))
        parts = round(float(typed) * _PER_CENT) if numeric and len(typed) <= len("100.00") else None
        if parts is None or not least * _PER_CENT <= parts <= PARTS:
            self.mends[name] = f"{_NAMES[name]} is a number from {least} to 100: so many hundredths of the picture."
            return None
        return parts


@dataclass
class BlurForm:
    """All that is chosen, and from when on ten seconds of it are shown."""

    how: str = HOW[0]
    voices: bool = False
    begins: str = "0:00"
    rows: list[Row] = field(default_factory=list)
    others: dict[str, str] = field(default_factory=dict)

    @classmethod
    def showing(cls, wish: Blur | None, from_ms: int) -> Self:
        """Fill in what was chosen, and rows for more."""
        form = cls(begins=exact(from_ms))
        if wish is not None:
            form.how = "whole" if wish.whole else "boxes" if wish.regions else "voices"
            form.voices = wish.voices
            for number, region in enumerate(wish.regions, start=1):
                form.rows += [_shown(number, placing) for placing in region.placings]
        form.rows += [Row() for _ in range(BLANK)]
        return form

    @classmethod
    def sent(cls, fields: MultiDict[str, Any]) -> Self:
        """Read what was typed."""
        form = cls(how=fields.get("how", ""), voices="voices" in fields, begins=fields.get("from", "").strip())
        columns = [fields.getlist(name) for name in ("box", "at", "left", "top", "wide", "tall")]
        for typed in list(zip(*columns, strict=False))[: MOST_ROWS + 1]:
            form.rows.append(Row(*(word.strip() for word in typed)))
        return form

    def wish(self) -> tuple[Blur, int]:
        """Give what is to be blurred, and from when on it is shown; see `mends` for what can't be read."""
        from_ms = 0
        try:
            from_ms = parse_time(self.begins or "0")
        except ValueError as error:
            self.others["from"] = str(error)
        if self.how not in HOW:
            self.others["how"] = "Choose one of these."
        if len(self.rows) > MOST_ROWS:
            self.others["how"] = f"Keep it to {MOST_ROWS} places, or blur the whole picture."
        regions = self._regions() if self.how == "boxes" else ()
        return Blur(whole=self.how == "whole", regions=regions, voices=self.voices or self.how == "voices"), from_ms

    def _regions(self) -> tuple[Region, ...]:
        found: dict[int, dict[int, Placing]] = {}
        for row in self.rows:
            read = None if row.empty else row.read()
            if read is None:
                continue
            box, placing = read
            if placing.at_ms in found.setdefault(box, {}):
                row.mends["at"] = "This box has a place at that moment already. Move one, or clear it."
            found[box][placing.at_ms] = placing
        return tuple(Region(placings=tuple(places[at] for at in sorted(places))) for _, places in sorted(found.items()))

    @property
    def mends(self) -> dict[str, str]:
        """Say what is to be mended, by the field's id."""
        found = dict(self.others)
        for number, row in enumerate(self.rows):
            found |= {f"{name}-{number}": say for name, say in row.mends.items()}
        return found


def exact(at_ms: int) -> str:
    """Show a moment so that it is read back as it was: "4:12", "4:12.5"."""
    rest = f"{at_ms % _SECOND_MS:03}".rstrip("0")
    return clock_face(at_ms) + (f".{rest}" if rest else "")


def _shown(number: int, placing: Placing) -> Row:
    left, top, wide, tall = (f"{side / _PER_CENT:g}" for side in (placing.x, placing.y, placing.w, placing.h))
    return Row(str(number), exact(placing.at_ms), left, top, wide, tall)
