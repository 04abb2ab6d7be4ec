"""A day in a form, typed as day, month and year."""

from typing import Any

from wtforms import Field
from wtforms.utils import unset_value

from app.web.forms import three_part_date


class DayField(Field):
    """A day, typed as day, month and year in three boxes; `shown` is what the boxes hold."""

    def __init__(self, label: str, *, needed: bool = True, **options: Any) -> None:  # noqa: ANN401 - of any field
        super().__init__(label, **options)
        self.needed = needed
        self.shown: Any = None

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:  # noqa: ANN401 - as of any field
        """Read the three boxes, or take what is there already."""
        self.process_errors: list[str] = []
        self.data = None if data is unset_value else data
        self.shown = self.data
        if not formdata:
            return
        self.shown = {part: formdata.get(f"{self.name}-{part}", "") for part in ("day", "month", "year")}
        try:
            self.data = three_part_date(formdata, self.name)
        except ValueError as error:
            self.data = None
            self.process_errors.append(str(error))
        for mend in extra_filters or ():
            self.data = mend(self.data)
        if self.data is None and self.needed and not self.process_errors:
            self.process_errors.append("Type a day, a month and a year.")
