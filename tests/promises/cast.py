"""Everybody of the rule book's table of states, each in a browser of their own, before the whole application."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app import ids
from app.people.accounts.models import Device, DeviceKind
from tests.app.lessons.table_of_states import Scene, build
from tests.app.observation.scene import Asker
from tests.browser import make_app

OWNER = "O"
#: The fourteen others of the table.
OTHERS = "BMGKRUFCLADSYZ"
TITLE = "Year 8 fractions"


@dataclass(frozen=True)
class Cast:
    """People by their letter, and the ids of what the scene is about."""

    app: Flask
    askers: dict[str, Asker]
    ids: dict[str, UUID]

    def addresses(self, *names: str) -> Iterator[str]:
        """Give every address to look at that takes one of these ids; whatever else it takes is some id or other."""
        for rule in sorted(self.app.url_map.iter_rules(), key=str):
            if "GET" in (rule.methods or ()) and set(names) & rule.arguments:
                yield self._filled(rule)

    def plain_addresses(self) -> Iterator[str]:
        """Give every address to look at that takes nothing: lists, home, one's own pages."""
        for rule in sorted(self.app.url_map.iter_rules(), key=str):
            if "GET" in (rule.methods or ()) and not rule.arguments and str(rule) != "/api/v1/events":
                yield str(rule)

    def ask(self, who: str, address: str) -> TestResponse:
        """Ask as somebody."""
        return self.askers[who].get(address)

    def _filled(self, rule: Rule) -> str:
        stand_in = {"name": "240p", "number": 1, "filename": "x", "key": "x", "token": "x", "lang": "en", "kind": "vtt"}
        values = {name: self.ids.get(name, stand_in.get(name) or uuid4()) for name in rule.arguments}
        adapter = self.app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, values)


def cast(
    sessions: sessionmaker[Session], folder: Path, state: str, furnish: Callable[[Scene], object] = lambda scene: scene
) -> Cast:
    """Build one column of the table, with what `furnish` puts there too, and give everybody a key."""
    askers: dict[str, Asker] = {}
    app = make_app(sessions, folder)
    with sessions.begin() as session:
        scene = build(session, state)
        furnish(scene)
        for letter, person in scene.world.people.items():
            key = ids.token()
            session.add(
                Device(
                    account_id=person.account_id,
                    person_id=person.id,
                    kind=DeviceKind.TOKEN,
                    secret_hash=ids.token_hash(key),
                    expires_at=scene.world.now + timedelta(days=365),
                )
            )
            askers[letter] = Asker(app.test_client(), key)
        found = {
            "recording_id": scene.recording.id,
            "cycle_id": scene.recording.cycle_id,
            "project_id": scene.project.id,
        }
    return Cast(app, askers, found)
