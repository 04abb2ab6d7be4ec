"""Callers who begin a request and never end it: their threads come back. Served by gunicorn, as in `make run`."""

import socket
import subprocess
import sys
from http.client import HTTPConnection

import pytest

_SERVE = """
import sys
from gunicorn.app.base import BaseApplication
from config.patience import bound_waiting
def page(environ, start_response):
    start_response("200 OK", [("Content-Length", "2")])
    environ["wsgi.input"].read()
    return [b"ok"]
class Server(BaseApplication):
    def load_config(self):
        for name, value in {"bind": f"fd://{sys.argv[1]}", "worker_class": "gthread", "threads": 2, "loglevel": "critical",
                            "control_socket_disable": True,
                            "when_ready": lambda server: bound_waiting(server.LISTENERS, wait_s=1)}.items():
            self.cfg.set(name, value)
    def load(self):
        return page
Server().run()
"""


@pytest.mark.parametrize("half", [b"GET / HTTP/1.1\r\nHo", b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"])
def test_half_a_request_holds_no_thread_for_good(half: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address, handle = listening.getsockname(), listening.fileno()
        words = [sys.executable, "-c", _SERVE, str(handle)]
        with subprocess.Popen(words, pass_fds=[handle]) as server:  # noqa: S603 - our own words
            try:
                line = HTTPConnection(*address, timeout=30)
                line.request("GET", "/", headers={"Connection": "close"})  # until it serves
                assert line.getresponse().read() == b"ok"
                halves = [socket.create_connection(address) for _ in range(8)]
                for each in halves:
                    each.sendall(half)
                line.request("GET", "/")
                assert line.getresponse().read() == b"ok"
                for each in halves:
                    each.close()
                line.close()
            finally:
                server.terminate()
