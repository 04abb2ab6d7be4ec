"""An application on a real port of this machine, for what only a browser or a real connection shows."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import IO, Any

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server
from werkzeug.wsgi import FileWrapper

from tests.served import Web


class _Handler(WSGIRequestHandler):
    """Says nothing about each request, and closes each file that it sent, also to a browser that hung up.

    Where the line breaks while its rest is drained, Werkzeug leaves the file to the garbage collector, and the warning
    reaches whichever test runs by then.
    """

    _files: ExitStack

    def run_wsgi(self) -> None:
        """Answer one request."""
        with ExitStack() as self._files:
            super().run_wsgi()

    def make_environ(self) -> dict[str, Any]:
        """Say how files are sent."""
        return super().make_environ() | {"wsgi.file_wrapper": self._wrapped}

    def _wrapped(self, file: IO[bytes], buffer_size: int = 8192) -> FileWrapper:
        self._files.callback(file.close)
        return FileWrapper(file, buffer_size)

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - its parent's name for it
        """Say nothing: hundreds of lines about static files hide what failed."""


@contextmanager
def serving(app: Flask, *, wait_for_answers: bool = False) -> Iterator[BaseWSGIServer | Web]:
    """Serve on a free port; at the end, also wait for answers still under way (streams must be told to end before)."""
    if isinstance(app.wsgi_app, Web):
        app.wsgi_app.start()
        yield app.wsgi_app
        return
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Handler)
    server.daemon_threads = not wait_for_answers  # type: ignore[attr-defined]  # of the threaded kind
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
