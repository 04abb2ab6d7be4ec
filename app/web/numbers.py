"""Whole numbers as requests send them: versions, milliseconds, ids of events."""

from typing import Final

from werkzeug.routing import IntegerConverter

#: Enough for any version and for any moment of a lesson in milliseconds, and the database's integers hold it.
MOST_DIGITS: Final = 9


def whole(sent: str, *, most_digits: int = MOST_DIGITS) -> int | None:
    """Read a whole number that isn't below nought; nothing where it is none, or has more digits than any of ours."""
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) <= most_digits else None


class WholeNumber(IntegerConverter):
    """A number in an address (`<int:…>`); with more digits than any of ours, there is no such address."""

    regex = rf"[0-9]{{1,{MOST_DIGITS}}}"


def version_seen(sent: str) -> int:
    """Read the version that somebody saw; what is none is -1, a version that never was: it will be found stale."""
    number = whole(sent)
    return -1 if number is None else number
