"""What a teacher types about a recording."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from werkzeug.datastructures import MultiDict

from app.web.forms import three_part_date


@dataclass(frozen=True)
class KeepForm:
    """Until which day a recording is kept."""

    delete_on: date | None
    problem: str | None

    @classmethod
    def sent(cls, fields: MultiDict[str, Any]) -> Self:
        """Read the form."""
        try:
            return cls(three_part_date(fields, "delete_on"), None)
        except ValueError as error:
            return cls(None, str(error))
