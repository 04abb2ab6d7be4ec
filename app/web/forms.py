"""What people type, checked: WTForms, with our own words and no hidden widgets."""

from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Form, ValidationError
from wtforms.fields import Field


class BackrowForm(Form):
    """A form whose errors are sentences; unknown fields are ignored, as browsers may add some."""

    def problems(self) -> dict[str, str]:
        """Give one sentence a field that needs mending, by the field's name."""
        return {name: " ".join(str(error) for error in errors) for name, errors in self.errors.items() if name}


class Trimmed:
    """A filter that takes off the space around what was typed, and mends line ends."""

    def __call__(self, value: str | None) -> str:
        """Trim."""
        return (value or "").replace("\r\n", "\n").strip()


class Needed:
    """A field that must be filled in, with a sentence of its own."""

    def __init__(self, say: str) -> None:
        self.say = say

    def __call__(self, _form: Form, field: Field) -> None:
        """Refuse an empty field."""
        if not field.data:
            raise ValidationError(self.say)


class AtMost:
    """A field that must not be longer than a number of characters."""

    def __init__(self, characters: int) -> None:
        self.characters = characters

    def __call__(self, _form: Form, field: Field) -> None:
        """Refuse what is too long."""
        if field.data and len(field.data) > self.characters:
            raise ValidationError(f"Keep this to {self.characters} characters; it has {len(field.data)}.")


def three_part_date(sent: MultiDict[str, Any], name: str) -> date | None:
    """Read a date from its three fields (`name-day`, `name-month`, `name-year`), or from one ISO field.

    Raises:
        ValueError: it is not a day of the calendar; the message says what to type.
    """
    whole = sent.get(name, "").strip()
    pieces = (
        whole.split("-") if whole else [sent.get(f"{name}-{part}", "").strip() for part in ("year", "month", "day")]
    )
    if not any(pieces):
        return None
    try:
        year, month, day = (int(piece) for piece in pieces)
        return date(year, month, day)
    except ValueError as error:
        raise ValueError("Type a day, a month and a year, like 31 7 2026.") from error
