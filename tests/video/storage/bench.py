"""What the storage tests work with: a storage whose addresses are served, and a film in two parts."""

import http.client
import socket
from base64 import b64encode
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from urllib.parse import urljoin, urlsplit

from video.storage.base import LEAST_PART_BYTES, Part, PartToSend, SignedPart, Storage

KEY = "lessons/r1/film.mp4"
SHORT = 1000
FIRST, SECOND = token_bytes(LEAST_PART_BYTES), token_bytes(SHORT)
TWO_SIZES = len(FIRST + SECOND)
Store = Callable[[str, bytes], None]


@dataclass
class Answer:
    """What came back over the line."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


@dataclass
class Bench:
    """One storage under test, where its addresses are served, and the folder in which its bytes lie."""

    kind: str
    storage: Storage
    origin: str
    folder: Path
    #: Sign as if it were so many seconds ago.
    signing_ago: Callable[[int], AbstractContextManager[None]]

    def ask(self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
        """Send one request and read the answer."""
        parts = urlsplit(urljoin(self.origin, url))
        line = http.client.HTTPConnection(parts.netloc, timeout=30)
        try:
            line.request(method, f"{parts.path}?{parts.query}", body, headers or {})
            answer = line.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            line.close()

    def break_off(self, url: str, headers: dict[str, str], body: bytes, *, announced: int) -> None:
        """Begin a PUT of `announced` bytes, send `body` only, and hang up once the server has taken it."""
        parts = urlsplit(urljoin(self.origin, url))
        with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=30) as line:
            lines = {"Host": parts.netloc, "Content-Length": str(announced), **headers}
            head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
            line.sendall(f"PUT {parts.path}?{parts.query} HTTP/1.1\r\n{head}\r\n".encode() + body)
            line.shutdown(socket.SHUT_WR)
            while line.recv(4096):  # until the server has given up too
                pass

    def holds(self, canary: bytes) -> bool:
        """Say whether these bytes are anywhere on the disk."""
        return any(canary in path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


def part_of(number: int, body: bytes) -> PartToSend:
    """Announce a part."""
    return PartToSend(number, len(body), b64encode(sha256(body).digest()).decode())


def begin(bench: Bench, key: str = KEY) -> str:
    """Begin an upload of FIRST and SECOND."""
    return bench.storage.begin_upload(key, size_bytes=TWO_SIZES, part_bytes=LEAST_PART_BYTES)


def address(bench: Bench, upload_id: str, number: int, body: bytes) -> SignedPart:
    """Sign an address for a part."""
    return bench.storage.part_address(KEY, upload_id, part_of(number, body), expires_s=900)


def send(bench: Bench, upload_id: str, number: int, body: bytes) -> Part:
    """Send a part over the line, as a browser does."""
    signed = address(bench, upload_id, number, body)
    answer = bench.ask(signed.method, signed.url, body, signed.headers)
    assert answer.status == 200, answer.body
    return Part(number, answer.headers["ETag"].strip('"'), len(body))


def named(parts: Iterable[Part]) -> list[tuple[int, str]]:
    """Say of each part what completing asks for."""
    return [(part.number, part.etag) for part in parts]


def files(folder: Path) -> list[Path]:
    """List every file beneath `folder`."""
    return [path for path in folder.rglob("*") if path.is_file()]
