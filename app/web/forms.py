"""What people type, checked: WTForms, with our own words and no hidden widgets."""

from datetime import date
from typing import Any, ClassVar

from werkzeug.datastructures import MultiDict
from wtforms import Form, ValidationError
from wtforms.fields import Field
from wtforms.form import BaseForm
from wtforms.meta import DefaultMeta


class _OurWords:
    """What WTForms would say by itself, said as we say things."""

    _words: ClassVar[dict[str, str]] = {
        "Not a valid choice.": "Choose one of these.",
        "Invalid Choice: could not coerce.": "Choose one of these.",
        "Not a valid integer value.": "Type a whole number.",
    }

    def gettext(self, words: str) -> str:
        """Say a sentence that holds no number."""
        return self._words.get(words, "This needs another look.")

    def ngettext(self, _one: str, _many: str, _count: int) -> str:
        """Say a sentence about several."""
        return "Choose among these."


class BackrowForm(Form):
    """A form whose errors are sentences; unknown fields are ignored, as browsers may add some."""

    class Meta(DefaultMeta):
        """How the form speaks."""

        def get_translations(self, form: BaseForm) -> _OurWords:
            """Speak as we do, whichever form it is."""
            del form
            return _OurWords()

    def problems(self) -> dict[str, str]:
        """Give one sentence a field that needs mending, by the field's name: the last, which is a field's own."""
        return {name: str(list(errors)[-1]) for name, errors in self.errors.items() if name}


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


_HOW_A_DAY_IS_TYPED = "Type a day, a month and a year, like 31 7 2026."


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
        # A leap year stands in for a missing one: 31 2 is no day, whichever year is meant.
        year, month, day = (int(piece or stand_in) for piece, stand_in in zip(pieces, ("2000", "", ""), strict=True))
    except ValueError as error:
        raise ValueError(_HOW_A_DAY_IS_TYPED) from error
    try:
        found = date(year, month, day)
    except ValueError as error:
        raise ValueError("There is no such day. Look at the calendar once more.") from error
    if not pieces[0]:
        raise ValueError(_HOW_A_DAY_IS_TYPED)
    return found
