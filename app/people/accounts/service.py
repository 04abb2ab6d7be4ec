"""Signing in, devices, and what people change about their own account."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.audit import record, record_rule
from app.authz import Action, Permit
from app.errors import Conflict, Invalid, NotFound
from app.people.accounts import passwords
from app.people.accounts.models import Account, AccountState, Device, DeviceKind, Person
from app.people.alliances.models import Alliance
from app.people.memberships.conditions import live
from app.people.memberships.models import Membership

#: A browser signs in again after so long, however busy.
LASTS = timedelta(days=14)
#: A script's token, where no date was named.
TOKEN_LASTS = timedelta(days=90)


@dataclass(frozen=True)
class Entry:
    """A browser or script that was let in; `secret` is shown once and kept as its hash only."""

    device: Device
    secret: str = field(repr=False)

    @property
    def must_choose(self) -> bool:
        """Tell whether the person has yet to say which alliance they are in today."""
        return self.device.person_id is None


class NotLetIn(Invalid):
    """Address and password don't go together, or the account isn't let in: strangers can't tell which."""

    def __init__(self) -> None:
        super().__init__(
            "not_let_in",
            "That address and password don't go together here. Look both over, or choose a new password.",
        )


class AccountEnded(Conflict):
    """The account was closed; said only to whoever knows its password."""

    def __init__(self) -> None:
        super().__init__(
            "account_ended",
            "This account is closed, since nobody at a school here counts you in any more. "
            "Your school's administrator can tell you more and help you to get a copy of what is yours.",
        )


def find_account(session: Session, email: str) -> Account | None:
    """Find the account of an address."""
    return session.scalar(select(Account).where(Account.email == clean_email(email)))


def clean_email(email: str) -> str:
    """Bring an address into the one form in which it is kept."""
    return email.strip().lower()


def sign_in(session: Session, *, email: str, password: str, shared_computer: bool = False, label: str = "") -> Entry:
    """Let a browser in by address and password; the work is the same whether the account exists or not.

    Raises:
        NotLetIn: unknown, wrong or suspended: one answer for all.
        AccountEnded: the right password of a closed account.
    """
    account = find_account(session, email)
    right = passwords.matches(password, account.password_hash if account else None)
    if account is None or not right:
        raise NotLetIn
    if account.state == AccountState.ENDED.value:
        raise AccountEnded
    if account.state != AccountState.ACTIVE.value:
        raise NotLetIn
    if passwords.outdated(account.password_hash):
        account.password_hash = passwords.hash_password(password)
    return let_in(session, account, rule="password", shared_computer=shared_computer, label=label)


def let_in(session: Session, account: Account, *, rule: str, shared_computer: bool = False, label: str = "") -> Entry:
    """Open a new device for an account that has proved itself by `rule`; it never takes over an older secret."""
    people = alliances_of(session, account.id)
    secret = ids.token()
    device = Device(
        account_id=account.id,
        person_id=people[0].id if len(people) == 1 else None,
        secret_hash=ids.token_hash(secret),
        label=label,
        shared_computer=shared_computer,
        expires_at=_in(session, LASTS),
    )
    session.add(device)
    session.flush()
    person = people[0] if len(people) == 1 else None
    _note(session, "signed_in", device, rule=rule, person=person)
    return Entry(device=device, secret=secret)


def alliances_of(session: Session, account_id: UUID) -> list[Person]:
    """List who an account is in each alliance; where no school counts them in, only if there are no others."""
    belongs = select(Membership.id).where(Membership.person_id == Person.id, live(Membership)).exists()
    rows = session.execute(
        select(Person, belongs).where(Person.account_id == account_id).order_by(Person.created_at, Person.id)
    ).all()
    counted_in = [person for person, is_member in rows if is_member]
    return counted_in or [person for person, _ in rows]


def names_of(session: Session, people: list[Person]) -> list[tuple[Person, Alliance]]:
    """Name the alliance that each of these people is in."""
    known = session.scalars(select(Alliance).where(Alliance.id.in_([each.alliance_id for each in people])))
    by_id = {alliance.id: alliance for alliance in known}
    return [(each, by_id[each.alliance_id]) for each in people]


def choose(session: Session, *, device_id: UUID, account_id: UUID, person_id: UUID) -> Entry:
    """Say in which alliance a device is from now on; it gets a new secret, the old one is worth nothing.

    Raises:
        NotFound: the person isn't this account's, or the device was ended.
    """
    person = session.get(Person, person_id)
    device = session.get(Device, device_id, with_for_update=True)
    if person is None or person.account_id != account_id:
        raise NotFound
    if device is None or device.account_id != account_id or device.ended_at is not None:
        raise NotFound
    secret = ids.token()
    device.person_id, device.secret_hash = person.id, ids.token_hash(secret)
    session.flush()
    _note(session, "alliance_chosen", device, rule="own_account", person=person)
    return Entry(device=device, secret=secret)


def make_token(session: Session, person: Person, *, label: str, until: datetime | None = None) -> Entry:
    """Make a bearer token for scripts; it is listed and ended like a device."""
    secret = ids.token()
    device = Device(
        account_id=person.account_id,
        person_id=person.id,
        kind=DeviceKind.TOKEN,
        secret_hash=ids.token_hash(secret),
        label=label,
        expires_at=until or _in(session, TOKEN_LASTS),
    )
    session.add(device)
    session.flush()
    _note(session, "token_made", device, rule="machine_keeper", person=person)
    return Entry(device=device, secret=secret)


def sign_out(session: Session, device_id: UUID, *, rule: str = "own_device") -> None:
    """End a device: the one that asks, or one that whoever keeps the machine ends."""
    device = session.get(Device, device_id, with_for_update=True)
    if device is not None and device.ended_at is None:
        device.ended_at = _in(session, timedelta())
        person = session.get(Person, device.person_id) if device.person_id else None
        _note(session, "signed_out", device, rule=rule, person=person)


def end_device(session: Session, permit: Permit[Device]) -> Device:
    """End one of one's devices; its next request is refused."""
    device = permit.for_(Action.DEVICE_END)
    if device.ended_at is None:
        device.ended_at = _in(session, timedelta())
        record(session, permit, "device_ended", about=device)
    return device


def end_devices(session: Session, account_id: UUID, *, but: UUID | None = None) -> int:
    """End every device of an account, but perhaps one; return how many."""
    ended = session.scalars(
        update(Device)
        .where(Device.account_id == account_id, Device.ended_at.is_(None), Device.id.is_distinct_from(but))
        .values(ended_at=clock.now())
        .returning(Device.id)
    )
    return len(ended.all())


def list_devices(session: Session, account_id: UUID) -> list[Device]:
    """List what is signed in, the last seen first."""
    return list(
        session.scalars(
            select(Device)
            .where(Device.account_id == account_id, Device.ended_at.is_(None), clock.now() < Device.expires_at)
            .order_by(Device.seen_at.desc(), Device.id)
        )
    )


def sweep(session: Session) -> None:
    """Forget devices that were ended, or ran out, a month ago."""
    long_ago = clock.now() - timedelta(days=30)
    session.execute(delete(Device).where(or_(Device.ended_at < long_ago, Device.expires_at < long_ago)))


def _in(session: Session, distance: timedelta) -> datetime:
    moment: datetime = session.execute(select(clock.now())).scalar_one() + distance
    return moment


def _note(session: Session, what: str, device: Device, *, rule: str, person: Person | None) -> None:
    record_rule(
        session,
        what,
        rule=rule,
        thing_kind="device",
        thing_id=device.id,
        alliance_id=person.alliance_id if person else None,
        actor_id=person.id if person else None,
    )
