"""Joining: what follows when somebody opens an invitation and says yes."""

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.audit import record_rule
from app.errors import Invalid
from app.people.accounts import passwords
from app.people.accounts.models import Account, AccountState, Person
from app.people.accounts.service import find_account
from app.people.alliances.models import Alliance, School
from app.people.directory.service import InvitationGone, is_open, moment
from app.people.memberships.models import Invitation, Membership
from app.people.words import check_name


@dataclass(frozen=True)
class Opened:
    """What the page behind an invitation's link says."""

    invitation: Invitation
    school: School
    alliance: Alliance
    inviter: str
    has_account: bool


def open_invitation(session: Session, token: str) -> Opened:
    """Read an invitation by its link; looking changes nothing.

    Raises:
        InvitationGone: it was used, ended, ran out, or never was.
    """
    row = session.execute(
        select(Invitation, School, Alliance, Person.name)
        .join(School, School.id == Invitation.school_id)
        .join(Alliance, Alliance.id == Invitation.alliance_id)
        .join(Person, Person.id == Invitation.invited_by)
        .where(Invitation.secret_hash == ids.token_hash(token), *is_open())
    ).one_or_none()
    if row is None:
        raise InvitationGone
    has_account = find_account(session, row[0].email) is not None
    return Opened(invitation=row[0], school=row[1], alliance=row[2], inviter=row[3], has_account=has_account)


def accept_invitation(session: Session, *, token: str, name: str, password: str) -> Membership:
    """Say yes to an invitation: once, in one statement; makes the account where the address has none.

    An address with an account must prove itself by its password, so that a link passed on joins nobody else.

    Raises:
        InvitationGone: it was used, ended, ran out, or never was.
        Invalid: the name, or the password; the link still works.
    """
    invitation = session.scalar(
        update(Invitation)
        .where(Invitation.secret_hash == ids.token_hash(token), *is_open())
        .values(spent_at=clock.now())
        .returning(Invitation)
    )
    if invitation is None:
        raise InvitationGone
    account = _account(session, invitation, password)
    person = _person(session, invitation, account, check_name(name, field="name"))
    membership = _membership(session, invitation, person)
    record_rule(
        session,
        "joined",
        rule="invitation",
        thing_kind="membership",
        thing_id=membership.id,
        alliance_id=membership.alliance_id,
        actor_id=person.id,
    )
    return membership


def _account(session: Session, invitation: Invitation, password: str) -> Account:
    # Two invitations of one address, used at the same moment, meet here: the second finds the first one's account.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"account {invitation.email}", 0))))
    account = find_account(session, invitation.email)
    if account is None:
        passwords.refuse_weak(password, email=invitation.email)
        account = Account(email=invitation.email, password_hash=passwords.hash_password(password))
        session.add(account)
        session.flush()
        return account
    if not passwords.matches(password, account.password_hash) or account.state == AccountState.SUSPENDED.value:
        say = "That isn't the password of the account with this address."
        raise Invalid("password_wrong", say, fields={"password": say})
    account.state, account.ended_at = AccountState.ACTIVE.value, None
    return account


def _person(session: Session, invitation: Invitation, account: Account, name: str) -> Person:
    person = session.scalar(
        select(Person).where(Person.account_id == account.id, Person.alliance_id == invitation.alliance_id)
    )
    if person is None:
        person = Person(alliance_id=invitation.alliance_id, account_id=account.id, name=name)
        session.add(person)
        session.flush()
    return person


def _membership(session: Session, invitation: Invitation, person: Person) -> Membership:
    """Make the membership, or begin one afresh that had ended."""
    there = session.scalar(
        select(Membership)
        .where(Membership.person_id == person.id, Membership.school_id == invitation.school_id)
        .with_for_update()
    )
    if there is not None:
        there.roles, there.from_at, there.until_at = invitation.roles, moment(session), None
        session.flush()
        return there
    made = Membership(
        alliance_id=invitation.alliance_id,
        person_id=person.id,
        school_id=invitation.school_id,
        roles=invitation.roles,
    )
    session.add(made)
    session.flush()
    return made
