"""The short conditions about people that every other policy is built from (`here`, `unlocked`, `member`)."""

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import aliased

from app import clock
from app.authz import Id, Who, there_is
from app.people.accounts.models import Account, AccountState, Person
from app.people.guests.models import GuestLink
from app.people.memberships.conditions import live
from app.people.memberships.models import Membership, Role


def active(who: Who) -> ColumnElement[bool]:
    """Hold while the person's account is neither suspended nor ended."""
    person, account = aliased(Person), aliased(Account)
    return there_is(person, account).where(
        person.id == who, account.id == person.account_id, account.state == AccountState.ACTIVE
    )


def unlocked(who: Who) -> ColumnElement[bool]:
    """Hold unless content is locked for a while, as it is after an address was changed."""
    person, account = aliased(Person), aliased(Account)
    return there_is(person, account).where(
        person.id == who,
        account.id == person.account_id,
        or_(account.content_locked_until.is_(None), account.content_locked_until <= clock.now()),
    )


def member(who: Who, school_id: Id) -> ColumnElement[bool]:
    """Hold while the person belongs to this school."""
    membership = aliased(Membership)
    return there_is(membership).where(membership.person_id == who, membership.school_id == school_id, live(membership))


def member_of_alliance(who: Who, alliance_id: Id) -> ColumnElement[bool]:
    """Hold while the person belongs to any school of the alliance."""
    membership = aliased(Membership)
    return there_is(membership).where(
        membership.person_id == who, membership.alliance_id == alliance_id, live(membership)
    )


def guest_of(who: Who, project_id: Id) -> ColumnElement[bool]:
    """Hold while the person is a guest of exactly this project."""
    link = aliased(GuestLink)
    return there_is(link).where(
        link.person_id == who,
        link.project_id == project_id,
        link.ended_at.is_(None),
        link.until_at > clock.now(),
    )


def here(who: Who, alliance_id: Id, project_id: Id | None = None) -> ColumnElement[bool]:
    """Hold for an active account of a living member of the alliance, or of a living guest of this project."""
    belongs = member_of_alliance(who, alliance_id)
    if project_id is not None:
        belongs = or_(belongs, guest_of(who, project_id))
    return and_(active(who), belongs)


def staff(who: Who, alliance_id: Id, *, school_id: Id | None = None) -> ColumnElement[bool]:
    """Hold for a living member of the alliance (or of this school) who is not there as a pupil alone."""
    membership = aliased(Membership)
    where = [
        membership.person_id == who,
        membership.alliance_id == alliance_id,
        live(membership),
        or_(~membership.roles.has_key(Role.PUPIL.value), func.jsonb_array_length(membership.roles) > 1),
    ]
    if school_id is not None:
        where.append(membership.school_id == school_id)
    return there_is(membership).where(*where)


def has_role(who: Who, role: Role, *, school_id: Id | None = None) -> ColumnElement[bool]:
    """Hold for a living member with this role, at this school or at any. Never part of a rule about content."""
    membership = aliased(Membership)
    where = [membership.person_id == who, live(membership), membership.roles.has_key(role.value)]
    if school_id is not None:
        where.append(membership.school_id == school_id)
    return there_is(membership).where(*where)
