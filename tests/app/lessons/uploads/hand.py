"""What the page's script does when it sends a film, call by call, so that a test can stop or lie at any of them."""

import hashlib
import random
from base64 import b64encode
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.agreements.cycles.models import Cycle
from app.authz import Action, permit
from app.lessons.uploads import assembling
from app.lessons.uploads.models import Upload
from app.lessons.uploads.queries import received
from app.lessons.uploads.sending import fingerprint
from app.lessons.uploads.wish import MIB
from tests.app.agreements.web import Web
from video.storage.local import LocalStorage

Json: TypeAlias = dict[str, Any]
PART = 8 * MIB


def some_bytes(size_bytes: int, seed: int = 1) -> bytes:
    """Make bytes that no compression and no luck gets right."""
    return random.Random(seed).randbytes(size_bytes)  # noqa: S311 - a film, not a secret


def body(answer: TestResponse) -> Json:
    """Read an answer's JSON object."""
    assert isinstance(answer.json, dict), answer.text
    return answer.json


def digest(block: bytes) -> str:
    return b64encode(hashlib.sha256(block).digest()).decode()


@dataclass
class Hand:
    """Amina's script, with a film of two parts and a bit."""

    web: Web
    cycle_id: UUID
    film: bytes = field(default_factory=lambda: some_bytes(2 * PART + 1000))

    @classmethod
    def at_her_turn(cls, web: Web) -> "Hand":
        """Let Amina and Tom agree; the first turn is hers."""
        project_id = web.agreed("Amina", "Tom")
        cycle_id = web.ask(
            lambda session: session.scalars(select(Cycle.id).where(Cycle.project_id == project_id)).one()
        )
        return cls(web, cycle_id)

    @property
    def storage(self) -> LocalStorage:
        """Give the application's storage."""
        found = self.web.app.extensions["backrow"].storage
        assert isinstance(found, LocalStorage)
        return found

    def wish(self, **changes: Any) -> Json:  # noqa: ANN401 - any field of the contract
        """Say what is about to be sent."""
        return {
            "cycle_id": str(self.cycle_id),
            "recording_id": None,
            "kind": "source",
            "name": "IMG_2041.mov",
            "size_bytes": len(self.film),
            "mime": "video/quicktime",
            "fingerprint": fingerprint(BytesIO(self.film), len(self.film)),
            "trim": None,
            "recorded_on": None,
            "class_code": "8F2",
            "delete_on": None,
        } | changes

    def create(self, *, who: str = "Amina", key: str | None = None, **changes: Any) -> TestResponse:  # noqa: ANN401
        """Ask for an upload."""
        headers = {} if key is None else {"Idempotency_Key": key}
        return self.web.send(who, "POST", "/api/v1/uploads", self.wish(**changes), **headers)

    def begun(self) -> Json:
        """Ask for an upload that is granted."""
        answer = self.create()
        assert answer.status_code in {200, 201}, answer.text
        return body(answer)

    def block(self, number: int) -> bytes:
        """Cut one part from the film."""
        return self.film[(number - 1) * PART : number * PART]

    def urls(self, book: Json, *parts: tuple[int, str], who: str = "Amina") -> TestResponse:
        """Ask for addresses."""
        said = {"parts": [{"number": number, "sha256": sha256} for number, sha256 in parts]}
        return self.web.send(who, "POST", f"/api/v1/uploads/{book['upload_id']}/part-urls", said)

    def put(self, book: Json, number: int, *, block: bytes | None = None) -> str:
        """Send one part; `block` is what really goes out. Gives the ETag."""
        wanted = self.block(number)
        (signed,) = body(self.urls(book, (number, digest(wanted))))["urls"]
        address = urlsplit(signed["url"])
        answer = self.web.stranger().client.open(
            f"{address.path}?{address.query}",
            method=signed["method"],
            data=wanted if block is None else block,
            headers=signed["headers"],
        )
        assert answer.status_code == 200, answer.text
        return answer.headers["ETag"].strip('"')

    def complete(
        self, book: Json, parts: dict[int, str], *, who: str = "Amina", key: str | None = None
    ) -> TestResponse:
        """Say that all is sent."""
        said = {"parts": [{"number": number, "etag": etag} for number, etag in parts.items()]}
        path = f"/api/v1/uploads/{book['upload_id']}/complete"
        return self.web.send(who, "POST", path, said, Idempotency_Key=key or str(uuid4()))

    def sent(self) -> Json:
        """Send the whole film."""
        book = self.begun()
        answer = self.complete(book, {number: self.put(book, number) for number in (1, 2, 3)})
        assert answer.status_code == 202, answer.text
        return book

    def show(self, book: Json, *, who: str = "Amina", elsewhere: bool = False) -> TestResponse:
        """Ask how far it has come."""
        return self.web.of(who, elsewhere=elsewhere).get(f"/api/v1/uploads/{book['upload_id']}")

    def lose_the_answer(self, upload_id: UUID) -> None:
        """Stop between the storage's putting together and our own rows; then let the clock's act come by."""
        sessions, actor = self.web.sessions, self.web.here["Amina"].actor
        with sessions.begin() as session:
            may_go_on = permit(session, actor, Action.UPLOAD_RESUME, Upload, upload_id, lock=True)
            parts = [(part.number, part.etag) for part in received(session, may_go_on.thing, self.storage)]
            whole = assembling.completing(session, may_go_on, parts=parts)
        assert whole is not None
        assembling.assemble(self.storage, whole)
        assembling.assemble_again(sessions, self.storage, upload_id)
