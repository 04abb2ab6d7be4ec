"""A triad in the middle of a turn: Tom's lesson is shared with Amina and Priya; a decoy alliance stands beside it."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app import ids
from app.agreements.consents.models import Consent, ConsentKind, Training
from app.agreements.cycles.models import CycleState
from app.agreements.projects.models import Capacity
from app.agreements.protocols.models import FocusItem
from app.lessons.recordings.models import Recording, RecordingState, ViewingWindow
from app.people.accounts.models import Device, DeviceKind
from app.people.memberships.models import Role
from tests.browser import make_app
from tests.world import World

TRIAD = {"Tom": Capacity.TEACHER, "Amina": Capacity.TEACHER, "Priya": Capacity.TEACHER}


@dataclass
class Asker:
    """Somebody who is signed in by a token, and asks for pages and JSON."""

    client: FlaskClient
    token: str

    def ask(self, method: str, path: str, **more: Any) -> TestResponse:  # noqa: ANN401 - whatever Flask's client takes
        """Send one request."""
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        return self.client.open(path, method=method, headers=headers, **more)

    def get(self, path: str, **more: Any) -> TestResponse:  # noqa: ANN401
        """Ask for a page."""
        return self.ask("GET", path, **more)

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:  # noqa: ANN401
        """Send a form."""
        return self.ask("POST", path, data=form or {}, **more)

    def send(
        self,
        method: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        key: UUID | str | None = None,
        match: int | str | None = None,
    ) -> TestResponse:
        """Send JSON, with a key and a version where they are asked for."""
        headers = {}
        if key is not None:
            headers["Idempotency-Key"] = str(key)
        if match is not None:
            headers["If-Match"] = match if isinstance(match, str) else f'"{match}"'
        return self.ask(method, path, json=body, headers=headers)


@dataclass
class Scene:
    """Names and ids, so that tests read as sentences; every change is committed."""

    sessions: sessionmaker[Session]
    app: Flask
    ids: dict[str, UUID] = field(default_factory=dict)
    askers: dict[str, Asker] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Asker:
        """Give somebody by name."""
        return self.askers[name]

    @property
    def lesson(self) -> str:
        """Give the lesson's address."""
        return f"/recordings/{self.ids['recording']}"

    @property
    def cycle(self) -> str:
        """Give the turn's address."""
        return f"/cycles/{self.ids['cycle']}"

    def note(self, name: str, body: str, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - parts of a note
        """Let somebody write a note, through the JSON address."""
        answer = self[name].send(
            "POST",
            f"/api/v1{self.lesson}/notes",
            {"at_ms": 252_000, "kind": "evidence", "body": body, **more},
            key=ids.new(),
        )
        assert answer.status_code == 201, answer.text
        note: dict[str, Any] = answer.get_json()
        return note

    def share(self, name: str, *note_ids: str, **more: str) -> TestResponse:
        """Let somebody share feedback."""
        body = {"note_ids": list(note_ids), "took_away": "the silence", "why_dont_you_try": "asking B before A", **more}
        return self[name].send("POST", f"/api/v1{self.cycle}/feedback", body, key=ids.new())

    def sign_in(self, session: Session, world: World, name: str, *, known_as: str = "") -> None:
        """Give somebody a token."""
        token = ids.token()
        person = world.people[name]
        session.add(
            Device(
                account_id=person.account_id,
                person_id=person.id,
                kind=DeviceKind.TOKEN,
                secret_hash=ids.token_hash(token),
                expires_at=world.now + timedelta(days=365),
            )
        )
        self.ids[known_as or name] = person.id
        self.askers[known_as or name] = Asker(self.app.test_client(), token)


def build(
    sessions: sessionmaker[Session],
    folder: Path,
    *,
    pupil: bool = False,
    **clauses: Any,  # noqa: ANN401 - of the version
) -> Scene:
    """Build the triad, a co-ordinator who takes no part, and the decoy; with Kit, a detective, if asked."""
    scene = Scene(sessions, make_app(sessions, folder))
    with sessions.begin() as session:
        world = World(session)
        for name in TRIAD:
            world.person(name)
        roster = dict(TRIAD)
        if pupil:
            world.person("Kit", roles=(Role.PUPIL,))
            roster["Kit"] = Capacity.DETECTIVE
        world.person("Joan", roles=(Role.CO_ORDINATOR, Role.SCHOOL_ADMINISTRATOR, Role.DATA_PROTECTION_LEAD))
        project = world.project("Tom", **roster)
        version = world.version(project, 1, roster=roster, watchers=roster, **clauses)
        cycle = world.cycle(project, "Tom")
        cycle.state = CycleState.OBSERVING
        recording = world.recording(cycle, state=RecordingState.SHARED, bound=version)
        scene.ids |= {"project": project.id, "version": version.id, "cycle": cycle.id, "recording": recording.id}
        scene.ids["focus"] = session.scalars(select(FocusItem.id).where(FocusItem.version_id == version.id)).one()
        if pupil:
            guard(world, recording, "Kit")
        for name in world.people:
            scene.sign_in(session, world, name)
        decoy = World(session, "Coast")
        for name in TRIAD:
            decoy.person(name)
        elsewhere = decoy.project("Tom", **TRIAD)
        other = decoy.version(elsewhere, 1, roster=TRIAD, watchers=("Amina", "Priya"))
        turn = decoy.cycle(elsewhere, "Tom")
        there = decoy.recording(turn, state=RecordingState.SHARED, bound=other, title="Elsewhere")
        scene.ids |= {"elsewhere": there.id, "other_cycle": turn.id}
        scene.ids["other_focus"] = session.scalars(select(FocusItem.id).where(FocusItem.version_id == other.id)).one()
        scene.sign_in(session, decoy, "Amina", known_as="Zoe")
    return scene


def guard(world: World, recording: Recording, pupil: str) -> None:
    """Give a detective all that guards pupils: training, a yes, and a window that a teacher has opened."""
    kit, alliance_id = world.people[pupil], world.alliance.id
    world.add(Training(person_id=kit.id, alliance_id=alliance_id))
    world.add(Consent(alliance_id=alliance_id, person_id=kit.id, kind=ConsentKind.DETECTIVE))
    window = ViewingWindow(
        alliance_id=alliance_id,
        recording_id=recording.id,
        pupil_id=kit.id,
        opened_by=recording.owner_id,
        from_at=world.now - timedelta(minutes=10),
        until_at=world.now + timedelta(minutes=40),
    )
    world.add(window)
