"""Tests of promises ask a web process over HTTP, as people do; who asks and what must come back stay as they are.

`BACKROW_TESTS_SERVED=1` has every other test ask one too, where it speaks to Backrow by its addresses alone; `=0` none,
so that a debugger reaches the application.
"""

import http.client
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy import Connection, Engine
from werkzeug.wrappers import Request

from config import children
from tests.running import COMMAND, Backrow, listens, until

_CHOICE: Final = "BACKROW_TESTS_SERVED"
SECRET: Final = sha256(b"only for tests").hexdigest()
#: What a process says of itself, and not of the answer.
_OF_THE_LINE: Final = {"connection", "server", "transfer-encoding"}
_running: list["Web"] = []


@dataclass
class _Choice:
    process: bool = False


_chosen = _Choice()


def choose(*, promise: bool) -> None:
    """Say, before a test begins, whether it proves a promise: then its application is a process."""
    _chosen.process = {"0": False, "1": True}.get(os.environ.get(_CHOICE, ""), promise)


def from_here_on(app: Flask, rows: Engine | Connection, folder: Path, **settings: str) -> None:
    """Have whoever asks this application asked of a web process instead, where that is wanted; `end` ends it.

    Not where the rows are those of one connection, which keeps nothing: no other process sees them.
    """
    if _chosen.process and isinstance(rows, Engine):
        url = rows.url.render_as_string(hide_password=False)
        given = {"BACKROW_DATABASE_URL": url, "BACKROW_SECRET_KEY": SECRET, **settings}
        app.wsgi_app = Web(Backrow(folder, given))  # type: ignore[method-assign]  # as middlewares do


def end() -> None:
    """End every web process."""
    while _running:
        _running.pop().stop()


@dataclass
class Web:
    """One web process, started when it is first asked."""

    backrow: Backrow
    _child: children.Child | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - of WSGI
        """Pass a request on, and give its answer."""
        if self._child is None:
            self.start()
        asked = Request(environ)
        line = http.client.HTTPConnection("127.0.0.1", self.backrow.port, timeout=60)
        try:
            headers = {**asked.headers, "X-Forwarded-Proto": asked.scheme}  # as whoever speaks https in front does
            line.request(asked.method, environ["RAW_URI"], body=asked.get_data() or None, headers=headers)
            answer = line.getresponse()
            start_response(
                f"{answer.status} {answer.reason}",
                [(name, value) for name, value in answer.getheaders() if name.lower() not in _OF_THE_LINE],
            )
            if answer.headers.get_content_type() == "text/event-stream":
                return _events(line, answer)
            body = answer.read()
        except OSError:
            line.close()
            raise
        line.close()
        return [body]

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.backrow.port

    def start(self) -> None:
        """Start it, and wait until it listens."""
        said = self.backrow.folder / "web.txt"
        with said.open("ab") as output:
            child = self._child = children.start([*COMMAND, "web"], environ=self.backrow.environ, output=output)
        _running.append(self)
        until(lambda: listens(self.backrow.port) or child.poll() is not None, "the web process listens")
        assert child.poll() is None, said.read_text(errors="replace")

    def stop(self) -> None:
        """End the process."""
        if self._child is not None:
            children.end(self._child, patience_s=20)


def _events(line: http.client.HTTPConnection, answer: http.client.HTTPResponse) -> Iterator[bytes]:
    """Pass an endless answer on, an event at a time, until whoever asked has heard enough."""
    event = b""
    try:
        while piece := answer.readline():
            event += piece
            if not piece.strip():
                yield event
                event = b""
    finally:
        line.close()
