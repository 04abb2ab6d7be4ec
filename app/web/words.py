"""How dates, times and sizes are said on a page."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from flask_login import current_user

from video.timecode import clock_face


def zone() -> ZoneInfo:
    """Give the zone of the alliance that the reader is in."""
    return ZoneInfo(current_user.time_zone if current_user.is_authenticated else "Europe/London")


def day(moment: datetime | date | None) -> str:
    """Say a day: `12 March 2026`; the year is left out in this one."""
    if moment is None:
        return ""
    local = moment.astimezone(zone()).date() if isinstance(moment, datetime) else moment
    year = "" if local.year == datetime.now(UTC).year else f" {local.year}"
    return f"{local.day} {local:%B}{year}"


def last_day(moment: datetime | None) -> str:
    """Say the last day before an instant: something that ends as 1 August begins is kept until 31 July."""
    if moment is None:
        return ""
    local = moment.astimezone(zone())
    before = date.fromordinal(local.date().toordinal() - (1 if (local.hour, local.minute) == (0, 0) else 0))
    year = "" if before.year == datetime.now(UTC).year else f" {before.year}"
    return f"{before.day} {before:%B}{year}"


def moment(instant: datetime | None) -> str:
    """Say a moment: `12 March, 16:02`."""
    return "" if instant is None else f"{day(instant)}, {instant.astimezone(zone()):%H:%M}"


def size(size_bytes: int) -> str:
    """Say a size as people read it: `740 MB`."""
    amount = float(size_bytes)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":  # noqa: PLR2004 - decimal units, as shops and phones count
            return f"{amount:.0f} {unit}" if unit in ("bytes", "kB", "MB") else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} GB"


def names(people: list[str]) -> str:
    """Say a list of names: `Amina, Tom and Priya`."""
    if len(people) <= 1:
        return "".join(people)
    return f"{', '.join(people[:-1])} and {people[-1]}"


def instant(moment: datetime) -> str:
    """Say an instant as RFC 3339, in UTC, to the millisecond: for programs."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def install(app: Flask) -> None:
    """Make the filters known to the templates."""
    filters = {"day": day, "last_day": last_day, "moment": moment, "size": size, "names": names, "face": clock_face}
    app.jinja_env.filters.update(filters)
