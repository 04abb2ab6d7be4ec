"""Somebody's script before a fleet: any page process answers, and what one doesn't answer is asked of another."""

import hashlib
import http.client
import json
import time
from base64 import b64encode
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Protocol
from urllib.parse import urljoin, urlsplit
from uuid import UUID, uuid4

from app.lessons.uploads.sending import fingerprint

_PATIENCE_S: Final = 240.0
_BUSY: Final = {429, 500, 502, 503, 504}
_WAIT_S: Final = 0.3


class Served(Protocol):
    """Page processes that somebody can ask."""

    @property
    def public_url(self) -> str:
        """Where people open it."""

    def port(self) -> int:
        """Give the port of any page process."""


class Refused(Exception):
    """An answer that asking again doesn't change."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(f"{status}: {said[:300]}")
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        """The body, read."""
        read: dict[str, Any] = json.loads(self.body)
        return read


@dataclass(frozen=True)
class Caller:
    """Somebody with a key for scripts."""

    served: Served
    key: str

    def once(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        """Ask one page process, once.

        Raises:
            OSError, http.client.HTTPException: it was killed, or isn't back yet.
        """
        shown = urlsplit(self.served.public_url).netloc
        sent = {"Host": shown, "Authorization": f"Bearer {self.key}", **headers}
        return _asked(f"127.0.0.1:{self.served.port()}", method, path, body, sent)

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, **headers: str) -> Answer:
        """Ask until somebody answers; the same key never does a thing twice.

        Raises:
            Refused: the answer is no.
        """
        said = None if body is None else json.dumps(body).encode()
        typed = {"Content-Type": "application/json", "Accept": "application/json", **headers}
        return _patiently(lambda: self.once(method, path, said, **typed))

    def send(self, film: bytes, cycle_id: UUID, *, name: str = "IMG_1.mp4") -> UUID:
        """Send a film as the page's script does; each step is asked again until it is answered."""
        wish = {
            "cycle_id": str(cycle_id),
            "recording_id": None,
            "kind": "source",
            "name": name,
            "size_bytes": len(film),
            "mime": "video/mp4",
            "fingerprint": fingerprint(BytesIO(film), len(film)),
            "trim": None,
            "recorded_on": None,
            "class_code": "",
            "delete_on": None,
        }
        book = self.ask("POST", "/api/v1/uploads", wish, **{"Idempotency-Key": str(uuid4())}).json
        size = int(book["part_bytes"])
        blocks = [film[start : start + size] for start in range(0, len(film), size)]
        etags = [self._put(book, number, block) for number, block in enumerate(blocks, start=1)]
        parts = [{"number": number, "etag": etag} for number, etag in enumerate(etags, start=1)]
        key = {"Idempotency-Key": str(uuid4())}
        self.ask("POST", f"/api/v1/uploads/{book['upload_id']}/complete", {"parts": parts}, **key)
        return UUID(book["recording_id"])

    def _put(self, book: dict[str, Any], number: int, block: bytes) -> str:
        wanted = {"number": number, "sha256": b64encode(hashlib.sha256(block).digest()).decode()}
        (signed,) = self.ask("POST", f"/api/v1/uploads/{book['upload_id']}/part-urls", {"parts": [wanted]}).json["urls"]
        address = urlsplit(urljoin(self.served.public_url, signed["url"]))
        path = f"{address.path}?{address.query}"
        answer = _patiently(lambda: _asked(address.netloc, signed["method"], path, block, signed["headers"]))
        return {name.lower(): value for name, value in answer.headers.items()}["etag"].strip('"')


def _asked(place: str, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
    line = http.client.HTTPConnection(place, timeout=60)
    try:
        line.request(method, path, body=body, headers=headers)
        answer = line.getresponse()
        return Answer(answer.status, answer.read(), dict(answer.getheaders()))
    finally:
        line.close()


def _patiently(asking: Any) -> Answer:  # noqa: ANN401 - a call without arguments
    deadline = time.monotonic() + _PATIENCE_S
    while True:
        try:
            answer: Answer = asking()
        except (OSError, http.client.HTTPException):
            answer = Answer(503, b"nobody there", {})
        if answer.status < 400:
            return answer
        again = answer.status in _BUSY or b'"in_progress"' in answer.body
        if not again or time.monotonic() > deadline:
            raise Refused(answer.status, answer.body.decode(errors="replace"))
        time.sleep(_WAIT_S)
