"""Both storages, each with a real server that answers to its addresses over HTTP."""

from __future__ import annotations

import http.client
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import botocore.auth
import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from app.web.objects import make_blueprint
from tests.services import swift as swift_service
from tests.services.swift import Swift
from video.storage.base import Storage
from video.storage.local import LocalStorage
from video.storage.s3 import S3Place, S3Storage
from video.storage.signing import Signer


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


class Clock:
    """The real time, and an offset to it."""

    offset_s = 0.0

    def __call__(self) -> float:
        """Say what time it is."""
        return time.time() + self.offset_s


class Quiet(WSGIRequestHandler):
    """Says nothing about each request."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name that is overridden
        """Say nothing."""


@contextmanager
def served(storage_for: Callable[[str], LocalStorage]) -> Iterator[tuple[LocalStorage, str]]:
    """Serve a local storage's addresses over real HTTP."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024  # as pages allow; parts are larger
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    host = f"127.0.0.1:{server.server_port}"
    storage = storage_for(host)
    app.register_blueprint(make_blueprint(storage))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield storage, f"http://{host}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Bench]:
    clock, root = Clock(), tmp_path / "storage"

    @contextmanager
    def signing_ago(seconds: int) -> Iterator[None]:
        clock.offset_s = -float(seconds)
        yield
        clock.offset_s = 0.0

    def make(host: str) -> LocalStorage:
        return LocalStorage(root, signer=Signer({"k1": secrets.token_bytes(32)}, host=host, clock=clock))

    with served(make) as (storage, origin):
        storage.prepare()
        yield Bench("local", storage, origin, root, signing_ago)


@pytest.fixture(scope="session")
def swift(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swift]:
    if reason := swift_service.missing():
        pytest.skip(reason)
    with swift_service.running(tmp_path_factory.mktemp("swift")) as server:
        yield server


@pytest.fixture
def s3(swift: Swift) -> Bench:
    @contextmanager
    def signing_ago(seconds: int) -> Iterator[None]:
        with pytest.MonkeyPatch.context() as patch:
            then = datetime.now(UTC) - timedelta(seconds=seconds)
            patch.setattr(botocore.auth, "get_current_datetime", lambda **_: then.replace(tzinfo=None))
            yield

    place = S3Place(
        endpoint=swift.endpoint,
        bucket=f"b{secrets.token_hex(6)}",
        access_key=swift.access_key,
        secret_key=swift.secret_key,
        region=swift.region,
        origin="http://127.0.0.1:8000",
    )
    storage = S3Storage(place)
    storage.prepare()
    return Bench("s3", storage, swift.endpoint, swift.folder / "disk", signing_ago)


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.needs_s3)])
def bench(request: pytest.FixtureRequest) -> Bench:
    found: Bench = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def store(bench: Bench, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Put bytes under a key."""

    def put(key: str, body: bytes) -> None:
        source = tmp_path / "source"
        source.write_bytes(body)
        bench.storage.put(key, source, sha256=sha256(body).hexdigest())

    return put
