"""Moving an account to another address: confirmed from the old one, told to it, and no lesson opens for 72 hours."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict, Invalid
from app.ids import token_hash
from app.notify.service import send_later
from app.people.accounts.links import LinkGone
from app.people.accounts.models import Account
from app.people.accounts.own import prove
from app.people.accounts.service import find_account
from app.people.words import Together, check_email

#: Whoever gets hold of an account by a new address sees no lesson for so long; its owner has been told meanwhile.
LOCK = timedelta(hours=72)
#: The letter to the old address waits for so long.
LASTS = timedelta(minutes=60)
#: What the letter's link says, sealed by the web with this installation's key.
Move = dict[str, str]


def ask_old_address(
    session: Session, permit: Permit[Account], *, email: str, password: str, link: Callable[[Move], str]
) -> None:
    """Mail a link to the address that the account has now; nothing changes until somebody there presses its button.

    Raises:
        Invalid: the password is wrong, or that is no address.
    """
    account = permit.for_(Action.ACCOUNT_OWN)
    move = {
        "account": str(account.id),
        # Addresses are names: the link holds their hashes, and whoever follows it types the new one again.
        "old": token_hash(account.email),
        "new": token_hash(_wanted(account, email, password)),
        "lock": _lock_of(account),
        "until": (_now(session) + LASTS).isoformat(),
    }
    record(session, permit, "address_change_asked", about=account)
    send_later(
        session,
        to=account.email,
        subject="Move your Backrow account to another address?",
        body="Somebody who knows your password asks to move your account to another address.\n\n"
        f"If it is you: open this within an hour and press the button there. It works once.\n\n{link(move)}\n\n"
        "If it isn't: do nothing with the link, and choose a new password today.\n",
    )


def confirm(session: Session, permit: Permit[Account], *, move: Move, email: str) -> None:
    """Move the account, as its old address has agreed.

    Raises:
        LinkGone: the link was used, ran out, or is another account's.
        Invalid: `email` isn't the address that was asked for; the link still works.
        Conflict: the new address can't be used here.
    """
    account = permit.for_(Action.ACCOUNT_OWN)
    session.refresh(account, with_for_update=True)
    # Each move sets a new lock, so that a link that was used fits no more, even after a move back.
    still = (move.get("account"), move.get("old"), move.get("lock")) == (
        str(account.id),
        token_hash(account.email),
        _lock_of(account),
    )
    if not still or datetime.fromisoformat(move["until"]) <= _now(session):
        raise LinkGone
    wanted = check_email(email, field="email")
    if token_hash(wanted) != move["new"]:
        say = "That isn't the address that you asked for. Look it over."
        raise Invalid("another_address", say, fields={"email": say})
    _move(session, permit, account, wanted)


def change_address(session: Session, permit: Permit[Account], *, email: str, password: str) -> None:
    """Move the account where no mail is sent, by its password alone; the lock and the letter are the same.

    Raises:
        Invalid: the password is wrong, or that is no address.
        Conflict: the address can't be used here.
    """
    account = permit.for_(Action.ACCOUNT_OWN)
    _move(session, permit, account, _wanted(account, email, password))


def _wanted(account: Account, email: str, password: str) -> str:
    together = Together()
    wanted = together.check(check_email, email, field="email") or ""
    together.check(prove, account, password, field="address_password")
    together.end()
    if wanted == account.email:
        say = "That is your address already."
        raise Invalid("same_address", say, fields={"email": say})
    return wanted


def _move(session: Session, permit: Permit[Account], account: Account, wanted: str) -> None:
    if find_account(session, wanted) is not None:
        say = "That address can't be used here. Choose another, or ask your school's administrator."
        raise Conflict("address_taken", say, fields={"email": say})
    old, account.email = account.email, wanted
    account.content_locked_until = _now(session) + LOCK
    record(session, permit, "address_changed", about=account)
    send_later(
        session,
        to=old,
        subject="Your Backrow address was changed",
        body="Your account was moved to another address just now. For 72 hours nobody can watch a lesson with it.\n\n"
        "If that wasn't you: tell your school's administrator today; they can suspend the account at once.\n",
    )


def _lock_of(account: Account) -> str:
    return account.content_locked_until.isoformat() if account.content_locked_until else ""


def _now(session: Session) -> datetime:
    now: datetime = session.execute(select(clock.now())).scalar_one()
    return now
