"""Callers who never end a request, or cut it up wrongly, harm nobody else. Served by gunicorn, as in `make run`."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection

import pytest

_SERVE = """
import sys
from flask import Flask, request
from gunicorn.app.base import BaseApplication
from config.bodies import WholeBodies
from config.patience import bound_waiting
page = Flask("page")
page.config["MAX_CONTENT_LENGTH"] = 1000
page.wsgi_app = WholeBodies(page.wsgi_app)
@page.route("/", methods=["GET", "POST"])
def answer():
    return request.get_data() or b"ok"
class Server(BaseApplication):
    def load_config(self):
        for name, value in {"bind": f"fd://{sys.argv[1]}", "worker_class": "gthread", "threads": 2,
                            "loglevel": "critical", "control_socket_disable": True,
                            "when_ready": lambda server: bound_waiting(server.LISTENERS, wait_s=1)}.items():
            self.cfg.set(name, value)
    def load(self):
        return page
Server().run()
"""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # requests wait in it until gunicorn is ready
        handle = listening.fileno()
        words = [sys.executable, "-c", _SERVE, str(handle)]
        with subprocess.Popen(words, pass_fds=[handle]) as server:  # noqa: S603 - our own words
            port = listening.getsockname()[1]
            assert asked(port) == b"ok"
            yield port
            server.terminate()


def asked(port: int) -> bytes:
    line = HTTPConnection("127.0.0.1", port, timeout=30)
    line.request("GET", "/", headers={"Connection": "close"})
    return line.getresponse().read()


@pytest.mark.parametrize("half", [b"GET / HTTP/1.1\r\nHo", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"])
def test_half_a_request_holds_no_thread_for_good(port: int, half: bytes) -> None:
    with ExitStack() as lines:
        for _ in range(8):
            lines.enter_context(socket.create_connection(("127.0.0.1", port))).sendall(half)
        assert asked(port) == b"ok"


@pytest.mark.parametrize(
    ("pieces", "status"), [(b"2\r\nhi\r\n0\r\n\r\n", b"200"), (b"-5\r\nhello\r\n0\r\n\r\n", b"400")]
)
def test_a_body_cut_up_wrongly_is_a_bad_request(port: int, pieces: bytes, status: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + pieces)
        assert line.recv(100).split()[1] == status
