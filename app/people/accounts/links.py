"""Links that are mailed to an account's address: they work once, for a short time, when a button is pressed."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.audit import record_rule
from app.errors import Gone
from app.notify.service import send_later
from app.people.accounts import passwords
from app.people.accounts.models import Account, AccountLink, AccountState, LinkPurpose
from app.people.accounts.service import Entry, clean_email, end_devices, find_account, let_in

LASTS: Final = {LinkPurpose.SIGN_IN: timedelta(minutes=20), LinkPurpose.RESET: timedelta(minutes=60)}


@dataclass(frozen=True)
class _Letter:
    subject: str
    path: str
    body: str


_LETTERS: Final = {
    LinkPurpose.SIGN_IN: _Letter(
        subject="Your link to sign in to Backrow",
        path="/sign-in/link/",
        body="Open this within 20 minutes and press the button there. It works once.\n\n{link}\n\n"
        "If you didn't ask for it, there is nothing to do: without the button nothing happens.\n",
    ),
    LinkPurpose.RESET: _Letter(
        subject="Choose a new Backrow password",
        path="/reset/",
        body="Open this within an hour to choose a new password. It works once.\n\n{link}\n\n"
        "If you didn't ask for it, there is nothing to do: your password stays as it is.\n",
    ),
}


class LinkGone(Gone):
    """The link was used already, ran out, or never was: one answer for all."""

    def __init__(self) -> None:
        super().__init__("link_gone", "This link has been used already, or has run out. Ask for a new one.")


def ask_for(session: Session, purpose: LinkPurpose, *, email: str, public_url: str) -> None:
    """Mail a link to an address, if it is known and let in; the work, and what the asker sees, is the same if not."""
    account = find_account(session, email)
    secret = ids.token()
    letter = _LETTERS[purpose]
    body = letter.body.format(link=f"{public_url.rstrip('/')}{letter.path}{secret}")
    if account is None or account.state != AccountState.ACTIVE.value:
        with session.begin_nested() as pretence:
            send_later(session, to=clean_email(email), subject=letter.subject, body=body)
            pretence.rollback()
        return
    ends = session.execute(select(clock.now())).scalar_one() + LASTS[purpose]
    link = AccountLink(account_id=account.id, purpose=purpose, secret_hash=ids.token_hash(secret), expires_at=ends)
    session.add(link)
    send_later(session, to=account.email, subject=letter.subject, body=body)
    record_rule(session, f"link_sent_{purpose.value}", rule="asked_for", thing_kind="account", thing_id=account.id)


def is_open(session: Session, purpose: LinkPurpose, secret: str) -> bool:
    """Tell whether a link would still work; looking changes nothing."""
    return session.scalar(select(AccountLink.id).where(*_usable(purpose, secret))) is not None


def sign_in_by_link(session: Session, secret: str, *, shared_computer: bool = False, label: str = "") -> Entry:
    """Spend a link and let the browser in.

    Raises:
        LinkGone: it was used, ran out, or never was.
    """
    account = _spend(session, LinkPurpose.SIGN_IN, secret)
    return let_in(session, account, rule="mailed_link", shared_computer=shared_computer, label=label)


def reset_password(session: Session, secret: str, *, password: str) -> Account:
    """Spend a link and choose a new password; every device is signed out.

    Raises:
        LinkGone: it was used, ran out, or never was.
        Invalid: the password is easy to guess; the link still works.
    """
    account = _spend(session, LinkPurpose.RESET, secret)
    passwords.refuse_weak(password, email=account.email)
    account.password_hash = passwords.hash_password(password)
    end_devices(session, account.id)
    record_rule(session, "password_reset", rule="mailed_link", thing_kind="account", thing_id=account.id)
    return account


def sweep(session: Session) -> None:
    """Forget links that ran out a month ago."""
    session.execute(delete(AccountLink).where(AccountLink.expires_at < clock.now() - timedelta(days=30)))


def _spend(session: Session, purpose: LinkPurpose, secret: str) -> Account:
    """Spend a link in one statement: of two at the same moment, one finds it spent."""
    account_id = session.scalar(
        update(AccountLink)
        .where(*_usable(purpose, secret))
        .values(spent_at=clock.now())
        .returning(AccountLink.account_id)
    )
    account = session.get(Account, account_id) if account_id else None
    if account is None or account.state != AccountState.ACTIVE.value:
        raise LinkGone
    return account


def _usable(purpose: LinkPurpose, secret: str) -> tuple[ColumnElement[bool], ...]:
    return (
        AccountLink.secret_hash == ids.token_hash(secret),
        AccountLink.purpose == purpose.value,
        AccountLink.spent_at.is_(None),
        clock.now() < AccountLink.expires_at,
    )
