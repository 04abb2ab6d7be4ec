"""What the application is built from; `config` makes it, the application asks nothing else."""

from dataclasses import dataclass, field

from flask import current_app
from sqlalchemy.orm import Session, sessionmaker

from video.storage.base import Storage


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Everything that a Backrow web process needs from outside."""

    sessions: sessionmaker[Session]
    storage: Storage
    secret_key: str = field(repr=False)
    public_url: str
    first_run_code: str = field(repr=False)
    mail_is_sent: bool
    #: where pictures come from besides ourselves: the S3 server's origin
    storage_origin: str | None = None
    #: how many reverse proxies to believe; none by default
    trusted_proxies: int = 0
    development: bool = False
    #: libpq's address for LISTEN, past any pooler; without it streams look by themselves every few seconds
    listen_conninfo: str | None = field(default=None, repr=False)
    #: how many live streams this process holds open at once; past that pages ask now and then
    most_streams: int = 64

    @property
    def secure(self) -> bool:
        """Tell whether people reach us by https."""
        return self.public_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """Name the sign-in cookie; under https the browser itself ties it to this host."""
        return "__Host-backrow" if self.secure else "backrow"


def parts() -> Parts:
    """Give the parts of the application that answers this request."""
    found: Parts = current_app.extensions["backrow"]
    return found
