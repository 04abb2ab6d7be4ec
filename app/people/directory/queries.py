"""Reading who is in the alliance, and which invitations wait."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.authz import Action, Actor, Permit, allowed
from app.people.accounts.models import Account, AccountState, Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.conditions import live
from app.people.memberships.models import Invitation, Membership, Role


@dataclass(frozen=True)
class Belonging:
    """One person's time at one school."""

    membership_id: UUID
    school_id: UUID
    school: str
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Listed:
    """Somebody in the directory: name and schools, no more."""

    person_id: UUID
    name: str
    suspended: bool
    schools: list[Belonging] = field(default_factory=list)


@dataclass(frozen=True)
class Pending:
    """An invitation as its sender sees it."""

    id: UUID
    name: str
    email: str
    school: str
    state: str


def directory(session: Session, permit: Permit[Alliance]) -> list[Listed]:
    """List the alliance's staff with their schools, by name; pupils and people who left are absent."""
    alliance = permit.for_(Action.DIRECTORY_READ)
    rows = session.execute(
        select(Person.id, Person.name, Account.state, Membership.id, School.id, School.name, Membership.roles)
        .join(Account, Account.id == Person.account_id)
        .join(Membership, Membership.person_id == Person.id)
        .join(School, School.id == Membership.school_id)
        .where(
            Person.alliance_id == alliance.id,
            Account.state != AccountState.ENDED.value,
            Membership.roles != [Role.PUPIL.value],
            live(Membership),
        )
        .order_by(Person.name, Person.id, School.name)
    )
    found: dict[UUID, Listed] = {}
    for person_id, name, state, membership_id, school_id, school, roles in rows:
        listed = found.setdefault(person_id, Listed(person_id, name, state == AccountState.SUSPENDED.value))
        listed.schools.append(Belonging(membership_id, school_id, school, tuple(Role(role) for role in roles)))
    return list(found.values())


def managed_schools(session: Session, actor: Actor) -> list[School]:
    """List the schools whose people this person looks after."""
    return list(
        session.scalars(
            allowed(actor, Action.PERSON_MANAGE, School).where(School.closed_at.is_(None)).order_by(School.name)
        )
    )


def pending(session: Session, actor: Actor) -> list[Pending]:
    """List the invitations of one's schools that nobody has answered, newest first."""
    waiting = (
        allowed(actor, Action.PERSON_MANAGE, Invitation)
        .where(Invitation.spent_at.is_(None), Invitation.ended_at.is_(None))
        .order_by(Invitation.created_at.desc(), Invitation.id)
    )
    invitations = session.scalars(waiting).all()
    ran_out = set(
        session.scalars(
            select(Invitation.id).where(
                Invitation.id.in_([each.id for each in invitations]), Invitation.expires_at <= clock.now()
            )
        )
    )
    named = select(School.id, School.name).where(School.id.in_({each.school_id for each in invitations}))
    names = {row.id: row.name for row in session.execute(named)}
    return [
        Pending(
            each.id,
            each.name,
            each.email,
            names[each.school_id],
            "has run out" if each.id in ran_out else "waits for an answer",
        )
        for each in invitations
    ]
