"""The database that commands work on: ours, started for as long as they need it, or somebody else's."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.accounts import PostgresTrouble
from config.lock import COMMAND, DataLock, Taken
from config.postgres import Cluster
from config.settings import Settings

_LOG = "postgres.log"
_MOST_LOG_BYTES = 1024 * 1024
_PATIENCE_S = 30.0


def cluster(settings: Settings) -> Cluster:
    """Give the embedded cluster of a data folder, running or not."""
    return Cluster(settings.data / "database")


@contextmanager
def closed_database(settings: Settings) -> Iterator[None]:
    """Make sure that the database answers within the block, and that Backrow can't be started on this data folder.

    Raises:
        Taken: it runs already.
        PostgresTrouble: the database doesn't answer.
    """
    lock = DataLock.take(settings.data, COMMAND)
    try:
        with _started(settings):
            yield
    finally:
        lock.release()


@contextmanager
def running_database(settings: Settings) -> Iterator[None]:
    """Make sure that the database answers within the block; one that Backrow doesn't run is left to its keepers.

    Raises:
        PostgresTrouble: it doesn't.
    """
    if not settings.embedded:
        yield
        return
    ours = cluster(settings)
    try:
        lock = DataLock.take(settings.data, COMMAND)
    except Taken:
        _wait_for_the_other(ours)
        yield
        return
    try:
        with _started(settings):
            yield
    finally:
        lock.release()


@contextmanager
def _started(settings: Settings) -> Iterator[None]:
    """Have our own database started, with the folder's lock in hand; somebody else's is left to its keepers."""
    if not settings.embedded:
        yield
        return
    ours = cluster(settings)
    try:
        with open_log(settings.data / _LOG).open("ab") as log:
            ours.start(output=log)
        yield
    finally:
        ours.stop()


def open_log(file: Path) -> Path:
    """Begin a log anew where it has grown too long."""
    if file.exists() and file.stat().st_size > _MOST_LOG_BYTES:
        file.unlink()
    file.touch(mode=0o600)
    return file


def _wait_for_the_other(ours: Cluster) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while not ours.answers():
        if time.monotonic() > deadline:
            raise PostgresTrouble("Backrow is running here, but its database doesn't answer. Look at what it printed.")
        time.sleep(0.05)
