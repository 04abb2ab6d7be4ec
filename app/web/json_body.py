"""Reading JSON bodies strictly: an unknown field, or one of another kind, is said at the field."""

from datetime import UTC, date, datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import request

from app.errors import Invalid

Value = TypeVar("Value")


class Body:
    """One request's JSON object; `done` must be called when all expected fields are read."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self._fields, self._read = fields, set[str]()

    @classmethod
    def of_request(cls) -> "Body":
        """Read the request's body.

        Raises:
            Invalid: it is not a JSON object (`not_json`).
        """
        try:
            sent = request.get_json(silent=True)
        except RecursionError:  # brackets within brackets, deeper than any reader follows
            sent = None
        if not isinstance(sent, dict):
            raise Invalid("not_json", "Send a JSON object.")
        return cls(sent)

    def take(self, name: str, kind: type[Value], *, needed: bool = True) -> Value | None:
        """Take one field of a kind; `None` only where it isn't needed.

        Raises:
            Invalid: it is missing or of another kind.
        """
        self._read.add(name)
        value = self._fields.get(name)
        if value is None:
            if needed:
                raise Invalid("field_missing", "Something is missing.", fields={name: "This is needed."})
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise Invalid("field_kind", "Something isn't as it should be.", fields={name: "This is of another kind."})
        return value

    def text(self, name: str, *, default: str | None = None) -> str:
        """Take a text, trimmed."""
        value = self.take(name, str, needed=default is None)
        return (value if value is not None else default or "").replace("\r\n", "\n").strip()

    def number(self, name: str) -> int:
        """Take a whole number."""
        value = self.take(name, int)
        return value if value is not None else 0

    def number_or_none(self, name: str) -> int | None:
        """Take a whole number that may be missing."""
        return self.take(name, int, needed=False)

    def uuid_or_none(self, name: str) -> UUID | None:
        """Take an id that may be missing."""
        value = self.take(name, str, needed=False)
        return None if value is None else self._parsed(name, value, UUID)

    def date_or_none(self, name: str) -> date | None:
        """Take a date (YYYY-MM-DD) that may be missing."""
        value = self.take(name, str, needed=False)
        return None if value is None else self._parsed(name, value, date.fromisoformat)

    def moment_or_none(self, name: str) -> datetime | None:
        """Take an instant (RFC 3339) that may be missing."""
        value = self.take(name, str, needed=False)
        return None if value is None else self._parsed(name, value, _moment)

    def done(self) -> None:
        """Refuse fields that nobody asked for.

        Raises:
            Invalid: names them.
        """
        unknown = set(self._fields) - self._read
        if unknown:
            raise Invalid(
                "field_unknown", "There is a field too many.", fields=dict.fromkeys(sorted(unknown), "Not known here.")
            )

    @staticmethod
    def _parsed(name: str, value: str, parse: Any) -> Any:  # noqa: ANN401 - whatever `parse` makes
        try:
            return parse(value)
        except (ValueError, OverflowError) as error:
            raise Invalid(
                "field_kind", "Something isn't as it should be.", fields={name: "This can't be read."}
            ) from error


def _moment(value: str) -> datetime:
    """Read an instant; at the calendar's very ends, one of another zone may have no moment in ours."""
    read = datetime.fromisoformat(value)
    return read if read.tzinfo is None else read.astimezone(UTC)
