"""What time it is: the database's word, so that no machine's own clock decides who may watch."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import DateTime
from sqlalchemy.sql import func
from sqlalchemy.sql.functions import Function


def now() -> Function[datetime]:
    """Give the SQL expression for this moment; the tests' database, and no other, can move it."""
    return func.backrow_now(type_=DateTime(timezone=True))


def machine_now() -> datetime:
    """Give this machine's own time, for stamps that decide nothing."""
    return datetime.now(UTC)


def end_of_day(day: date, zone: str) -> datetime:
    """Give the instant at which the next day begins in `zone`: a date that a person picks includes that day."""
    day = min(day, date.max - timedelta(days=1))  # the calendar's very last day has no next one
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=ZoneInfo(zone)).astimezone(UTC)
