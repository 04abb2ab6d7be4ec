"""How letters leave: by the mail server that the settings name, or, without one, into a folder of this machine."""

import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

_TIMEOUT_S = 30


@dataclass(frozen=True)
class SmtpMailer:
    """Sends by SMTP: `smtps://name:secret@host:465`, or `smtp://host:587`, which turns to TLS where it is offered."""

    url: str = field(repr=False)
    sender: str

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Hand one letter over.

        Raises:
            OSError: it wasn't taken; it may be sent again (smtplib's errors are of this kind).
        """
        server = urlsplit(self.url)
        with _connect(server.scheme, server.hostname or "localhost", server.port) as post:
            if server.username:
                post.login(unquote(server.username), unquote(server.password or ""))
            post.send_message(_letter(self.sender, to, subject, body))


@dataclass(frozen=True)
class OutboxMailer:
    """Writes letters into a private folder, from which whoever keeps the machine passes them on."""

    folder: Path
    sender: str = "backrow@localhost"

    def send(self, *, to: str, subject: str, body: str) -> None:
        """Write one letter as a file that only this account can read; the same letter twice is one file.

        Raises:
            OSError: the folder can't be written to.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        letter = _letter(self.sender, to, subject, body)
        file = self.folder / f"{_mark(to, subject, body)}.eml"
        draft = self.folder / f".{uuid4().hex}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(letter.as_bytes(policy=SMTP))
        draft.replace(file)


def _connect(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    safe = ssl.create_default_context()
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=_TIMEOUT_S, context=safe)
    post = smtplib.SMTP(host, port or 587, timeout=_TIMEOUT_S)
    post.ehlo()
    if post.has_extn("starttls"):
        post.starttls(context=safe)
        post.ehlo()
    return post


def _mark(*words: str) -> str:
    """Name a letter after what it says: sent twice after a crash, mail programs show it once."""
    return sha256("\0".join(words).encode()).hexdigest()[:32]


def _letter(sender: str, to: str, subject: str, body: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = sender, to, subject
    letter["Date"] = formatdate()
    letter["Message-ID"] = f"<{_mark(to, subject, body)}@{sender.partition('@')[2] or 'localhost'}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(body)
    return letter
