"""The rows of a database as one moment saw them, one file a table; and what they say of objects."""

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from config.backup.manifest import Sequence, Table, sha256_of
from video.storage import disk

#: The migrations write it; what it says is in the manifest.
_STEPS_TAKEN: Final = "alembic_version"
# What a table's file holds; a column that the database works out by itself can't be written.
_TABLES: Final = """
    SELECT relname, array_agg(attname ORDER BY attnum)
    FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> %s
      AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
    GROUP BY relname ORDER BY relname
"""
_SEQUENCES: Final = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' ORDER BY relname
"""
# Every column that holds a key of storage, with what the object comes to where the row says it. What an upload is
# about to become is there only once its parts were put together. A film that is still to be cut isn't taken along:
# what its teacher cut away would live on in the backup.
NAMED: Final = """
    SELECT source_key, size_bytes, true FROM asset WHERE source_erased_at IS NULL
    UNION SELECT poster_key, 0, true FROM asset WHERE poster_key IS NOT NULL
    UNION SELECT jsonb_array_elements_text(sheet_keys), 0, true FROM storyboard
    UNION SELECT key, size_bytes, true FROM export WHERE key IS NOT NULL
    UNION SELECT preview_key, 0, true FROM blurred_copy WHERE preview_key IS NOT NULL
    UNION SELECT init_key, 0, true FROM rendition WHERE init_key IS NOT NULL
    UNION SELECT key, size_bytes, true FROM segment
    UNION SELECT storage_key, coalesce(cut_bytes, size_bytes), false FROM upload AS coming
        WHERE state NOT IN ('expired', 'erased')
          AND NOT (cut_in_browser IS FALSE AND cut_at IS NULL)
          AND NOT EXISTS (SELECT FROM asset WHERE source_key = coming.storage_key)
"""
#: Beneath what the films lie that are being erased, since a blurred copy of each is used.
GOING: Final = """
    SELECT unnest(ARRAY['r/' || asset.recording_id || '/' || asset.id || '/', source_key])
    FROM asset JOIN blurred_copy USING (recording_id)
    WHERE state = 'settled' AND kind <> 'blurred_copy'
"""
_HEAD: Final = "SELECT number, hash FROM audit_event ORDER BY number DESC LIMIT 1"
_ROOM: Final = (
    "SELECT sum(pg_table_size(oid)) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)


@dataclass(frozen=True)
class Named:
    """An object that a row names; `sure` where the row says that it is there."""

    key: str
    size_bytes: int
    sure: bool


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection]:
    """Connect to a database at SQLAlchemy's address for one long piece of work, past the wall between alliances.

    One transaction at a time: a pooler gives the next one another connection, so each names its reach anew.
    """
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True, prepare_threshold=None) as connection:
        yield connection


@contextmanager
def transaction(connection: psycopg.Connection, *, snapshot: bool = False) -> Iterator[None]:
    """Open a transaction that reaches every alliance and may take long; `snapshot` sees one moment, changes nothing."""
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ if snapshot else None
    connection.read_only = snapshot or None
    with connection.transaction():
        for name, value in (
            ("backrow.alliance", "*"),
            ("statement_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
            ("timezone", "UTC"),
            ("datestyle", "ISO"),
            ("intervalstyle", "postgres"),
        ):
            connection.execute("SELECT set_config(%s, %s, true)", [name, value])
        yield


def room_needed(connection: psycopg.Connection) -> int:
    """Say what the rows may come to in bytes; packed they come to less."""
    row = connection.execute(_ROOM).fetchone()
    return int(row[0] or 0) if row else 0


def revision(connection: psycopg.Connection) -> str | None:
    """Say which step of the migrations the database has."""
    there = connection.execute("SELECT to_regclass(%s)", [f"public.{_STEPS_TAKEN}"]).fetchone()
    if there is None or there[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def tables(connection: psycopg.Connection) -> list[tuple[str, list[str]]]:
    """List the tables that hold rows, with their columns."""
    return [(name, list(columns)) for name, columns in connection.execute(_TABLES, [_STEPS_TAKEN])]


def write_all(connection: psycopg.Connection, folder: Path) -> tuple[Table, ...]:
    """Write every table's rows to a file in `folder`, in the snapshot that is open."""
    written = []
    for name, columns in tables(connection):
        table = Table(name=name, columns=tuple(columns), rows=0, sha256="")
        file = folder / table.file
        rows = _write(connection, table, file)
        written.append(Table(name=name, columns=tuple(columns), rows=rows, sha256=sha256_of(file)))
    disk.sync_folder(folder / "rows")
    return tuple(written)


def sequences(connection: psycopg.Connection) -> tuple[Sequence, ...]:
    """Say where every counter stands; they only go up, so a later moment than the snapshot's does no harm."""
    found = []
    for (name,) in connection.execute(_SEQUENCES).fetchall():
        asked = sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier("public", name))
        row = connection.execute(asked).fetchone()
        found += [Sequence(name, int(row[0]), bool(row[1]))] if row else []
    return tuple(found)


def named(connection: psycopg.Connection) -> dict[str, Named]:
    """List the objects that rows name, by key."""
    return {row[0]: Named(*row) for row in connection.execute(NAMED)}


def audit_head(connection: psycopg.Connection) -> tuple[int, str]:
    """Give the length and the head of the chain."""
    row = connection.execute(_HEAD).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "")


def _write(connection: psycopg.Connection, table: Table, file: Path) -> int:
    asked = sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, table.columns)), table=sql.Identifier("public", table.name)
    )
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as raw, connection.cursor() as cursor:
        with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed, cursor.copy(asked) as copy:
            for block in copy:
                packed.write(block)
        raw.flush()
        os.fsync(raw.fileno())
        return cursor.rowcount
