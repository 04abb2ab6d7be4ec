"""A body that is cut into pieces wrongly: answered as its sender's fault, not as ours."""

from collections.abc import Iterable
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from gunicorn.http.errors import ParseException


class WholeBodies:
    """Lets the application meet what gunicorn can't read of a body as any other broken line (400)."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        environ["wsgi.input"] = _Body(environ["wsgi.input"])
        return self._inner(environ, start_response)


class _Body:
    def __init__(self, inner: IO[bytes]) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the body has
        return getattr(self._inner, name)

    def read(self, *size: int) -> bytes:
        try:
            return self._inner.read(*size)
        except ParseException as error:
            raise ConnectionError(str(error)) from error
