"""Letters: handed to the school's mail server, or kept in a folder where there is none."""

import os
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from app.clock import machine_now

_TIMEOUT_S = 20.0


def letter(sender: str, *, to: str, subject: str, body: str) -> EmailMessage:
    """Write a letter; a line end in its head is refused, since it could add another addressee.

    Raises:
        ValueError: address or subject hold one.
    """
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = sender, to, subject
    written["Date"], written["Message-ID"] = (
        format_datetime(machine_now()),
        make_msgid(domain=sender.rpartition("@")[2]),
    )
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(body)
    return written


@dataclass(frozen=True)
class SmtpMailer:
    """Sends by a mail server, encrypted: from the first byte (`smtps`), or by STARTTLS where we are not on it."""

    url: str
    sender: str

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Hand one letter over.

        Raises:
            OSError: it wasn't taken (`smtplib`'s errors are of this kind); it may be sent again.
        """
        written = letter(self.sender, to=to, subject=subject, body=body)
        with self._connect() as server:
            server.send_message(written)

    def check(self) -> None:
        """Sign in, and send nothing.

        Raises:
            OSError: that doesn't work.
        """
        with self._connect() as server:
            server.noop()

    def _connect(self) -> smtplib.SMTP:
        place, context = urlsplit(self.url), ssl.create_default_context()
        host = place.hostname or ""
        server: smtplib.SMTP
        if place.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, place.port or 465, timeout=_TIMEOUT_S, context=context)
        else:
            server = smtplib.SMTP(host, place.port or 587, timeout=_TIMEOUT_S)
        try:
            if place.scheme != "smtps" and host not in {"localhost", "127.0.0.1", "::1"}:
                server.starttls(context=context)
            if place.username:
                server.login(unquote(place.username), unquote(place.password or ""))
        except OSError:
            server.close()
            raise
        return server


@dataclass(frozen=True)
class FolderMailer:
    """Keeps letters as files, for whoever runs Backrow to read or pass on; only its own account can."""

    folder: Path
    sender: str

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Write one letter into the folder, whole or not at all."""
        written = letter(self.sender, to=to, subject=subject, body=body)
        # As it stands: other codings break long lines, and with them the links that somebody copies out of the file.
        written.set_content(body, cte="8bit")
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = f"{machine_now():%Y-%m-%d_%H%M%S}_{uuid4().hex[:8]}.eml"
        handle = os.open(self.folder / f".{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as new:
            new.write(bytes(written))
        (self.folder / f".{name}").rename(self.folder / name)

    def check(self) -> None:
        """Make the folder.

        Raises:
            OSError: that doesn't work.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
