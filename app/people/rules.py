"""Who may look after schools and people: never content, never passwords."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased

from app.authz import Action, Clause, Id, Who, condition, policy, there_is
from app.people.accounts.models import Account, Device, Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.conditions import live
from app.people.memberships.models import Invitation, Membership, Role
from app.people.policy import active, has_role, staff


@policy(School, Action.SCHOOL_MANAGE, Action.PERSON_MANAGE)
def manage(who: Who) -> Iterator[Clause]:
    """Say who may invite to a school and end memberships: its administrator, or the alliance's."""
    yield Clause(
        "school_administrator",
        and_(active(who), has_role(who, Role.SCHOOL_ADMINISTRATOR, school_id=School.id)),
        "You administer this school.",
    )
    yield Clause("alliance_administrator", _administers(who, School.alliance_id), "You administer this alliance.")


@policy(Invitation, Action.PERSON_MANAGE)
def manage_invitation(who: Who) -> Iterator[Clause]:
    """Say who may send an invitation again, or end it: whoever may invite to that school."""
    managed = condition(who, Action.PERSON_MANAGE, School)
    yield Clause(
        "administrator",
        there_is(School).where(School.id == Invitation.school_id, managed),
        "You administer this school.",
    )


@policy(Membership, Action.PERSON_MANAGE)
def manage_membership(who: Who) -> Iterator[Clause]:
    """Say who may change what somebody does at a school, or end it: whoever may invite to that school."""
    managed = condition(who, Action.PERSON_MANAGE, School)
    yield Clause(
        "administrator",
        there_is(School).where(School.id == Membership.school_id, managed),
        "You administer this school.",
    )


@policy(Person, Action.PERSON_MANAGE)
def manage_person(who: Who) -> Iterator[Clause]:
    """Say who may stop somebody's account: the alliance's administrator, or that of the only school they are at."""
    theirs, elsewhere = aliased(Membership), aliased(Membership)
    yield Clause(
        "school_administrator",
        and_(
            active(who),
            there_is(theirs).where(theirs.person_id == Person.id, live(theirs)),
            ~there_is(elsewhere).where(
                elsewhere.person_id == Person.id,
                live(elsewhere),
                ~has_role(who, Role.SCHOOL_ADMINISTRATOR, school_id=elsewhere.school_id),
            ),
        ),
        "You administer their school.",
    )
    yield Clause("alliance_administrator", _administers(who, Person.alliance_id), "You administer this alliance.")


@policy(School, Action.SCHOOL_READ, Action.OBJECTION_RECORD)
def read_school(who: Who) -> Iterator[Clause]:
    """Say who sees a school's own page, and may record an objection for a family: its staff."""
    at_this_school = staff(who, School.alliance_id, school_id=School.id)
    yield Clause("school_staff", and_(active(who), at_this_school), "You work at this school.")


@policy(Alliance, Action.SCHOOL_ADD)
def add_school(who: Who) -> Iterator[Clause]:
    """Say who may add a school: an administrator of the alliance."""
    yield Clause("alliance_administrator", _administers(who, Alliance.id), "You administer this alliance.")


@policy(Alliance, Action.DIRECTORY_READ)
def directory(who: Who) -> Iterator[Clause]:
    """Say who may see the alliance's people and schools: its staff."""
    yield Clause("directory_staff", and_(active(who), staff(who, Alliance.id)), "You work in this alliance.")


@policy(Person, Action.PERSON_READ)
def read_person(who: Who) -> Iterator[Clause]:
    """Say who may see a person's memberships: they themselves, and the administrators of their schools."""
    theirs = aliased(Membership)
    yield Clause("oneself", Person.id == who, "It is you.")
    yield Clause(
        "school_administrator",
        there_is(theirs).where(
            theirs.person_id == Person.id,
            or_(
                and_(active(who), has_role(who, Role.SCHOOL_ADMINISTRATOR, school_id=theirs.school_id)),
                _administers(who, theirs.alliance_id),
            ),
        ),
        "You administer their school.",
    )


@policy(Device, Action.DEVICE_END)
def end_device(who: Who) -> Iterator[Clause]:
    """Say who may end a signed-in device: whoever's it is."""
    person = aliased(Person)
    yield Clause(
        "own_device", there_is(person).where(person.id == who, person.account_id == Device.account_id), "It is yours."
    )


@policy(Account, Action.ACCOUNT_OWN)
def own_account(who: Who) -> Iterator[Clause]:
    """Say whose account it is."""
    person = aliased(Person)
    yield Clause(
        "own_account",
        and_(there_is(person).where(person.id == who, person.account_id == Account.id), active(who)),
        "It is yours.",
    )


def _administers(who: Who, alliance_id: Id) -> ColumnElement[bool]:
    membership = aliased(Membership)
    return and_(
        active(who),
        there_is(membership).where(
            membership.person_id == who,
            membership.alliance_id == alliance_id,
            live(membership),
            membership.roles.has_key(Role.ALLIANCE_ADMINISTRATOR.value),
        ),
    )
