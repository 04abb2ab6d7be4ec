"""What administrators do about people who are there: roles, stops and ends; never passwords, never content."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict
from app.people import hooks
from app.people.accounts.models import Account, AccountState, Person
from app.people.accounts.service import end_devices
from app.people.directory.service import FOR_THE_ALLIANCE, may_give, moment
from app.people.guests.models import GuestLink
from app.people.memberships.conditions import live
from app.people.memberships.models import Membership, Role


def change_roles(session: Session, permit: Permit[Membership], *, roles: tuple[Role, ...]) -> Membership:
    """Say what somebody does at a school.

    Raises:
        Invalid: none was chosen, or one of them isn't this person's to give or take.
        Conflict: nobody would administer the alliance any more (`last_administrator`).
    """
    membership = permit.for_(Action.PERSON_MANAGE)
    session.refresh(membership, with_for_update=True)
    changed = {role.value for role in roles} ^ set(membership.roles)
    taken = FOR_THE_ALLIANCE.intersection(Role(role) for role in changed)
    may_give(session, permit.actor, roles, also=tuple(taken))
    if Role.ALLIANCE_ADMINISTRATOR not in roles:
        _keep_an_administrator(session, membership)
    before = ",".join(membership.roles)
    membership.roles = [role.value for role in dict.fromkeys(roles)]
    record(session, permit, "roles_changed", about=membership, from_state=before, to_state=",".join(membership.roles))
    return membership


def end_membership(session: Session, permit: Permit[Membership]) -> Membership:
    """End somebody's time at a school; lessons filmed there close, and the account, if no school is left.

    Raises:
        Conflict: it had ended, or nobody would administer the alliance any more.
    """
    membership = permit.for_(Action.PERSON_MANAGE)
    session.refresh(membership, with_for_update=True)
    if membership.until_at is not None:
        raise Conflict("ended_already", "This has ended already.")
    _keep_an_administrator(session, membership)
    membership.until_at = moment(session)
    session.flush()
    record(session, permit, "membership_ended", about=membership, from_state="live", to_state="ended")
    for told in hooks.on_membership_ended:
        told(session, membership.person_id, membership.school_id)
    _end_account_if_alone(session, membership)
    return membership


def suspend(session: Session, permit: Permit[Person]) -> Account:
    """Stop an account for now: every device is signed out, and what it shared is closed.

    Raises:
        Conflict: it is one's own, is stopped or closed already, or isn't this administrator's alone to stop.
    """
    person, account = _account_of(session, permit)
    if person.id == permit.actor.person_id:
        raise Conflict("own_account", "You can't stop your own account. Ask another administrator.")
    if account.state != AccountState.ACTIVE.value:
        raise Conflict("not_active", "This account is stopped or closed already.")
    if session.scalar(select(Person.id).where(Person.account_id == account.id, Person.id != person.id).limit(1)):
        # Said without a reason: whether the account is known elsewhere on this machine is nobody's business.
        raise Conflict("not_yours_to_stop", "This account can't be stopped from here. End their time at the school.")
    account.state = AccountState.SUSPENDED.value
    end_devices(session, account.id)
    record(session, permit, "suspended", about=account, from_state="active", to_state="suspended")
    return account


def resume(session: Session, permit: Permit[Person]) -> Account:
    """Let a stopped account in again.

    Raises:
        Conflict: it isn't stopped.
    """
    _, account = _account_of(session, permit)
    if account.state != AccountState.SUSPENDED.value:
        raise Conflict("not_suspended", "This account isn't stopped.")
    account.state = AccountState.ACTIVE.value
    record(session, permit, "resumed", about=account, from_state="suspended", to_state="active")
    return account


def _account_of(session: Session, permit: Permit[Person]) -> tuple[Person, Account]:
    person = permit.for_(Action.PERSON_MANAGE)
    return person, session.scalars(select(Account).where(Account.id == person.account_id).with_for_update()).one()


def _keep_an_administrator(session: Session, membership: Membership) -> None:
    """Refuse to leave an alliance without an administrator; two ends at the same moment wait for each other."""
    role = Role.ALLIANCE_ADMINISTRATOR.value
    if role not in membership.roles:
        return
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"roles {membership.alliance_id}", 0))))
    another = select(Membership.id).where(
        Membership.alliance_id == membership.alliance_id,
        Membership.id != membership.id,
        Membership.roles.contains([role]),
        live(Membership),
    )
    if session.scalar(another.limit(1)) is None:
        say = "Nobody else administers the alliance. Ask somebody to do so first, then try again."
        raise Conflict("last_administrator", say)


def _end_account_if_alone(session: Session, membership: Membership) -> None:
    account = session.scalars(
        select(Account).join(Person, Person.account_id == Account.id).where(Person.id == membership.person_id)
    ).one()
    still = (
        select(Person.id)
        .outerjoin(Membership, Membership.person_id == Person.id)
        .outerjoin(GuestLink, GuestLink.person_id == Person.id)
        .where(
            Person.account_id == account.id,
            or_(live(Membership), (GuestLink.ended_at.is_(None)) & (GuestLink.until_at > clock.now())),
        )
    )
    if session.scalar(still.limit(1)) is None:
        account.state, account.ended_at = AccountState.ENDED.value, moment(session)
        end_devices(session, account.id)
