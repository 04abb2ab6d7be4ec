"""What people type about a moment: a time like 4:12, a kind, a focus item, some words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from werkzeug.datastructures import MultiDict

from app import ids
from app.errors import Invalid
from app.observation.notes.service import NoteDraft, body_problem
from app.web.numbers import version_seen, whole
from video.timecode import parse_time

TIME = "Type minutes and seconds, like 4:12."


@dataclass(frozen=True)
class NoteForm:
    """A note as it was typed."""

    fields: MultiDict[str, Any]

    @classmethod
    def sent(cls, fields: MultiDict[str, Any]) -> Self:
        """Read the form."""
        return cls(fields)

    @property
    def note_id(self) -> UUID:
        """Give the id that the page made for the note, or a new one: a form without script sends none."""
        return _uuid(self.fields.get("key", "")) or ids.new()

    @property
    def version(self) -> int:
        """Give the version that was on the screen."""
        return version_seen(str(self.fields.get("version", "")))

    def draft(self) -> NoteDraft:
        """Give what was typed as a note.

        Raises:
            Invalid: a time can't be read (`note_unclear`).
        """
        problems: dict[str, str] = {}
        at_ms = self._time("at", problems)
        until_ms = self._time("until", problems)
        if at_ms is None:
            problems = {"at": TIME, **problems}
        body = trimmed(self.fields.get("body", ""))
        if problems:
            problems |= {"body": say} if (say := body_problem(body)) else {}
            raise Invalid("note_unclear", "Some of this needs another look.", fields=problems)
        return NoteDraft(
            kind=str(self.fields.get("kind", "")),
            at_ms=at_ms or 0,
            until_ms=until_ms,
            focus_item_id=_uuid(self.fields.get("focus_item_id", "")),
            body=body,
            written_at=_instant(self.fields.get("written_at", "")),
        )

    def _time(self, name: str, problems: dict[str, str]) -> int | None:
        """Take the exact moment that a script put there, else the one that was typed."""
        exact = whole(str(self.fields.get(f"{name}_ms", "")).strip())
        if exact is not None:
            return exact
        typed = str(self.fields.get(name, "")).strip()
        if not typed:
            return None
        try:
            return parse_time(typed)
        except ValueError:
            problems[name] = TIME
            return None


def trimmed(words: str) -> str:
    """Take off the space around what was typed, mend line ends, and leave out what no database keeps."""
    return words.replace("\r\n", "\n").replace("\0", "").strip()


def field_errors(problem: Invalid) -> dict[str, str]:
    """Say problems at the fields of the typed form, where times have names of their own."""
    names = {"at_ms": "at", "until_ms": "until"}
    return {names.get(name, name): say for name, say in problem.fields.items()}


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None


def _instant(words: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(words)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
