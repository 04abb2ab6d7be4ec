"""What lies around us: storage, the address that people type and its certificate, the secret, mail."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

from app.clock import machine_now
from config import safety, wire
from config.certificate import read_certificate
from config.doctor.finding import BAD, MIND, WELL, Finding
from config.logging import describe
from config.mail import FolderMailer
from config.settings import Settings, Tls
from video.storage.base import StorageError

_SOON = timedelta(days=14)


def storage(settings: Settings) -> Iterator[Finding]:
    """Look whether films can be kept, and by nobody else found."""
    place = f"S3 at {settings.s3.endpoint}" if settings.s3 else f"files in {settings.data / 'storage'}"
    unsafe = safety.open_folder(settings) or safety.open_bucket(settings.s3)
    if unsafe:
        yield Finding("storage", BAD, unsafe.wrong, unsafe.mend)
        return
    try:
        found = wire.storage(settings)
        found.prepare()
        found.check()
    except StorageError as error:
        yield Finding("storage", BAD, f"{place}: {error.say}", "Check BACKROW_S3_…, or the disk under BACKROW_DATA.")
        return
    drifting = safety.drifting_storage(settings)
    if drifting:
        yield Finding("storage", BAD, f"its clock {drifting.wrong}", drifting.mend)
        return
    yield Finding("storage", WELL, f"{place}: writes, reads, erases, and shows strangers nothing")


def address(settings: Settings) -> Iterator[Finding]:
    """Tell what people type, and look at the certificate that answers there."""
    if not settings.secure:
        yield Finding("address", WELL, f"{settings.public_url}, for this machine alone")
    elif settings.tls is None:
        proxies = ", ".join(settings.trusted_proxy)
        yield Finding("address", WELL, f"{settings.public_url}, https by the proxy at {proxies}")
    else:
        yield _certificate(settings.public_url, settings.tls)


def _certificate(public_url: str, tls: Tls) -> Finding:
    again = "Give the certificate's whole chain in BACKROW_TLS_CERT and its key in BACKROW_TLS_KEY, then start again."
    try:
        ends_at = read_certificate(tls.cert, tls.key, host=urlsplit(public_url).hostname or "")
    except ssl.SSLCertVerificationError as error:
        return Finding("address", BAD, f"{public_url}: {error.verify_message}", f"Renew the certificate. {again}")
    except OSError as error:
        return Finding("address", BAD, f"{public_url}: certificate and key can't be used ({describe(error)})", again)
    says = f"{public_url}, its certificate holds until {ends_at:%Y-%m-%d}"
    if ends_at < machine_now() + _SOON:
        return Finding("address", MIND, says, f"Renew it. {again}")
    return Finding("address", WELL, says)


def secret(settings: Settings) -> Iterator[Finding]:
    """Say where the secret comes from; settings refuse one that can be guessed."""
    file = settings.data / "secret_key"
    if file.exists() and file.read_text().strip() == settings.secret_key:
        yield Finding("secret", WELL, f"made and kept in {file}")
    else:
        yield Finding("secret", WELL, "given by BACKROW_SECRET_KEY")


def mail(settings: Settings) -> Iterator[Finding]:
    """Try to sign in to the mail server, and send nothing."""
    mailer = wire.mailer(settings)
    try:
        mailer.check()
    except OSError as error:
        yield Finding("mail", BAD, describe(error), "Check BACKROW_SMTP_URL: host, port, name and secret.")
        return
    if isinstance(mailer, FolderMailer):
        mend = "Set BACKROW_SMTP_URL to send them; until then hand links on yourself."
        yield Finding("mail", MIND, f"letters are kept in {mailer.folder}", mend)
    else:
        yield Finding("mail", WELL, "the mail server lets us in")
