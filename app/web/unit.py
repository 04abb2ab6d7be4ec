"""One request, one transaction; and who is asking."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from flask import g
from flask_login import UserMixin, current_user
from sqlalchemy.orm import Session, sessionmaker

from app import wall
from app.authz import Actor
from app.errors import SignInNeeded
from app.web.parts import parts


@dataclass(frozen=True, kw_only=True)
class SignedIn(UserMixin):  # type: ignore[misc]  # flask-login has no types
    """Who this request comes from, as found by the device's secret."""

    actor: Actor
    device_id: UUID
    name: str
    email: str
    alliance_name: str
    time_zone: str
    roles: frozenset[str]
    shared_computer: bool = False

    @property
    def id(self) -> str:
        """Give the id that flask-login asks for."""
        return str(self.device_id)

    @property
    def person_id(self) -> UUID:
        """Give the person's id."""
        return self.actor.person_id


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the request's transaction; it is committed at the end, or nothing of it is.

    It reaches the rows of one's own alliance alone. Answer inside it: what people see is then what was kept.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    with _opened(sessions()) as session:
        yield session


@contextmanager
def door() -> Iterator[Session]:
    """Open the transaction of somebody who is at a door of the house, in no alliance yet: it reaches every alliance.

    Also for what belongs to an account, which may be in several.
    """
    with _opened(wall.everywhere(parts().sessions)) as session:
        yield session


def sessions() -> sessionmaker[Session]:
    """Give sessions that reach one's own alliance, for what needs more than one transaction.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    return wall.inside(parts().sessions, actor().alliance_id)


@contextmanager
def _opened(opening: sessionmaker[Session]) -> Iterator[Session]:
    with opening.begin() as session:
        g.session = session
        try:
            yield session
        finally:
            g.pop("session", None)


def me() -> SignedIn:
    """Give who is signed in.

    Raises:
        SignInNeeded: nobody is.
    """
    if not current_user.is_authenticated:
        raise SignInNeeded
    found: SignedIn = current_user._get_current_object()  # noqa: SLF001 - werkzeug's own way to unwrap
    return found


def actor() -> Actor:
    """Give who is asking, for the policy.

    Raises:
        SignInNeeded: nobody is signed in.
    """
    return me().actor
