"""An alliance in a running installation: Amina and Tom, made by services, so that no test clicks it all again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app import policies
from app.agreements.cycles.models import Cycle
from app.agreements.groups import service as projects
from app.agreements.groups.service import ProjectDraft
from app.agreements.protocols import service as protocols
from app.agreements.protocols.models import ProtocolVersion
from app.authz import Action, Actor, permit
from app.people.accounts.models import Person
from app.people.accounts.service import make_token
from app.people.alliances.models import Alliance, School
from app.people.directory.joining import accept_invitation
from app.people.directory.service import InvitationDraft, invite
from app.people.first_run.service import Foundation, setup_alliance
from app.people.memberships.models import Role
from app.wall import everywhere
from config import wire
from config.settings import Settings
from tests.e2e.people import Somebody
from video.storage.base import Storage

# A rule that isn't imported says no.
POLICIES = policies.__all__
PASSWORD = "a lamp under seven hats"  # noqa: S105 - a password of invented people
AMINA, TOM = "amina@hillside.example", "tom@hillside.example"
_NAMES = {AMINA: "Amina Khan", TOM: "Tom Reed"}


class Installed(Protocol):
    """A Backrow that runs, in however many processes."""

    @property
    def environ(self) -> dict[str, str]:
        """What its processes find in their environment."""


@dataclass(frozen=True)
class Town:
    """The alliance, and the rows and objects of the installation that it lives in."""

    sessions: sessionmaker[Session]
    storage: Storage
    teachers: dict[str, Actor]

    def turn(self) -> UUID:
        """Open a project of Amina's with Tom, let both sign its protocol, and give her turn in it."""
        amina, tom = self.teachers[AMINA], self.teachers[TOM]
        with self.sessions.begin() as session:
            may_open = permit(session, amina, Action.PROJECT_OPEN, Alliance, amina.alliance_id)
            draft = ProjectDraft(with_ids=(tom.person_id,), focus="wait_time")
            project_id = projects.open_project(session, may_open, draft=draft).id
        self._agree(project_id)
        with self.sessions() as session:
            return session.scalars(select(Cycle.id).where(Cycle.project_id == project_id)).one()

    def key(self, email: str) -> str:
        """Give a teacher a key for scripts."""
        with self.sessions.begin() as session:
            person = session.get_one(Person, self.teachers[email].person_id)
            return make_token(session, person, label="a test's script").secret

    def _agree(self, project_id: UUID) -> None:
        amina = self.teachers[AMINA]
        with self.sessions.begin() as session:
            drafts = select(ProtocolVersion.id).where(ProtocolVersion.project_id == project_id)
            version_id = session.scalars(drafts).one()
            protocols.propose(session, permit(session, amina, Action.PROTOCOL_PROPOSE, ProtocolVersion, version_id))
        for email, teacher in self.teachers.items():
            with self.sessions.begin() as session:
                may_sign = permit(session, teacher, Action.PROTOCOL_SIGN, ProtocolVersion, version_id)
                said = may_sign.thing.text_hash or ""
                protocols.sign(session, may_sign, typed_name=_NAMES[email], text_hash=said)


@contextmanager
def settled(backrow: Installed) -> Iterator[Town]:
    """Found the alliance in an installation that runs, with Joan who keeps it, Amina and Tom."""
    settings = Settings.from_env(backrow.environ)
    engine = wire.engine(settings, wire.COMMAND)
    sessions = everywhere(sessionmaker(engine))
    try:
        with sessions.begin() as session:
            teachers = _people(session, settings.public_url)
        yield Town(sessions, wire.storage(settings), teachers)
    finally:
        engine.dispose()


def sign_in(person: Somebody, email: str) -> None:
    """Sign in by password."""
    person.go("/sign-in")
    person.fill("E-mail", email)
    person.fill("Password", PASSWORD)
    person.press("Sign in")
    expect(person.page.get_by_role("heading", level=1)).to_contain_text(_NAMES[email].split()[0])


def open_upload(person: Somebody, cycle_id: UUID) -> None:
    """Open the page from which a film is sent, and wait until it sends in parts: before that it is a plain form."""
    person.go(f"/cycles/{cycle_id}/upload")
    person.page.locator("br-uploader:defined").wait_for(state="attached")


def _people(session: Session, address: str) -> dict[str, Actor]:
    founded = setup_alliance(
        session,
        Foundation(
            alliance="Valley Alliance",
            school="Hillside",
            name="Joan Bell",
            email="joan@hillside.example",
            password=PASSWORD,
        ),
    )
    joan, school_id = _actor(founded.person), founded.school.id
    teachers = {}
    for email, name in _NAMES.items():
        draft = InvitationDraft(name=name, email=email, roles=(Role.TEACHER,))
        may_invite = permit(session, joan, Action.PERSON_MANAGE, School, school_id)
        invited = invite(session, may_invite, draft=draft, public_url=address)
        joined = accept_invitation(session, token=invited.token, name=name, password=PASSWORD)
        teachers[email] = _actor(session.get_one(Person, joined.person_id))
    return teachers


def _actor(person: Person) -> Actor:
    return Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)
