"""What those who run Backrow can set, from the environment; everything wrong with it is said at once, with its mend."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Final, Literal, cast
from urllib.parse import urlsplit

from config.reading import Problem, Reader, SettingsProblems
from config.secret import kept_secret

__all__ = ["Problem", "S3Settings", "Settings", "SettingsProblems", "Tls"]

#: Every setting, with what it is for; `docs/running-it.md` and `config/env.example` explain the same ones.
KNOWN = {
    "BACKROW_ENV_FILE": "a file with further settings, one NAME=value a line; the environment wins",
    "BACKROW_DATA": "folder for everything that Backrow keeps itself (var/)",
    "BACKROW_HOST": "address to listen on (127.0.0.1)",
    "BACKROW_PORT": "port to listen on (8000)",
    "BACKROW_PUBLIC_URL": "what people type to reach it (http://127.0.0.1:8000)",
    "BACKROW_DATABASE_URL": "a PostgreSQL of your own, as the application's role (Backrow brings one along)",
    "BACKROW_DATABASE_OWNER_URL": "the same database, as the role that owns the tables",
    "BACKROW_DATABASE_DIRECT_URL": "the same database past a pooler, for being woken",
    "BACKROW_STORAGE": "local or s3 (local)",
    "BACKROW_S3_ENDPOINT": "address of the S3 server",
    "BACKROW_S3_BUCKET": "bucket of its own",
    "BACKROW_S3_ACCESS_KEY": "key",
    "BACKROW_S3_SECRET_KEY": "secret",
    "BACKROW_S3_REGION": "region (us-east-1)",
    "BACKROW_SMTP_URL": "smtp://name:secret@host:587 or smtps://… (letters are kept in the data folder)",
    "BACKROW_MAIL_FROM": "the letters' sender (backrow@ the public address)",
    "BACKROW_FFMPEG": "an ffmpeg of your own (Backrow brings one along)",
    "BACKROW_JAIL": "auto, bwrap, landlock or off (auto)",
    "BACKROW_SECRET_KEY": "32 signs or more (made and kept at first start)",
    "BACKROW_TLS_CERT": "certificate chain, for https without a proxy",
    "BACKROW_TLS_KEY": "its key",
    "BACKROW_TRUSTED_PROXY": "address of the proxy that speaks https for us",
    "BACKROW_LOG": "sql: print queries too",
    "BACKROW_PULSE": "a file that worker and clock touch every few seconds",
}
PORT: Final = 8000
# These belong to tests and build machines, not to those who run Backrow.
_NOT_OURS = {"BACKROW_REQUIRE", "BACKROW_CHROMIUM"}
_SECRET_NAMES = ("_SECRET_KEY", "_URL", "_ACCESS_KEY")
_LEAST_SECRET = 32


@dataclass(frozen=True)
class S3Settings:
    """Where objects lie, when they lie in an S3 server."""

    endpoint: str
    bucket: str
    access_key: str
    secret_key: str = field(repr=False)
    region: str = "us-east-1"


@dataclass(frozen=True)
class Tls:
    """Certificate chain and key, for speaking https without a proxy."""

    cert: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, checked; make one with `from_env`."""

    data: Path
    host: str
    port: int
    public_url: str
    #: None: the PostgreSQL that Backrow brings along.
    database_url: str | None = field(repr=False)
    database_owner_url: str | None = field(repr=False)
    database_direct_url: str | None = field(repr=False)
    #: None: files in the data folder.
    s3: S3Settings | None
    #: None: letters are kept in the data folder.
    smtp_url: str | None = field(repr=False)
    mail_from: str
    ffmpeg: str | None
    jail: Literal["auto", "bwrap", "landlock", "off"]
    secret_key: str = field(repr=False)
    tls: Tls | None
    #: Addresses or networks of proxies whose word about the caller is believed.
    trusted_proxy: tuple[str, ...]
    log_sql: bool
    #: Worker and clock show by it that they do their rounds, to whoever watches from outside.
    pulse: Path | None

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read and check all settings; a data folder without a secret key gets one.

        Raises:
            SettingsProblems: everything that is wrong, each with its mend; nothing was made or changed.
        """
        reader = Reader(_with_env_file(os.environ if environ is None else environ))
        _look_for_misspelt(reader)
        settings = _read(reader)
        _check_that_it_is_safe(reader, settings)
        if reader.problems:
            raise SettingsProblems(reader.problems)
        return settings if settings.secret_key else _with_kept_secret(settings)

    @property
    def secure(self) -> bool:
        """Say whether people reach it by https."""
        return self.public_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """Name the sign-in cookie; under https browsers tie a `__Host-` cookie to this very host.

        Cookies aren't kept apart by port (RFC 6265, 8.5): whoever looks round in the demo stays signed in to the
        Backrow beside it.
        """
        if self.secure:
            return "__Host-backrow"
        return "backrow" if self.port == PORT else f"backrow-{self.port}"

    @property
    def embedded(self) -> bool:
        """Say whether Backrow runs its own PostgreSQL."""
        return self.database_url is None


def _with_env_file(environ: Mapping[str, str]) -> dict[str, str]:
    ours = {name: value for name, value in environ.items() if name.startswith("BACKROW_") and value.strip()}
    name = ours.get("BACKROW_ENV_FILE")
    if name is None:
        return ours
    try:
        lines = Path(name).read_text().splitlines()
    except OSError as error:
        say = Problem("BACKROW_ENV_FILE", f"{name} can't be read ({error.strerror})", "Name a file that is there.")
        raise SettingsProblems([say]) from error
    pairs = [line.partition("=") for line in lines if "=" in line and not line.lstrip().startswith("#")]
    found = {key.strip(): value.strip().strip("\"'") for key, _, value in pairs if value.strip()}
    open_to_all = Path(name).stat().st_mode & (stat.S_IROTH | stat.S_IRGRP)
    if open_to_all and any(key.endswith(_SECRET_NAMES) and key != "BACKROW_PUBLIC_URL" for key in found):
        say = Problem("BACKROW_ENV_FILE", f"{name} holds secrets that others can read", f"Say `chmod 600 {name}`.")
        raise SettingsProblems([say])
    return found | ours


def _look_for_misspelt(reader: Reader) -> None:
    for name in sorted(reader.names() - set(KNOWN) - _NOT_OURS):
        for close in get_close_matches(name, KNOWN, n=1, cutoff=0.85):
            reader.wrong(name, "is no setting", f"Did you mean {close}?")


def _read(reader: Reader) -> Settings:
    tls = _read_tls(reader)
    host, port = reader.text("BACKROW_HOST", "127.0.0.1"), reader.port("BACKROW_PORT", PORT)
    public_url = reader.text("BACKROW_PUBLIC_URL", _likely_url(host, port, secure=tls is not None)).rstrip("/")
    database_url = reader.database_url("BACKROW_DATABASE_URL")
    return Settings(
        data=Path(reader.text("BACKROW_DATA", "var")).expanduser().absolute(),
        host=host,
        port=port,
        public_url=public_url,
        database_url=database_url,
        database_owner_url=reader.database_url("BACKROW_DATABASE_OWNER_URL") or database_url,
        database_direct_url=reader.database_url("BACKROW_DATABASE_DIRECT_URL") or database_url,
        s3=_read_s3(reader),
        smtp_url=reader.url("BACKROW_SMTP_URL", ("smtp", "smtps"), "smtp://name:secret@mail.school.example:587"),
        mail_from=reader.text("BACKROW_MAIL_FROM", f"backrow@{urlsplit(public_url).hostname or 'localhost'}"),
        ffmpeg=reader.program("BACKROW_FFMPEG"),
        jail=cast(
            "Literal['auto', 'bwrap', 'landlock', 'off']",
            reader.one_of("BACKROW_JAIL", ("auto", "bwrap", "landlock", "off")),
        ),
        secret_key=reader.text("BACKROW_SECRET_KEY", ""),
        tls=tls,
        trusted_proxy=_read_proxies(reader),
        log_sql=reader.one_of("BACKROW_LOG", ("", "sql")) == "sql",
        pulse=_read_pulse(reader),
    )


def _read_pulse(reader: Reader) -> Path | None:
    said = reader.text("BACKROW_PULSE", "")
    if said and not Path(said).parent.is_dir():
        reader.wrong("BACKROW_PULSE", f"is {said}, in a folder that isn't there", "Name a file in a folder that is.")
    return Path(said) if said else None


def _likely_url(host: str, port: int, *, secure: bool) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"https://{shown}:{port}" if secure else f"http://{shown}:{port}"


def _read_tls(reader: Reader) -> Tls | None:
    cert, key = reader.file("BACKROW_TLS_CERT"), reader.file("BACKROW_TLS_KEY")
    if (cert is None) != (key is None):
        missing = "BACKROW_TLS_KEY" if key is None else "BACKROW_TLS_CERT"
        reader.wrong(missing, "is missing or unreadable", "Give both, certificate and key.")
    return Tls(cert, key) if cert and key else None


def _read_s3(reader: Reader) -> S3Settings | None:
    if reader.one_of("BACKROW_STORAGE", ("local", "s3")) == "local":
        return None
    endpoint = reader.url("BACKROW_S3_ENDPOINT", ("http", "https"), "https://s3.school.example", needed=True)
    return S3Settings(
        endpoint=endpoint or "",
        bucket=reader.needed("BACKROW_S3_BUCKET", "Name a bucket that only Backrow uses."),
        access_key=reader.needed("BACKROW_S3_ACCESS_KEY", "Give the key that the S3 server made for Backrow."),
        secret_key=reader.needed("BACKROW_S3_SECRET_KEY", "Give the secret that belongs to the key."),
        region=reader.text("BACKROW_S3_REGION", "us-east-1"),
    )


def _read_proxies(reader: Reader) -> tuple[str, ...]:
    named = [word.strip() for word in reader.text("BACKROW_TRUSTED_PROXY", "").split(",") if word.strip()]
    for word in named:
        try:
            ip_network(word)
        except ValueError:
            reader.wrong("BACKROW_TRUSTED_PROXY", f"{word!r} is no address", "Give the proxy's own, as 10.0.0.5.")
    return tuple(named)


def _check_that_it_is_safe(reader: Reader, settings: Settings) -> None:
    """Refuse what would let others listen, sign in as somebody else, or read what they find: no warning, no start."""
    shown = urlsplit(settings.public_url)
    if shown.scheme not in {"http", "https"} or not shown.hostname or shown.path not in {"", "/"}:
        mend = "Give what people type, as https://backrow.school.example."
        reader.wrong("BACKROW_PUBLIC_URL", f"{settings.public_url!r} is no web address", mend)
    elif shown.scheme == "http" and not _loopback(shown.hostname):
        mend = (
            "Use https://: set BACKROW_TLS_CERT and BACKROW_TLS_KEY, or put a proxy that speaks https in front "
            "and name its address in BACKROW_TRUSTED_PROXY. Plain http is for 127.0.0.1 only."
        )
        at = "BACKROW_PUBLIC_URL" if "BACKROW_PUBLIC_URL" in reader.names() else "BACKROW_HOST"
        reader.wrong(at, "would send passwords and lessons over the network in plain", mend)
    elif not (_loopback(settings.host) or settings.tls or settings.trusted_proxy):
        mend = "Set BACKROW_TLS_CERT and BACKROW_TLS_KEY, or name the proxy in BACKROW_TRUSTED_PROXY."
        reader.wrong("BACKROW_HOST", f"{settings.host} can be reached from other machines in plain http", mend)
    if shown.scheme == "https" and not (settings.tls or settings.trusted_proxy):
        mend = "Set BACKROW_TLS_CERT and BACKROW_TLS_KEY, or name the proxy in BACKROW_TRUSTED_PROXY."
        reader.wrong("BACKROW_PUBLIC_URL", "is https, but nothing here speaks it", mend)
    _check_secret(reader, settings)


def _check_secret(reader: Reader, settings: Settings) -> None:
    secret, mend = settings.secret_key, "Take the answer of `python3 -c 'import secrets; print(secrets.token_hex())'`."
    if secret and (len(secret) < _LEAST_SECRET or len(set(secret)) < _LEAST_SECRET // 4):
        reader.wrong("BACKROW_SECRET_KEY", "can be guessed", mend)
    if not secret and not settings.embedded:
        reader.wrong("BACKROW_SECRET_KEY", "is missing, and all machines must share one", mend)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _with_kept_secret(settings: Settings) -> Settings:
    values = {name: getattr(settings, name) for name in settings.__dataclass_fields__}
    return Settings(**values | {"secret_key": kept_secret(settings.data)})
