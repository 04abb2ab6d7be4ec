"""One alliance, its founder, and a browser; everybody comes in by the application's own doors."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from app.authz import Action, Actor, permit
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance, School
from app.people.alliances.service import add_school
from app.people.directory.joining import accept_invitation
from app.people.directory.service import InvitationDraft, Invited, invite
from app.people.first_run.service import Foundation, Founded, setup_alliance
from app.people.memberships.models import Membership, Role
from tests.browser import PASSWORD, Browser, make_app

URL = "http://localhost"


@dataclass
class Town:
    """An alliance and who is in it, for one test."""

    sessions: sessionmaker[Session]
    founded: Founded

    @property
    def founder(self) -> Actor:
        """Give who founded it."""
        return Actor(
            person_id=self.founded.person.id,
            account_id=self.founded.account.id,
            alliance_id=self.founded.alliance.id,
        )

    def school(self, name: str) -> School:
        """Add a school."""
        with self.sessions.begin() as session:
            may_add = permit(session, self.founder, Action.SCHOOL_ADD, Alliance, self.founded.alliance.id)
            return add_school(session, may_add, name=name)

    def invite(self, email: str, *roles: Role, school: School | None = None, name: str = "Tom Ashby") -> Invited:
        """Invite somebody, as the founder."""
        with self.sessions.begin() as session:
            school_id = (school or self.founded.school).id
            may_manage = permit(session, self.founder, Action.PERSON_MANAGE, School, school_id)
            draft = InvitationDraft(name=name, email=email, roles=roles or (Role.TEACHER,))
            return invite(session, may_manage, draft=draft, public_url=URL)

    def person(self, email: str, *roles: Role, school: School | None = None, name: str = "Tom Ashby") -> Actor:
        """Let somebody join."""
        token = self.invite(email, *roles, school=school, name=name).token
        with self.sessions.begin() as session:
            membership = accept_invitation(session, token=token, name=name, password=PASSWORD)
            person = session.get_one(Person, membership.person_id)
            return Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)

    def membership(self, who: Actor) -> Membership:
        """Give somebody's only membership."""
        with self.sessions() as session:
            return session.query(Membership).filter_by(person_id=who.person_id).one()


def found(sessions: sessionmaker[Session], *, alliance: str, email: str) -> Town:
    foundation = Foundation(alliance=alliance, school="Hillside", name="Amina Rahman", email=email, password=PASSWORD)
    with sessions.begin() as session:
        founded = setup_alliance(session, foundation)
    return Town(sessions, founded)


@pytest.fixture
def sessions(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    sessions.configure(expire_on_commit=False)
    return sessions


@pytest.fixture
def town(sessions: sessionmaker[Session]) -> Town:
    return found(sessions, alliance="Vale Alliance", email="amina@hillside.example")


@pytest.fixture
def decoy(sessions: sessionmaker[Session]) -> Town:
    return found(sessions, alliance="Other Alliance", email="zoe@other.example")


@pytest.fixture
def app(sessions: sessionmaker[Session], tmp_path: Path) -> Flask:
    return make_app(sessions, tmp_path)


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser.of(app)


def signed_in(app: Flask, email: str) -> Browser:
    """Give a browser in which somebody has signed in by the page."""
    browser = Browser.of(app)
    assert browser.sign_in(email).status_code == 303
    return browser
