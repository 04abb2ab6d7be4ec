"""Who will be able to watch under a version, by name, why, and until when: the sentence beside every button."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app.agreements.projects.queries import names_of, this_moment, zone_of
from app.agreements.protocols.models import ProtocolVersion, RosterEntry
from app.agreements.protocols.policy import live_entry, names

NOBODY_ELSE = "Nobody else, not even heads or administrators."


@dataclass(frozen=True, kw_only=True)
class Watcher:
    """Somebody who may watch: who, by which clause, and until which instant."""

    person_id: UUID
    name: str
    school: str
    clause: str
    until_at: datetime

    @property
    def words(self) -> str:
        """Say who it is: `Amina Khan (Hillside)`."""
        return f"{self.name} ({self.school})" if self.school else self.name


def audience_of_version(
    session: Session, version: ProtocolVersion, owner_id: UUID, *, once_all_have_signed: bool = False
) -> list[Watcher]:
    """List who may watch the lessons of one owner under a version, by the policy's own condition run in reverse.

    `once_all_have_signed` also counts those who are named and haven't signed yet: whom one signs for.
    """
    who, version_id = RosterEntry.person_id, literal(version.id)
    named = live_entry(who, version_id, watches=True) if once_all_have_signed else names(who, version_id)
    person_ids = session.scalars(
        select(RosterEntry.person_id).where(
            RosterEntry.version_id == version.id, RosterEntry.person_id != owner_id, named
        )
    ).all()
    if once_all_have_signed and version.until_at <= this_moment(session):
        return []
    watchers = [
        Watcher(
            person_id=person.person_id,
            name=person.name,
            school=person.school,
            clause=f"named in protocol v{version.number}",
            until_at=version.until_at,
        )
        for person in names_of(session, person_ids).values()
    ]
    return sorted(watchers, key=lambda watcher: (watcher.name, watcher.person_id))


def sentence(session: Session, version: ProtocolVersion, watchers: list[Watcher]) -> str:
    """Say the audience in one sentence: names and schools, the version, the last day."""
    if not watchers:
        return f"Nobody but you can watch this. {NOBODY_ELSE}"
    ends = min(watcher.until_at for watcher in watchers)
    last = last_day(ends, session=session, alliance_id=version.alliance_id)
    people = listed([watcher.words for watcher in watchers])
    return f"{people} can watch this, as protocol v{version.number} names them, until {last}. {NOBODY_ELSE}"


def listed(words: list[str]) -> str:
    """Say a list: `Amina, Tom and Priya`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def last_day(until_at: datetime, *, session: Session, alliance_id: UUID) -> str:
    """Say the last whole day before an instant, in the alliance's zone: `31 July`, with the year if it is another."""
    return said_day(until_at, zone=zone_of(session, alliance_id), now=this_moment(session))


def said_day(until_at: datetime, *, zone: str, now: datetime) -> str:
    """Say the last whole day before an instant, in a zone."""
    place = ZoneInfo(zone)
    day = (until_at - timedelta(microseconds=1)).astimezone(place)
    year = "" if day.year == now.astimezone(place).year else f" {day.year}"
    return f"{day.day} {day:%B}{year}"
