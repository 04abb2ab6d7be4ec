"""Alliances and their schools."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID
from zoneinfo import available_timezones

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict, Invalid, NotFound
from app.people.alliances.models import Alliance, School
from app.people.words import Together, check_name

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


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an alliance and its schools are called, and its word for new teachers."""

    alliance: str
    new_teacher_word: str
    schools: Mapping[UUID, str]


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


def change_words(session: Session, permit: Permit[Alliance], *, words: Words) -> Alliance:
    """Call the alliance, its schools and its new teachers as their people do.

    The time zone stays: days that were signed end by it, and would be told as other days in another one.

    Raises:
        Invalid: everything that is to be mended; two schools can't have one name.
        NotFound: one of the schools is none of this alliance.
    """
    alliance = permit.for_(Action.SCHOOL_ADD)
    session.refresh(alliance, with_for_update=True)  # of two at the same moment, the second sees the first one's names
    schools = {school.id: school for school in session.scalars(select(School).where(School.alliance_id == alliance.id))}
    if not words.schools.keys() <= schools.keys():
        raise NotFound
    together = Together()
    name = together.check(check_name, words.alliance, field="alliance", what="the alliance's name") or ""
    word = together.check(check_word, words.new_teacher_word) or ""
    names = {
        school_id: together.check(check_name, typed, field=f"school-{school_id}", what="the school's name") or ""
        for school_id, typed in words.schools.items()
    }
    together.check(_refuse_twins, {school.id: school.name for school in schools.values()} | names, changed=set(names))
    together.end()
    if (alliance.name, alliance.new_teacher_word) != (name, word):
        alliance.name, alliance.new_teacher_word = name, word
        record(session, permit, "alliance_renamed", about=alliance)
    for school_id, new in names.items():
        if schools[school_id].name != new:
            schools[school_id].name = new
            record(session, permit, "school_renamed", about=schools[school_id])
    session.flush()
    return alliance


def _refuse_twins(names: Mapping[UUID, str], *, changed: set[UUID]) -> None:
    often = Counter(name.lower() for name in names.values() if name)
    fields = {
        f"school-{school_id}": f"Another school of your alliance is called {name}."
        for school_id, name in names.items()
        if school_id in changed and often[name.lower()] > 1
    }
    if fields:
        raise Invalid("not_typed_right", " ".join(fields.values()), fields=fields)


def check_zone(zone: str) -> str:
    """Give a time zone that is known.

    Raises:
        Invalid: it isn't one.
    """
    if zone.strip() not in known_zones():
        say = "A time zone looks like Europe/London: a continent, a slash, and a large city near you."
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
