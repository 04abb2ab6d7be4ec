"""Reading projects: whose they are, who takes part, and who may be asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.projects.models import Participant, Project
from app.authz import Action, Actor, allowed
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Membership


@dataclass(frozen=True, kw_only=True)
class Named:
    """A person as colleagues know them: the name, and the school beside it."""

    person_id: UUID
    name: str
    school: str

    @property
    def words(self) -> str:
        """Say who it is: `Amina Khan (Hillside)`."""
        return f"{self.name} ({self.school})" if self.school else self.name


@dataclass(frozen=True, kw_only=True)
class Member:
    """Somebody who takes part in a project."""

    who: Named
    capacity: str
    joined_at: datetime | None


def lock_project(session: Session, project_id: UUID) -> None:
    """Make everything else that changes this project's agreement wait until this transaction ends.

    What was loaded before is read again: of two at the same moment, the second sees what the first has done. Taken
    before any audit row is written, since those wait for each other too.
    """
    session.flush()
    session.execute(select(Project.id).where(Project.id == project_id).with_for_update(key_share=True))
    session.expire_all()


def names_of(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, Named]:
    """Give names and schools, in one query."""
    live = and_(
        Membership.person_id == Person.id,
        Membership.from_at <= clock.now(),
        or_(Membership.until_at.is_(None), clock.now() < Membership.until_at),
    )
    schools = func.string_agg(School.name.distinct(), " and ")
    rows = session.execute(
        select(Person.id, Person.name, schools)
        .outerjoin(Membership, live)
        .outerjoin(School, School.id == Membership.school_id)
        .where(Person.id.in_(person_ids))
        .group_by(Person.id, Person.name)
    )
    return {row[0]: Named(person_id=row[0], name=row[1], school=row[2] or "") for row in rows}


def members_of(session: Session, project_ids: Sequence[UUID]) -> dict[UUID, list[Member]]:
    """List who takes part in each project now, in the order of joining; who hasn't answered yet comes last."""
    rows = session.scalars(
        select(Participant)
        .where(Participant.project_id.in_(project_ids), Participant.left_at.is_(None))
        .order_by(Participant.joined_at.asc().nulls_last(), Participant.id)
    ).all()
    known = names_of(session, [row.person_id for row in rows])
    found: dict[UUID, list[Member]] = {project_id: [] for project_id in project_ids}
    for row in rows:
        found[row.project_id].append(Member(who=known[row.person_id], capacity=row.capacity, joined_at=row.joined_at))
    return found


def members(session: Session, project_id: UUID) -> list[Member]:
    """List who takes part in one project now."""
    return members_of(session, [project_id])[project_id]


def projects(session: Session, actor: Actor) -> list[Project]:
    """List the projects that this person takes part in, newest first."""
    return list(session.scalars(allowed(actor, Action.PROJECT_READ, Project).order_by(Project.opened_at.desc())))


def askable(session: Session, actor: Actor) -> list[Named]:
    """List the colleagues who may be asked into a project: other schools first, then by school and name."""
    found = session.scalars(allowed(actor, Action.DIRECTORY_READ, Person))
    known = names_of(session, [person.id for person in found])
    own = known[actor.person_id].school if actor.person_id in known else ""
    others = [named for named in known.values() if named.person_id != actor.person_id]
    return sorted(others, key=lambda named: (named.school == own, named.school, named.name))


def zone_of(session: Session, alliance_id: UUID) -> str:
    """Give the alliance's time zone."""
    return session.scalars(select(Alliance.time_zone).where(Alliance.id == alliance_id)).one()


def this_moment(session: Session) -> datetime:
    """Ask the database what time it is."""
    return session.scalars(select(clock.now())).one()
