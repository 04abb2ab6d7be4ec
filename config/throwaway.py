"""A PostgreSQL for a moment: for checks and for writing migrations, with nothing of anybody's in it."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import migrating
from config.postgres import OWNER, Cluster


@contextmanager
def fresh_database() -> Iterator[str]:
    """Give the owner's address of a database that has every migration and no row; it is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="backrow-check-"))
    made = Cluster(folder / "database", durable=False)
    try:
        with (folder / "postgres.log").open("wb") as log:
            made.start(output=log)
        migrating.upgrade(made.url(OWNER))
        yield made.url(OWNER)
    finally:
        made.stop()
        shutil.rmtree(folder)
