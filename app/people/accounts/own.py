"""What people change about their own account: password, address, name."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict, Invalid
from app.notify.service import send_later
from app.people.accounts import passwords
from app.people.accounts.models import Account, Person
from app.people.accounts.service import clean_email, end_devices, find_account
from app.people.accounts.words import check_email, check_name

#: Whoever gets hold of an account by a new address sees no lesson for so long; its owner has been told meanwhile.
LOCK = timedelta(hours=72)


def change_password(
    session: Session, permit: Permit[Account], *, old: str, new: str, keep_device_id: UUID | None = None
) -> None:
    """Choose a new password; every other device is signed out.

    Raises:
        Invalid: the old one is wrong, or the new one is easy to guess.
    """
    account = permit.for_(Action.ACCOUNT_OWN)
    _prove(account, old)
    passwords.refuse_weak(new, email=account.email, field="new_password")
    account.password_hash = passwords.hash_password(new)
    end_devices(session, account.id, but=keep_device_id)
    record(session, permit, "password_changed", about=account)
    send_later(
        session,
        to=account.email,
        subject="Your Backrow password was changed",
        body="Your password was changed just now, and every other device was signed out.\n\n"
        "If that wasn't you: open the sign-in page, choose “I can't get in”, and tell your school's administrator.\n",
    )


def change_address(session: Session, permit: Permit[Account], *, email: str, password: str) -> None:
    """Move the account to another address: the old one is told, and lessons stay closed to it for 72 hours.

    Raises:
        Invalid: the password is wrong, or that is no address.
        Conflict: the address can't be used here.
    """
    account = permit.for_(Action.ACCOUNT_OWN)
    _prove(account, password, field="address_password")
    wanted = check_email(email, field="email")
    if wanted == account.email:
        raise Invalid(
            "same_address", "That is your address already.", fields={"email": "That is your address already."}
        )
    if find_account(session, wanted) is not None:
        say = "That address can't be used here. Choose another, or ask your school's administrator."
        raise Conflict("address_taken", say, fields={"email": say})
    old = account.email
    account.email = clean_email(wanted)
    account.content_locked_until = session.execute(select(clock.now())).scalar_one() + LOCK
    record(session, permit, "address_changed", about=account)
    send_later(
        session,
        to=old,
        subject="Your Backrow address was changed",
        body="Your account was moved to another address just now. For 72 hours nobody can watch a lesson with it.\n\n"
        "If that wasn't you: tell your school's administrator today; they can suspend the account at once.\n",
    )


def change_name(session: Session, permit: Permit[Account], *, person_id: UUID, name: str) -> Person:
    """Change the name that colleagues in one alliance see.

    Raises:
        Invalid: it is empty or very long.
    """
    account = permit.for_(Action.ACCOUNT_OWN)
    person = session.scalars(select(Person).where(Person.id == person_id, Person.account_id == account.id)).one()
    person.name = check_name(name, field="name")
    record(session, permit, "name_changed", about=person)
    return person


def _prove(account: Account, password: str, *, field: str = "old_password") -> None:
    if not passwords.matches(password, account.password_hash):
        say = "That isn't your password."
        raise Invalid("password_wrong", say, fields={field: say})
