"""Inviting people, and what follows when somebody says yes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.audit import record, record_rule
from app.authz import Action, Permit, may
from app.errors import Conflict, Gone, Invalid, NotFound
from app.notify.service import send_later
from app.people.accounts import passwords
from app.people.accounts.models import Account, AccountState, Person
from app.people.accounts.service import find_account
from app.people.accounts.words import check_email, check_name
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Invitation, Membership, Role

#: An invitation waits for a week.
LASTS = timedelta(days=7)
#: What an invitation may be for. Guests come by a link of their project, pupils by their school's own list.
OFFERED: Final = tuple(role for role in Role if role is not Role.PUPIL)
#: Roles for the whole alliance: only who administers it gives them.
_FOR_THE_ALLIANCE = frozenset({Role.ALLIANCE_ADMINISTRATOR, Role.ALLIANCE_LEAD})


@dataclass(frozen=True, kw_only=True)
class InvitationDraft:
    """Whom somebody invites, and as what."""

    name: str
    email: str
    roles: tuple[Role, ...] = (Role.TEACHER,)


@dataclass(frozen=True)
class Invited:
    """An invitation and its link, which is shown once and kept as its hash only."""

    invitation: Invitation
    token: str = field(repr=False)
    link: str = field(repr=False)


class InvitationGone(Gone):
    """The invitation was used already, ended, ran out, or never was: one answer for all."""

    def __init__(self) -> None:
        super().__init__(
            "invitation_gone",
            "This invitation has been used already, or has run out. Ask whoever sent it for a new one.",
        )


def invite(session: Session, permit: Permit[School], *, draft: InvitationDraft, public_url: str) -> Invited:
    """Invite somebody to a school: a letter with a link that works once, within a week, when they press the button.

    Raises:
        Invalid: something that was typed is to be mended, or a role isn't this person's to give.
        Conflict: they belong to this school already (`member_already`).
    """
    school = permit.for_(Action.PERSON_MANAGE)
    name, email = check_name(draft.name, field="name", what="their name"), check_email(draft.email, field="email")
    _may_give(session, permit, draft.roles)
    if school.closed_at is not None:
        raise Conflict("school_closed", "This school is closed. Choose another.")
    if _belongs(session, school, email):
        say = f"{name} belongs to {school.name} already."
        raise Conflict("member_already", say, fields={"email": say})
    secret = ids.token()
    invitation = Invitation(
        alliance_id=school.alliance_id,
        school_id=school.id,
        invited_by=permit.actor.person_id,
        email=email,
        name=name,
        roles=[role.value for role in dict.fromkeys(draft.roles)],
        secret_hash=ids.token_hash(secret),
        expires_at=_in_a_week(session),
    )
    # A newer invitation of the same person stands in for the older one.
    session.execute(
        update(Invitation)
        .where(Invitation.school_id == school.id, Invitation.email == email, *_open())
        .values(ended_at=clock.now())
    )
    session.add(invitation)
    session.flush()
    record(session, permit, "invited", about=invitation)
    return _send(session, school, invitation, secret, public_url)


def resend(session: Session, permit: Permit[School], invitation: Invitation, *, public_url: str) -> Invited:
    """Send an invitation again, with a new link and another week; the old link is worth nothing.

    Raises:
        NotFound: it isn't this school's.
        InvitationGone: it was used or ended.
    """
    school = permit.for_(Action.PERSON_MANAGE)
    _of_school(session, school, invitation)
    secret = ids.token()
    invitation.secret_hash, invitation.expires_at = ids.token_hash(secret), _in_a_week(session)
    session.flush()
    record(session, permit, "invitation_resent", about=invitation)
    return _send(session, school, invitation, secret, public_url)


def end_invitation(session: Session, permit: Permit[School], invitation: Invitation) -> None:
    """End an invitation that nobody has used; its link stops working.

    Raises:
        NotFound: it isn't this school's.
        InvitationGone: it was used or ended.
    """
    school = permit.for_(Action.PERSON_MANAGE)
    _of_school(session, school, invitation)
    invitation.ended_at = session.execute(select(clock.now())).scalar_one()
    record(session, permit, "invitation_ended", about=invitation)


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
        .where(Invitation.secret_hash == ids.token_hash(token), *_open())
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
        .where(Invitation.secret_hash == ids.token_hash(token), *_open())
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


def _may_give(session: Session, permit: Permit[School], roles: tuple[Role, ...]) -> None:
    school = permit.thing
    if not roles or not set(roles) <= set(OFFERED):
        say = "Choose at least one thing that they do at the school."
        raise Invalid("roles_missing", say, fields={"roles": say})
    if _FOR_THE_ALLIANCE.intersection(roles) and not may(
        session, permit.actor, Action.SCHOOL_ADD, Alliance, school.alliance_id
    ):
        say = "Only who administers the alliance can ask somebody to lead or administer it."
        raise Invalid("role_not_yours", say, fields={"roles": say})


def _belongs(session: Session, school: School, email: str) -> bool:
    found = (
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Membership.school_id == school.id, Membership.until_at.is_(None), Account.email == email)
    )
    return session.scalar(found) is not None


def _open() -> tuple[ColumnElement[bool], ...]:
    return (Invitation.spent_at.is_(None), Invitation.ended_at.is_(None), clock.now() < Invitation.expires_at)


def _of_school(session: Session, school: School, invitation: Invitation) -> None:
    session.refresh(invitation, with_for_update=True)
    if invitation.school_id != school.id:
        raise NotFound
    if invitation.spent_at is not None or invitation.ended_at is not None:
        raise InvitationGone


def _in_a_week(session: Session) -> datetime:
    moment: datetime = session.execute(select(clock.now())).scalar_one() + LASTS
    return moment


def _send(session: Session, school: School, invitation: Invitation, secret: str, public_url: str) -> Invited:
    link = f"{public_url.rstrip('/')}/join/{secret}"
    alliance = session.scalars(select(Alliance).where(Alliance.id == school.alliance_id)).one()
    send_later(
        session,
        to=invitation.email,
        subject=f"An invitation to {alliance.name}",
        body=f"{invitation.name}, a colleague invites you to {alliance.name} as part of {school.name}.\n"
        "Teachers there open their lessons to each other and learn from what colleagues noticed. "
        "Nobody sees anything of yours until you share it.\n\n"
        f"Open this within a week and press the button there. It works once.\n\n{link}\n",
    )
    return Invited(invitation=invitation, token=secret, link=link)


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
        there.roles, there.from_at, there.until_at = invitation.roles, _begin(session), None
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


def _begin(session: Session) -> datetime:
    moment: datetime = session.execute(select(clock.now())).scalar_one()
    return moment
