"""The local storage's addresses as people meet them: served by gunicorn, as in `make run`."""

import http.client
import secrets
import socket
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from app.web.guard import rule_of
from app.web.objects import make_blueprint
from video.storage.base import LEAST_PART_BYTES, PartToSend, SignedPart
from video.storage.local import LocalStorage
from video.storage.signing import Signer

KEY = "lessons/r1/film.mp4"
BODY = secrets.token_bytes(LEAST_PART_BYTES + 12345)

_SERVE = """
import sys
from pathlib import Path
from flask import Flask
from gunicorn.app.base import BaseApplication
from app.web.objects import make_blueprint
from video.storage.local import LocalStorage
from video.storage.signing import Signer
handle, root, host, secret = sys.argv[1:]
class Server(BaseApplication):
    def load_config(self):
        for name, value in {"bind": f"fd://{handle}", "worker_class": "gthread", "threads": 4, "loglevel": "critical",
                            "control_socket_disable": True}.items():
            self.cfg.set(name, value)
    def load(self):
        app = Flask("objects")
        app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
        signer = Signer({"k1": bytes.fromhex(secret)}, host=host)
        app.register_blueprint(make_blueprint(LocalStorage(Path(root), signer=signer)))
        return app
Server().run()
"""


@dataclass
class Served:
    """A storage, and the address at which gunicorn serves it."""

    storage: LocalStorage
    host: str

    def ask(
        self, method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """Send one request and read the answer."""
        line = http.client.HTTPConnection(self.host, timeout=30)
        try:
            line.request(method, url, body, headers or {})
            answer = line.getresponse()
            return answer, answer.read()
        finally:
            line.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    root, secret = tmp_path_factory.mktemp("served") / "storage", secrets.token_bytes(32)
    with socket.create_server(("127.0.0.1", 0)) as listening:  # requests wait in it until gunicorn is ready
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        handle = listening.fileno()
        words = [sys.executable, "-c", _SERVE, str(handle), str(root), host, secret.hex()]
        with subprocess.Popen(words, pass_fds=[handle]) as server:  # noqa: S603 - our own words
            storage = LocalStorage(root, signer=Signer({"k1": secret}, host=host))
            storage.prepare()
            yield Served(storage, host)
            server.terminate()


@pytest.fixture
def upload_id(served: Served) -> Iterator[str]:
    begun = served.storage.begin_upload(KEY, size_bytes=len(BODY), part_bytes=LEAST_PART_BYTES)
    yield begun
    served.storage.erase_prefix("lessons")


def first_part(served: Served, upload_id: str) -> tuple[SignedPart, bytes]:
    body = BODY[:LEAST_PART_BYTES]
    part = PartToSend(1, len(body), b64encode(sha256(body).digest()).decode())
    return served.storage.part_address(KEY, upload_id, part, expires_s=60), body


def test_a_part_larger_than_pages_allow_arrives(served: Served, upload_id: str) -> None:
    signed, body = first_part(served, upload_id)
    answer, _ = served.ask("PUT", signed.url, body)
    assert answer.status == 200
    (part,) = served.storage.parts(KEY, upload_id)
    assert answer.headers["ETag"] == f'"{part.etag}"'
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_whoever_sends_a_part_to_an_altered_address_hears_why(served: Served, upload_id: str) -> None:
    signed, body = first_part(served, upload_id)
    for url in (signed.url + "0", signed.url.replace("part=1", "part=2"), signed.url + "&part=1", f"/storage/{KEY}"):
        answer, said = served.ask("PUT", url, body)
        assert (answer.status, said) == (403, b"This address does not hold. Go back to the page and try again.\n")
    assert served.storage.parts(KEY, upload_id) == []


def test_another_length_than_signed_is_refused(served: Served, upload_id: str) -> None:
    signed, body = first_part(served, upload_id)
    assert served.ask("PUT", signed.url, body[:-1])[0].status == 400
    assert served.ask("PUT", signed.url, body + b"x")[0].status == 400
    chunked, _ = served.ask("PUT", signed.url, None, {"Transfer-Encoding": "chunked", "Content-Length": "0"})
    assert chunked.status in {400, 411}
    assert served.storage.parts(KEY, upload_id) == []


def test_an_object_is_served_for_nobody_to_keep(served: Served, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"<script>alert(1)</script>")
    served.storage.put("pages/p1", source, sha256=sha256(source.read_bytes()).hexdigest())
    answer, body = served.ask("GET", served.storage.url("pages/p1", expires_s=60, content_type="image/jpeg"))
    assert (answer.status, body) == (200, source.read_bytes())
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_every_refusal_looks_the_same(served: Served, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    served.storage.put("pictures/p1", source, sha256=sha256(b"x").hexdigest())
    there = served.storage.url("pictures/p1", expires_s=60, content_type="image/jpeg")
    absent = served.storage.url("pictures/p2", expires_s=60, content_type="image/jpeg")
    said = {
        served.ask("GET", url)[1]
        for url in (there + "0", absent + "0", there.partition("?")[0], "/storage/..%2f..%2fetc%2fpasswd", "/storage/a")
    }
    assert said == {b"This address does not hold. Go back to the page and try again.\n"}


def test_a_part_of_an_upload_that_ended_is_refused_in_words(served: Served, upload_id: str) -> None:
    signed, body = first_part(served, upload_id)
    part = PartToSend(1, len(body), b64encode(sha256(body).digest()).decode())
    served.storage.put_part(KEY, upload_id, part, BytesIO(body))
    served.storage.abort_upload(KEY, upload_id)
    answer, said = served.ask("PUT", signed.url, body)
    assert answer.status == 404
    assert b"Begin a new one" in said


def test_both_addresses_say_why_they_are_public(tmp_path: Path) -> None:
    app = Flask(__name__)
    app.register_blueprint(make_blueprint(LocalStorage(tmp_path, signer=Signer({"k1": bytes(32)}, host="h"))))
    for endpoint in ("objects.read", "objects.send_part"):
        assert isinstance(rule_of(app, endpoint), str)
    assert app.view_functions["objects.send_part"].__dict__["__backrow_form_token__"] is False
