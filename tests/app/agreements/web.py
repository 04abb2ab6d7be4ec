"""The town's people at their browsers: signed in by device rows, everything else through the application's doors."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app import clock, ids
from app.agreements.protocols.models import ProtocolVersion
from app.people.accounts.models import Device
from app.people.alliances.models import Alliance, School
from tests.app.agreements.town import Teacher, Town, build
from tests.browser import Browser, make_app

Found = TypeVar("Found")


@dataclass
class Web:
    """An application, an alliance, a decoy alliance, and a browser for each person."""

    app: Flask
    sessions: sessionmaker[Session]
    here: dict[str, Teacher]
    elsewhere: dict[str, Teacher]
    browsers: dict[UUID, Browser] = field(default_factory=dict)

    @classmethod
    def build(cls, sessions: sessionmaker[Session], folder: Path) -> "Web":
        """Settle Amina, Tom and Priya here, and their namesakes in the decoy."""
        with sessions.begin() as session:
            towns = build(session), build(session, "Coast Alliance")
            people = [{name: town[name] for name in ("Amina", "Tom", "Priya")} for town in towns]
        return cls(make_app(sessions, folder), sessions, here=people[0], elsewhere=people[1])

    def of(self, name: str, *, elsewhere: bool = False) -> Browser:
        """Give somebody's browser, signed in."""
        who = (self.elsewhere if elsewhere else self.here)[name]
        if who.id not in self.browsers:
            self.browsers[who.id] = self._signed_in(who)
        return self.browsers[who.id]

    def stranger(self) -> Browser:
        """Give a browser in which nobody is signed in."""
        return Browser.of(self.app)

    def ask(self, question: Callable[[Session], Found]) -> Found:
        """Ask the database."""
        with self.sessions.begin() as session:
            return question(session)

    def town(self, session: Session) -> Town:
        """Give the town again, for one session."""
        alliance = session.get_one(Alliance, self.here["Amina"].actor.alliance_id)
        schools = list(session.scalars(select(School).where(School.alliance_id == alliance.id).order_by(School.name)))
        return Town(session, alliance, schools, dict(self.here))

    def agreed(self, *names: str) -> UUID:
        """Let people agree on a first version; gives the project's id."""
        with self.sessions.begin() as session:
            project, _ = self.town(session).agree(*(names or ("Amina", "Tom")))
            return project.id

    def send(self, name: str, method: str, path: str, json: dict[str, Any], **headers: str) -> TestResponse:
        """Send JSON as our pages' scripts do."""
        browser = self.of(name)
        more = {"X-CSRF-Token": browser.token(), "Idempotency-Key": str(uuid4())} | {
            key.replace("_", "-"): value for key, value in headers.items()
        }
        return browser.client.open(path, method=method, json=json, headers=more)

    def _signed_in(self, who: Teacher) -> Browser:
        secret = ids.token()
        with self.sessions.begin() as session:
            now = session.scalars(select(clock.now())).one()
            session.add(
                Device(
                    account_id=who.actor.account_id,
                    person_id=who.id,
                    secret_hash=ids.token_hash(secret),
                    expires_at=now + timedelta(days=1),
                )
            )
        browser = Browser.of(self.app)
        browser.client.set_cookie("backrow", secret)
        return browser


def fields(page: str) -> dict[str, Any]:
    """Read a page's main form as a browser would send it: what is typed, chosen and ticked."""
    form = max(re.findall(r"<form.*?</form>", page, re.DOTALL), key=len)
    found: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, kind = _attribute(tag, "name"), _attribute(tag, "type")
        if not name or (kind in ("checkbox", "radio") and not re.search(r"\schecked", tag)):
            continue
        found.setdefault(name, []).append(_attribute(tag, "value") or "")
    for name, words in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        found.setdefault(name, []).append(unescape(words))
    found.pop("csrf_token", None)
    return found


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf'\s{name}="([^"]*)"', tag)
    return unescape(found.group(1)) if found else ""


def version_of(session: Session, project_id: UUID, number: int = 1) -> ProtocolVersion:
    """Give a project's version by its number."""
    return session.scalars(
        select(ProtocolVersion).where(ProtocolVersion.project_id == project_id, ProtocolVersion.number == number)
    ).one()


def opened(web: Web) -> UUID:
    """Let Amina open a project with Tom by the form; gives its id."""
    tom = str(web.here["Tom"].id)
    answer = web.of("Amina").post("/projects/new", {"kind": "peer_observation", "with_ids": tom, "focus": "who_speaks"})
    assert answer.status_code == 303, answer.text
    return UUID(answer.location.rsplit("/", 1)[1])


def proposed(web: Web) -> UUID:
    """Let Amina open a project and put its first version to Tom; gives the project's id."""
    project_id = opened(web)
    edit = f"/projects/{project_id}/protocol/edit"
    page = web.of("Amina").get(edit)
    answer = web.of("Amina").post(edit, fields(page.text) | {"do": "propose"})
    assert answer.location == f"/projects/{project_id}/protocol/v1/sign", answer.text
    return project_id


def bare(page: str) -> str:
    """Take out what differs from one request to the next."""
    return re.sub(r'nonce="[^"]*"|<code>[^<]*</code>', "", page)
