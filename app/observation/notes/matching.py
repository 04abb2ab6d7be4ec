"""`If-Match`: whoever changes a thing says which version they saw, so that nobody's words go under unseen."""

from typing import ClassVar

from flask import Response, request

from app.errors import BackrowError
from app.web.numbers import version_seen


class MatchNeeded(BackrowError):
    """A change must say which version it was made from."""

    status: ClassVar[int] = 428

    def __init__(self) -> None:
        super().__init__("match_needed", 'Send If-Match with the version you saw, like "3", so that nothing is lost.')


def matched_version() -> int:
    """Give the version that the request was made from.

    What isn't one of our ETags is a version that never was: it will be found stale.

    Raises:
        MatchNeeded: the request says none.
    """
    sent = request.headers.get("If-Match", "").strip()
    if not sent:
        raise MatchNeeded
    return version_seen(sent.removeprefix('"').removesuffix('"') if sent.startswith('"') else "")


def with_etag(response: Response, version: int) -> Response:
    """Say a thing's version as a strong ETag."""
    response.headers["ETag"] = f'"{version}"'
    return response
