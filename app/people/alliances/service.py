"""Alliances and their schools."""

from functools import lru_cache
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict, Invalid
from app.people.alliances.models import Alliance, School
from app.people.words import check_name

#: Offered first; any other zone of the world may be typed.
COMMON_ZONES = (
    "Europe/London",
    "Europe/Dublin",
    "Europe/Jersey",
    "Europe/Guernsey",
    "Europe/Isle_of_Man",
    "Europe/Gibraltar",
    "Europe/Berlin",
    "Europe/Paris",
    "Europe/Madrid",
    "Asia/Dubai",
    "Asia/Singapore",
    "Australia/Sydney",
    "America/New_York",
    "UTC",
)
_LONGEST_WORD = 20


def add_school(session: Session, permit: Permit[Alliance], *, name: str) -> School:
    """Add a school to the alliance.

    Raises:
        Invalid: the name is empty or very long.
        Conflict: a school of that name is there already (`school_there`).
    """
    alliance = permit.for_(Action.SCHOOL_ADD)
    clean = check_name(name, field="name", what="the school's name")
    there = select(School.id).where(School.alliance_id == alliance.id, func.lower(School.name) == clean.lower())
    if session.scalar(there) is not None:
        say = f"{clean} is in your alliance already."
        raise Conflict("school_there", say, fields={"name": say})
    school = School(alliance_id=alliance.id, name=clean)
    session.add(school)
    session.flush()
    record(session, permit, "school_added", about=school)
    return school


def check_zone(zone: str) -> str:
    """Give a time zone that is known.

    Raises:
        Invalid: it isn't one.
    """
    if zone.strip() not in known_zones():
        say = "A time zone looks like Europe/London: continent, stroke, city."
        raise Invalid("zone_unknown", say, fields={"time_zone": say})
    return zone.strip()


def check_word(word: str) -> str:
    """Give the word by which the alliance calls new teachers.

    Raises:
        Invalid: it is empty or long.
    """
    clean = " ".join(word.split())
    if not clean or len(clean) > _LONGEST_WORD or not clean.isprintable():
        say = f"Type a short word, like ECT or NQT, of at most {_LONGEST_WORD} characters."
        raise Invalid("word_not_right", say, fields={"new_teacher_word": say})
    return clean


@lru_cache(maxsize=1)
def known_zones() -> frozenset[str]:
    """List the zones of the world."""
    return frozenset(available_timezones())
