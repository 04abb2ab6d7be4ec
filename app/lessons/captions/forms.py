"""Captions as they are mended: a page of rows, each with a beginning, an end and words."""

from dataclasses import dataclass, field
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from app.lessons.captions.models import Captions
from video.captions import LONGEST_TEXT, Cue, plain
from video.timecode import clock_face, parse_time

#: Rows on a page, and rows to type more into.
ON_A_PAGE = 50
BLANK = 2
_SECOND_MS = 1000


@dataclass
class Row:
    """One caption as it is typed; without words it is taken away."""

    begins: str = ""
    ends: str = ""
    text: str = ""
    mend_begins: str = ""
    mend_ends: str = ""
    mend_text: str = ""

    def cue(self) -> Cue | None:
        """Read it; what can't be read says so at its field."""
        in_ms, self.mend_begins = _moment(self.begins)
        out_ms, self.mend_ends = _moment(self.ends)
        if in_ms is not None and out_ms is not None and out_ms <= in_ms:
            self.mend_ends = "The end must come after the beginning."
        if len(self.text) > LONGEST_TEXT:
            self.mend_text = f"Keep this to {LONGEST_TEXT} characters, or split it in two."
        if self.mend_begins or self.mend_ends or self.mend_text or in_ms is None or out_ms is None:
            return None
        return Cue(in_ms=in_ms, out_ms=out_ms, text=self.text)


@dataclass
class MendForm:
    """A page of captions, and of which version it is."""

    page: int = 1
    version: int = 0
    count: int = 0
    rows: list[Row] = field(default_factory=list)

    @classmethod
    def showing(cls, captions: Captions, page: int) -> Self:
        """Fill in one page; beyond the last one it is the last."""
        page = max(min(page, pages(captions)), 1)
        cues = [Cue.from_json(row) for row in captions.cues][(page - 1) * ON_A_PAGE : page * ON_A_PAGE]
        rows = [Row(begins=exact(cue.in_ms), ends=exact(cue.out_ms), text=cue.text) for cue in cues]
        return cls(page, captions.version, len(cues), [*rows, *(Row() for _ in range(BLANK))])

    @classmethod
    def sent(cls, fields: MultiDict[str, Any]) -> Self:
        """Read what was typed."""
        page, version, count = (fields.get(name, 0, type=int) for name in ("page", "version", "count"))
        typed = zip(fields.getlist("begins"), fields.getlist("ends"), fields.getlist("text"), strict=False)
        rows = [Row(begins.strip(), ends.strip(), plain(text)) for begins, ends, text in typed]
        return cls(max(page, 1), version, max(count, 0), rows[: ON_A_PAGE + BLANK])

    def cues(self) -> list[Cue]:
        """Give the captions of this page; see `mends` for those that can't be read."""
        return [cue for row in self.rows if row.text and (cue := row.cue())]

    @property
    def first(self) -> int:
        """Of all captions, the place of this page's first."""
        return (self.page - 1) * ON_A_PAGE

    @property
    def mends(self) -> dict[str, str]:
        """Say what is to be mended, by the field's id."""
        found: dict[str, str] = {}
        for number, row in enumerate(self.rows):
            for name, said in (("begins", row.mend_begins), ("ends", row.mend_ends), ("text", row.mend_text)):
                found |= {f"{name}-{number}": said} if said else {}
        return found


def pages(captions: Captions) -> int:
    """Say how many pages there are."""
    return max(-(-len(captions.cues) // ON_A_PAGE), 1)


def exact(at_ms: int) -> str:
    """Show a moment so that it is read back as it was: "4:12", "4:12.5"."""
    rest = f"{at_ms % _SECOND_MS:03}".rstrip("0")
    return clock_face(at_ms) + (f".{rest}" if rest else "")


def _moment(typed: str) -> tuple[int | None, str]:
    try:
        return parse_time(typed), ""
    except ValueError as error:
        return None, str(error)
