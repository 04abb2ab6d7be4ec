"""What of this machine can be used, and the mend for what can't: `backrow doctor`."""

import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, text

from config import migrating, safety, wire
from config.accounts import PostgresTrouble
from config.embedded import running_database
from config.lock import Taken
from config.logging import describe
from config.mail import FolderMailer
from config.settings import Settings
from video.errors import MediaError
from video.process import ffmpeg_report
from video.storage.base import StorageError

WELL, MIND, BAD = "well", "mind", "bad"

_GB = 1024**3
_LEAST_FREE_BYTES = 20 * _GB
_LEAST_DATABASE = 150_000


@dataclass(frozen=True)
class Finding:
    """One thing looked at: `state` is well, mind (it works, but read on) or bad; the mend is empty when well."""

    what: str
    state: str
    says: str
    mend: str = ""


def examine(settings: Settings) -> Iterator[Finding]:
    """Look at one thing after the other; each is told as soon as it is known."""
    yield Finding("python", WELL, f"{sys.version.split()[0]}")
    yield from _media(settings)
    yield from _database(settings)
    for look in (_storage, _mail, _disk):
        yield look(settings)


def _media(settings: Settings) -> Iterator[Finding]:
    try:
        jail = wire.jail(settings)
    except MediaError as error:
        mend = "Install Debian's `bubblewrap`, or use a kernel with Landlock (6.1 has it); look at BACKROW_FFMPEG too."
        yield Finding("jail", BAD, error.detail or error.code, mend)
        return
    if jail.rung == "off":
        yield Finding("jail", BAD, jail.why, "Unset BACKROW_JAIL.")
    else:
        yield Finding("jail", WELL, f"{jail.rung}: {jail.why}")
    report = ffmpeg_report(jail)
    mend = "Unset BACKROW_FFMPEG to use the one that Backrow brings along." if report.missing else ""
    says = f"{report.version}, {report.path}" + (f" lacks {', '.join(report.missing)}" if report.missing else "")
    yield Finding("ffmpeg", BAD if report.missing else WELL, says, mend)


def _database(settings: Settings) -> Iterator[Finding]:
    try:
        with running_database(settings), _engine(settings) as engine:
            yield from (look(engine) for look in (_version, _steps, _role, _clock))
    except (PostgresTrouble, Taken) as trouble:
        yield Finding("database", BAD, str(trouble), "See the sentence before.")
    except Exception as error:  # noqa: BLE001 - whatever the driver met is told, and the rest is still looked at
        mend = "Check BACKROW_DATABASE_URL, and that the server is up and lets this machine in."
        yield Finding("database", BAD, describe(error), mend)


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = wire.engine(settings, wire.COMMAND)
    try:
        yield engine
    finally:
        engine.dispose()


def _ask(engine: Engine, question: str) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text(question)))


def _version(engine: Engine) -> Finding:
    number = int(_ask(engine, "SHOW server_version_num"))
    says = f"PostgreSQL {number // 10_000}"
    if number < _LEAST_DATABASE:
        return Finding("database", BAD, says, "Use PostgreSQL 15 or newer.")
    return Finding("database", WELL, says)


def _steps(engine: Engine) -> Finding:
    if migrating.pending(engine):
        return Finding("migrations", BAD, "some steps are missing", "Say `backrow migrate`.")
    return Finding("migrations", WELL, "up to date")


def _role(engine: Engine) -> Finding:
    owner = "SELECT count(*) FROM pg_class WHERE relname = 'procrastinate_jobs' AND pg_has_role(relowner, 'member')"
    if _ask(engine, owner) == "0":
        return Finding("role", WELL, "the application can't change its own record")
    mend = "Give it a role of its own, a member of backrow_app, and put the owner into BACKROW_DATABASE_OWNER_URL."
    return Finding("role", MIND, "the application owns the tables, and so could change the audit record", mend)


def _clock(engine: Engine) -> Finding:
    drifting = safety.drifting_clock(engine)
    if drifting:
        return Finding("clock", BAD, drifting.wrong, drifting.mend)
    return Finding("clock", WELL, "agrees with the database's")


def _storage(settings: Settings) -> Finding:
    place = f"S3 at {settings.s3.endpoint}" if settings.s3 else f"files in {settings.data / 'storage'}"
    unsafe = safety.open_folder(settings) or safety.open_bucket(settings.s3)
    if unsafe:
        return Finding("storage", BAD, unsafe.wrong, unsafe.mend)
    try:
        storage = wire.storage(settings)
        storage.prepare()
        storage.check()
    except StorageError as error:
        return Finding("storage", BAD, f"{place}: {error.say}", "Check BACKROW_S3_…, or the disk under BACKROW_DATA.")
    return Finding("storage", WELL, place)


def _mail(settings: Settings) -> Finding:
    mailer = wire.mailer(settings)
    try:
        mailer.check()
    except OSError as error:
        return Finding("mail", BAD, describe(error), "Check BACKROW_SMTP_URL: host, port, name and secret.")
    if isinstance(mailer, FolderMailer):
        mend = "Set BACKROW_SMTP_URL to send them; until then hand links on yourself."
        return Finding("mail", MIND, f"letters are kept in {mailer.folder}", mend)
    return Finding("mail", WELL, "the mail server lets us in")


def _disk(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data).free
    says = f"{free / _GB:.0f} GB free under {settings.data}"
    if free < _LEAST_FREE_BYTES:
        return Finding("disk", MIND, says, "A lesson needs up to 16 GB while it is prepared: make room.")
    return Finding("disk", WELL, says)


#: What shows each state at the beginning of a line.
MARKS: dict[str, str] = {WELL: "well", MIND: "mind", BAD: "BAD "}


def tell(findings: Iterator[Finding], say: Callable[[str], object]) -> bool:
    """Tell each finding with its mend; return whether none is bad."""
    well = True
    for found in findings:
        say(f"{MARKS[found.state]}  {found.what:<11} {found.says}")
        if found.mend:
            say(f"      {'':<11} → {found.mend}")
        well = well and found.state != BAD
    return well
