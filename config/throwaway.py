"""A PostgreSQL for a moment: for checks and for writing migrations, with nothing of anybody's in it."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import migrating
from config.postgres import OWNER, Cluster

_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder made there is this user's alone
#: What a cluster may come to while tests run, its log of changes included.
_ROOM_BYTES = 2 * 1024**3
_NAME = "backrow-throwaway-"


@contextmanager
def throwaway_folder() -> Iterator[Path]:
    """Give a folder for a cluster that is soon gone, in memory where there is room; it is removed afterwards.

    A database is some six hundred small files: on a disk, making one takes ten times as long as in memory.
    """
    memory = _MEMORY if _has_room(_MEMORY) else None
    if memory is not None:
        _sweep(memory)
    folder = Path(tempfile.mkdtemp(prefix=f"{_NAME}{os.getpid()}-", dir=memory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@contextmanager
def fresh_database() -> Iterator[str]:
    """Give the owner's address of a database that has every migration and no row; it is gone afterwards."""
    with throwaway_folder() as folder:
        made = Cluster(folder / "database", durable=False)
        try:
            with (folder / "postgres.log").open("wb") as log:
                made.start(output=log)
            migrating.upgrade(made.url(OWNER))
            yield made.url(OWNER)
        finally:
            made.stop()


def _has_room(place: Path) -> bool:
    return place.is_dir() and os.access(place, os.W_OK | os.X_OK) and shutil.disk_usage(place).free > _ROOM_BYTES


def _sweep(memory: Path) -> None:
    """Give back the memory that a killed process left filled; its server ended with it."""
    for left in memory.glob(f"{_NAME}*"):
        process_id = left.name.removeprefix(_NAME).partition("-")[0]
        if left.stat().st_uid == os.getuid() and not Path("/proc", process_id).exists():
            shutil.rmtree(left, ignore_errors=True)
