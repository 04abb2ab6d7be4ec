"""From settings to the things that the storeys below ask for: the only place that knows how Backrow is run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.orm import Session, sessionmaker

from app.wall import everywhere
from app.web.parts import Parts
from config.embedded import cluster
from config.first_run import first_run_code
from config.mail import FolderMailer, SmtpMailer
from config.postgres import OWNER
from config.secret import derived
from config.settings import Settings
from video.process import Jail
from video.storage.base import Storage
from video.storage.local import LocalStorage
from video.storage.s3 import S3Place, S3Storage
from video.storage.signing import Signer
from workers.tools import Scratch, Tools


@dataclass(frozen=True)
class Process:
    """What a kind of process may ask of the database: how many connections at once, and how long (in ms)."""

    connections: int
    statement_ms: int
    lock_ms: int


WEB = Process(connections=30, statement_ms=15_000, lock_ms=4_000)
WORKER = Process(connections=8, statement_ms=120_000, lock_ms=10_000)
COMMAND = Process(connections=2, statement_ms=600_000, lock_ms=30_000)


def database_url(settings: Settings) -> str:
    """Give SQLAlchemy's address, as the application's role."""
    return settings.database_url or cluster(settings).url()


def owner_url(settings: Settings) -> str:
    """Give SQLAlchemy's address, as the role that owns the tables: for migrations only."""
    return settings.database_owner_url or cluster(settings).url(OWNER)


def queue_conninfo(settings: Settings) -> str:
    """Give libpq's address for being woken by the queue, past any pooler."""
    url = make_url(settings.database_direct_url or cluster(settings).url())
    return make_conninfo(url.set(drivername="postgresql").render_as_string(hide_password=False))


def engine(settings: Settings, process: Process) -> Engine:
    """Connect as the application's role; errors never repeat what was written."""
    url, pooled = database_url(settings), settings.database_direct_url != settings.database_url
    limits = f"-c statement_timeout={process.statement_ms} -c lock_timeout={process.lock_ms}"
    limits += " -c idle_in_transaction_session_timeout=60000 -c timezone=UTC"
    return create_engine(
        url,
        # A pooler gives each transaction another connection: it knows neither our options nor prepared statements.
        connect_args={"prepare_threshold": None} if pooled else {"options": limits},
        hide_parameters=True,
        max_overflow=0,
        pool_pre_ping=True,
        pool_size=process.connections,
    )


def sessions(settings: Settings, process: Process) -> sessionmaker[Session]:
    """Open sessions of what serves every alliance: workers and commands."""
    return everywhere(sessionmaker(engine(settings, process)))


@contextmanager
def session(settings: Settings) -> Iterator[Session]:
    """Open the one session of a command, whose connection ends with it; what it doesn't commit isn't kept."""
    ours = engine(settings, COMMAND)
    try:
        with everywhere(sessionmaker(ours))() as opened:
            yield opened
    finally:
        ours.dispose()


def storage(settings: Settings) -> Storage:
    """Give the storage of recordings."""
    if settings.s3 is None:
        signer = Signer({"1": derived(settings.secret_key, "storage addresses")}, host=_shown_host(settings))
        return LocalStorage(settings.data / "storage", signer=signer)
    place = settings.s3
    return S3Storage(
        S3Place(
            place.endpoint,
            place.bucket,
            place.access_key,
            place.secret_key,
            region=place.region,
            origin=_origin(settings),
        )
    )


def mailer(settings: Settings) -> SmtpMailer | FolderMailer:
    """Give the way for letters."""
    if settings.smtp_url is None:
        return FolderMailer(settings.data / "mail", settings.mail_from)
    return SmtpMailer(settings.smtp_url, settings.mail_from)


def jail(settings: Settings) -> Jail:
    """Give the jail for whatever reads a stranger's file.

    Raises:
        MediaError: no rung of it holds on this machine, or there is no ffmpeg.
    """
    return Jail.choose(settings.jail, ffmpeg=settings.ffmpeg)


def tools(settings: Settings, process: Process = WORKER) -> Tools:
    """Give what job handlers work with; what killed workers left in the scratch folder is wiped."""
    return Tools(
        sessions=sessions(settings, process),
        storage=storage(settings),
        jail=jail(settings),
        mailer=mailer(settings),
        scratch=Scratch(settings.data / "scratch"),
        public_url=settings.public_url,
    )


def parts(settings: Settings) -> Parts:
    """Give what the web application is built from."""
    return Parts(
        sessions=sessionmaker(engine(settings, WEB)),  # each request names the alliance that it reaches
        storage=storage(settings),
        secret_key=derived(settings.secret_key, "sign-in").hex(),
        public_url=settings.public_url,
        first_run_code=first_run_code(settings.secret_key),
        mail_is_sent=settings.smtp_url is not None,
        storage_origin=_s3_origin(settings),
        trusted_proxies=1 if settings.trusted_proxy else 0,
        listen_conninfo=queue_conninfo(settings),
    )


def _shown_host(settings: Settings) -> str:
    return urlsplit(settings.public_url).netloc


def _origin(settings: Settings) -> str:
    shown = urlsplit(settings.public_url)
    return f"{shown.scheme}://{shown.netloc}"


def _s3_origin(settings: Settings) -> str | None:
    if settings.s3 is None:
        return None
    place = urlsplit(settings.s3.endpoint)
    return f"{place.scheme}://{place.netloc}"
