"""Who a request comes from: found by the secret that its device sends, asked of the rows at every request."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Request, Response, request
from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.authz import Actor
from app.people.accounts.models import Account, AccountState, Device, DeviceKind, Person
from app.people.alliances.models import Alliance
from app.people.memberships.conditions import live
from app.people.memberships.models import Membership
from app.wall import everywhere
from app.web.parts import parts
from app.web.unit import SignedIn

#: A browser that nobody touched for so long is signed out.
IDLE = timedelta(hours=12)
IDLE_SHARED = timedelta(minutes=30)
#: How often "last seen" is brought up to date.
SEEN_EVERY = timedelta(minutes=1)
#: An open page asks these by itself: that doesn't make its device one that somebody uses.
_UNATTENDED = "/api/v1/events"
_BEARER = "Bearer "


@dataclass(frozen=True)
class Waiting:
    """A browser whose person has yet to say in which alliance they are today."""

    device_id: UUID
    account_id: UUID


def load_signed_in(asked: Request) -> SignedIn | None:
    """Find who sent a request; None for strangers, and for devices that were ended, ran out or were left idle."""
    secret, kind = _secret_of(asked)
    if not secret:
        return None
    with everywhere(parts().sessions).begin() as session:
        row = session.execute(_who(secret, kind)).one_or_none()
        if row is None:
            return None
        if row.stale and not asked.path.startswith(_UNATTENDED):
            session.execute(update(Device).where(Device.id == row.device_id).values(seen_at=clock.now()))
        return SignedIn(
            actor=Actor(person_id=row.person_id, account_id=row.account_id, alliance_id=row.alliance_id),
            device_id=row.device_id,
            name=row.name,
            email=row.email,
            alliance_name=row.alliance_name,
            time_zone=row.time_zone,
            roles=frozenset(row.roles or ()),
            shared_computer=row.shared_computer,
        )


def still_signed_in(session: Session, who: SignedIn) -> bool:
    """Tell whether a device that was let in still is, as the same person: for what stays open for long."""
    found = session.scalar(
        select(Device.id)
        .join(Account, Account.id == Device.account_id)
        .where(Device.id == who.device_id, Device.person_id == who.person_id, *_let_in())
    )
    return found is not None


def find_waiting(session: Session) -> Waiting | None:
    """Find the browser of somebody who is let in but hasn't chosen an alliance yet."""
    secret, kind = _secret_of(request)
    if not secret:
        return None
    row = session.execute(
        select(Device.id, Device.account_id)
        .join(Account, Account.id == Device.account_id)
        .where(Device.person_id.is_(None), *_lives(secret, kind))
    ).one_or_none()
    return None if row is None else Waiting(device_id=row.id, account_id=row.account_id)


def hand_out(response: Response, secret: str, *, shared_computer: bool, lasts: timedelta) -> Response:
    """Give a browser its secret; a shared computer forgets it when the browser closes."""
    response.set_cookie(
        parts().cookie_name,
        secret,
        max_age=None if shared_computer else lasts,
        httponly=True,
        samesite="Lax",
        secure=parts().secure,
        path="/",
    )
    return response


def take_away(response: Response) -> Response:
    """Take the secret from a browser, and all that it kept of the pages."""
    response.delete_cookie(parts().cookie_name, path="/", secure=parts().secure, httponly=True, samesite="Lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def label_of(asked: Request) -> str:
    """Say which device it is, as its owner would: never the whole line that the browser sends."""
    agent = asked.user_agent.string
    browser = next((name for mark, name in _BROWSERS if mark in agent), "A browser")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return f"{browser} on {system}" if system else browser


# In this order, since each of the later ones is also named by an earlier one's line.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "an iPhone"),
    ("iPad", "an iPad"),
    ("Android", "Android"),
    ("CrOS", "a Chromebook"),
    ("Windows", "Windows"),
    ("Mac OS", "a Mac"),
    ("Linux", "Linux"),
)


def _secret_of(asked: Request) -> tuple[str, DeviceKind]:
    header = asked.headers.get("Authorization", "")
    if header.startswith(_BEARER):
        return header.removeprefix(_BEARER).strip(), DeviceKind.TOKEN
    return asked.cookies.get(parts().cookie_name, ""), DeviceKind.BROWSER


def _lives(secret: str, kind: DeviceKind) -> tuple[Any, ...]:
    """Hold for the device with this secret while it is let in."""
    return (Device.secret_hash == ids.token_hash(secret), Device.kind == kind.value, *_let_in())


def _let_in() -> tuple[Any, ...]:
    """Hold while a device is let in; a script's token never goes idle."""
    idle_since = clock.now() - Device.seen_at
    return (
        Device.ended_at.is_(None),
        clock.now() < Device.expires_at,
        or_(
            Device.kind == DeviceKind.TOKEN.value,
            and_(Device.shared_computer, idle_since < IDLE_SHARED),
            and_(~Device.shared_computer, idle_since < IDLE),
        ),
        Account.state == AccountState.ACTIVE.value,
    )


def _who(secret: str, kind: DeviceKind) -> Any:  # noqa: ANN401 - a select of eleven columns, more than types count
    role = func.jsonb_array_elements_text(Membership.roles).table_valued("value")
    roles = (
        select(func.array_agg(role.c.value.distinct()))
        .select_from(Membership)
        .join(role, onclause=Membership.id.is_not(None))
        .where(Membership.person_id == Person.id, live(Membership))
        .scalar_subquery()
    )
    return (
        select(
            Device.id.label("device_id"),
            Device.shared_computer,
            (Device.seen_at < clock.now() - SEEN_EVERY).label("stale"),
            Person.id.label("person_id"),
            Person.name,
            Account.id.label("account_id"),
            Account.email,
            Alliance.id.label("alliance_id"),
            Alliance.name.label("alliance_name"),
            Alliance.time_zone,
            roles.label("roles"),
        )
        .join(Account, Account.id == Device.account_id)
        .join(Person, and_(Person.id == Device.person_id, Person.account_id == Account.id))
        .join(Alliance, Alliance.id == Person.alliance_id)
        .where(*_lives(secret, kind))
    )
