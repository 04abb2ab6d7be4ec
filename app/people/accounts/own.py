"""What people change about their own account: password and name; the address moves by `moving`."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit import record
from app.authz import Action, Permit
from app.errors import Invalid
from app.notify.service import send_later
from app.people.accounts import passwords
from app.people.accounts.models import Account, Person
from app.people.accounts.service import end_devices
from app.people.words import Together, check_name


def change_password(
    session: Session, permit: Permit[Account], *, old: str, new: str, keep_device_id: UUID | None = None
) -> None:
    """Choose a new password; every other device is signed out.

    Raises:
        Invalid: the old one is wrong, or the new one is easy to guess.
    """
    account = permit.for_(Action.ACCOUNT_OWN)
    together = Together()
    together.check(prove, account, old)
    together.check(passwords.refuse_weak, new, email=account.email, field="new_password")
    together.end()
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


def prove(account: Account, password: str, *, field: str = "old_password") -> None:
    """Ask for the password again before something is changed.

    Raises:
        Invalid: it is wrong.
    """
    if not passwords.matches(password, account.password_hash):
        say = "That isn't your password."
        raise Invalid("password_wrong", say, fields={field: say})
