"""What would be unsafe to start with, beyond what the settings themselves say: refused, not warned about."""

import stat
import tempfile
import urllib.request
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from os import fstat
from urllib.error import HTTPError

from sqlalchemy import Engine, text

from app.clock import machine_now
from config.reading import Problem, SettingsProblems
from config.settings import S3Settings, Settings

#: Clocks may differ by so much before signed addresses and deadlines stop agreeing.
MOST_DRIFT = timedelta(seconds=30)
_TIMEOUT_S = 10.0


def refuse_unsafe(settings: Settings, engine: Engine) -> None:
    """Refuse to start where recordings lie open, or where the machines' clocks disagree.

    Raises:
        SettingsProblems: what is unsafe, each with its mend.
    """
    found = [
        open_folder(settings),
        drifting_clock(engine),
        open_bucket(settings.s3),
        drifting_storage(settings),
    ]
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise SettingsProblems(problems)


def open_folder(settings: Settings) -> Problem | None:
    """Look whether other accounts of this machine can walk to the recordings."""
    for folder in (settings.data / "storage", settings.data / "scratch"):
        open_to_all = stat.S_IRWXO & folder.stat().st_mode if folder.is_dir() else 0
        if open_to_all and stat.S_IXOTH & settings.data.stat().st_mode:
            mend = f"Say `chmod 700 {folder}`."
            return Problem("BACKROW_DATA", f"keeps recordings in {folder}, where every account can go", mend)
    return None


def drifting_clock(engine: Engine) -> Problem | None:
    """Compare this machine's clock with the database's."""
    with engine.connect() as connection:
        before = machine_now()
        there = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
        after = machine_now()
    drift = max(before - there, there - after, timedelta())
    return _too_far(drift, "the database's")


def drifting_storage(settings: Settings) -> Problem | None:
    """Compare this machine's clock with the storage's: signed addresses end by the one that looks at them."""
    before = machine_now()
    there = _disks_time(settings) if settings.s3 is None else _servers_time(settings.s3)
    after = machine_now()
    if there is None:
        return None  # it does not answer, or doesn't say: whoever needs it says so
    # A server says whole seconds, a disk its last tick: neither is a second behind.
    return _too_far(max(before - timedelta(seconds=1) - there, there - after, timedelta()), "the storage's")


def _too_far(drift: timedelta, whose: str) -> Problem | None:
    if drift <= MOST_DRIFT:
        return None
    mend = "Set both by the network's time (on Debian: `timedatectl set-ntp true`)."
    return Problem("The clock", f"of this machine is {drift.total_seconds():.0f} s off {whose}", mend)


def _disks_time(settings: Settings) -> datetime | None:
    """Ask when a file was written just now: a disk behind the network has a clock of its own."""
    folder = settings.data / "storage"
    if not folder.is_dir():
        return None
    with tempfile.TemporaryFile(dir=folder) as probe:
        probe.write(b"?")
        probe.flush()
        return datetime.fromtimestamp(fstat(probe.fileno()).st_mtime, UTC)


def _servers_time(place: S3Settings) -> datetime | None:
    try:
        with urllib.request.urlopen(place.endpoint, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked to be http(s)
            said = answer.headers["Date"]
    except HTTPError as refusal:
        said = refusal.headers["Date"]
        refusal.close()
    except OSError:
        return None
    try:
        there = parsedate_to_datetime(said or "")
    except ValueError:
        return None
    return there if there.tzinfo else there.replace(tzinfo=UTC)  # `-0000` says that it is UTC, somewhere unknown


def open_bucket(place: S3Settings | None) -> Problem | None:
    """Ask the S3 server for a list of the bucket as a stranger would."""
    if place is None:
        return None
    address = f"{place.endpoint}/{place.bucket}?list-type=2&max-keys=1"
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - checked to be http(s)
            listed = answer.status == HTTPStatus.OK
    except HTTPError:
        return None
    except OSError:
        return None  # it does not answer: whoever needs it says so
    if not listed:
        return None
    return Problem("BACKROW_S3_BUCKET", f"{place.bucket} can be listed without a key", "Make the bucket private.")
