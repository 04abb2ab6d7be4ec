"""An alliance with canaries in it, and whoever walks through it and looks for them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product, takewhile
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.home.live.stream import COMMENT
from app.lessons.media.models import Asset, Storyboard
from app.lessons.recordings.models import Recording
from app.models import metadata
from app.people.accounts.models import Device
from tests.app.observation.scene import Asker
from tests.config.backup.home import Film, put
from tests.described import as_described, description, resolved
from tests.promises.canaries import Canaries, told
from tests.promises.cast import Cast, cast
from tests.promises.furnishing import furnish
from tests.promises.readers import Facts

#: Left out of a walk, since it stays open: it is listened to by itself.
_STREAM: Final = "/api/v1/events"
STRANGER: Final = "nobody"


@dataclass
class Ground:
    """One alliance: its people, what must be known of it, and all its ids by the names that addresses give them."""

    cast: Cast
    facts: Facts
    canaries: Canaries
    known: dict[str, list[Any]]
    seen: set[str] = field(default_factory=set)

    def addresses(self) -> Iterator[str]:
        """Give every address to look at, with every id."""
        yield from (address for _, address in self.calls("GET"))
        yield from self._asked()

    def calls(self, method: str) -> Iterator[tuple[str, str]]:
        """Give every rule that takes this method, and each address of it with every id."""
        adapter = self.cast.app.url_map.bind("localhost")
        for rule in self.cast.app.url_map.iter_rules():
            names = sorted(rule.arguments)
            if method in (rule.methods or ()) and str(rule) != _STREAM:
                for values in product(*(self.known[name] for name in names)):
                    yield str(rule), adapter.build(rule.endpoint, dict(zip(names, values, strict=True)))

    def body(self, rule: str, method: str) -> dict[str, Any] | None:
        """Make a body that says all that it must, as the description of the API asks; None where that takes none."""
        told = description()["paths"].get(as_described(rule), {}).get(method.lower(), {})
        if "requestBody" not in told:
            return None
        schema = told["requestBody"]["content"]["application/json"]["schema"]
        made: dict[str, Any] = self._sample(schema, "")
        return made

    @property
    def _all_topics(self) -> str:
        topics = [f"{kind}:{thing_id}" for kind in ("recording", "cycle") for thing_id in self.known[f"{kind}_id"]]
        return f"after=0&topics=me,{','.join(topics)}"

    def _asked(self) -> Iterator[str]:
        """Give addresses with what may be asked in them besides."""
        yield f"/api/v1/events/poll?{self._all_topics}"
        yield f"/projects/new?{'&'.join(f'with={person_id}' for person_id in self.known['person_id'])}"
        for recording_id, clip_id in product(self.known["recording_id"], self.known["clip_id"]):
            yield f"/api/v1/recordings/{recording_id}/play?clip={clip_id}"
        for project_id in self.known["project_id"]:
            yield f"/projects/{project_id}?signed=1"
            yield f"/projects/{project_id}/protocol/compare?from=1&to=3"

    def _sample(self, asked: dict[str, Any], name: str) -> Any:  # noqa: ANN401 - whatever JSON holds
        match schema := resolved(asked):
            case {"type": "object"}:
                return {each: self._sample(schema["properties"][each], each) for each in schema.get("required", ())}
            case {"type": "array"}:
                return [self._sample(schema["items"], name.removesuffix("s"))]
            case {"type": "integer"}:
                return 1
        words = {"uuid": str(self.known.get(name, self.known["note_id"])[-1]), "date": "2027-01-01"}
        return words.get(schema.get("format", ""), f"sha256:{0:064}" if "pattern" in schema else "x")

    def asker(self, who: str) -> Asker:
        """Give somebody by letter; a stranger has no key."""
        return self.cast.askers.get(who) or Asker(self.cast.app.test_client(), "")

    def leaks(self, who: str, where: str, answer: TestResponse) -> list[str]:
        """Name what is in an answer and isn't for whoever asked; what led to an object is followed to its bytes."""
        said = told(answer)
        if answer.headers.get("Location", "").startswith(("/storage/", "http://localhost/storage/")):
            piece = self.asker(STRANGER).client.get(answer.headers["Location"])
            said += told(piece)
            piece.close()
        return self._not_theirs(who, where, said)

    def leaks_live(self, who: str) -> list[str]:
        """Name what the open stream tells somebody who may not read it, from the first event until all is told."""
        with self.asker(who).get(f"{_STREAM}?{self._all_topics}") as answer:
            assert answer.mimetype == "text/event-stream", answer.status
            lines = takewhile(COMMENT.encode().__ne__, answer.iter_encoded())
            return self._not_theirs(who, _STREAM, b"".join(lines).decode())

    def _not_theirs(self, who: str, where: str, said: str) -> list[str]:
        found = []
        for _, home, row in self.canaries.found(said):
            if who in self.facts.readers(home, row):
                self.seen.add(home)
            else:
                found.append(f"{who} at {where}: {home}, of {row.get('id')}")
        return found


def _board(asset: Asset, sheet: str) -> Storyboard:
    return Storyboard(
        alliance_id=asset.alliance_id,
        asset_id=asset.id,
        sheet_keys=[sheet],
        times_ms=[0],
        changes=[0.0],
        width=2,
        height=2,
    )


def settle(sessions: sessionmaker[Session], folder: Path, state: str, canaries: Canaries) -> Ground:
    """Settle an alliance in one state of the table, with a film for each lesson; canaries are planted afterwards."""
    made: list[Facts] = []
    people = cast(sessions, folder, state, lambda scene: made.append(furnish(scene, state)))
    (facts,), storage = made, people.app.extensions["backrow"].storage
    for asker in people.askers.values():
        canaries.hide(asker.token)
    with sessions() as session:
        lessons = session.scalars(select(Recording.id).where(Recording.alliance_id == facts.alliance_id)).all()
        known = {
            f"{table.name}_id": list(
                session.scalars(select(table.c.id).where(table.c.alliance_id == facts.alliance_id).order_by(table.c.id))
            )
            for table in metadata.sorted_tables
            if {"alliance_id", "id"} <= set(table.columns.keys())
        }
        devices = select(Device.id).where(Device.account_id.in_(facts.letters))
        known["device_id"] = list(session.scalars(devices.where(Device.label != "").order_by(Device.id)))
    for recording_id in lessons:
        Film(pieces=1).store(sessions, storage, recording_id)
        with sessions.begin() as session:
            asset = session.scalars(select(Asset).where(Asset.recording_id == recording_id)).one()
            asset.poster_key = asset.source_key.replace("source", "poster.jpg")
            put(storage, asset.poster_key, asset.poster_key.encode())
            sheet = asset.source_key.replace("source", "sheet.jpg")
            put(storage, sheet, sheet.encode())
            session.add(_board(asset, sheet))
        canaries.keep(storage, {"alliance_id": facts.alliance_id, "recording_id": recording_id})
    known |= {"version_id": known["protocol_version_id"], "number": [0, 1, 2, 3], "key": list(storage.keys("r"))}
    known |= {name: ["x"] for name in ("filename", "token")} | {"name": ["240p"]}
    known |= {"lang": ["en"], "kind": ["vtt", "srt"], "act": ["hide", "show"]}
    known["verb"] = ["share", "carry-over", "pause", "resume", "withdraw", "erase"]
    return Ground(people, facts, canaries, known)
