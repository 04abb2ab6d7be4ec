"""Bringing rows back into a database that has the same tables and no rows, in the transaction that is open."""

import gzip
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from app.errors import Conflict
from config.backup import rows
from config.backup.manifest import Manifest, Table, damaged

_BLOCK_BYTES = 1024 * 1024
_REFERENCES: Final = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""
_WALLED: Final = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relforcerowsecurity
"""
# Whose rows show that somebody lives here.
_INHABITED: Final = ("alliance", "account", "recording")


def inhabited(connection: psycopg.Connection) -> bool:
    """Say whether the database holds anybody's rows."""
    there = {name for name, _ in rows.tables(connection)}
    for table in there.intersection(_INHABITED):
        asked = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier("public", table))
        row = connection.execute(asked).fetchone()
        if row and row[0]:
            return True
    return False


def load(connection: psycopg.Connection, folder: Path, manifest: Manifest) -> None:
    """Bring all rows back, as the tables' owner; what isn't committed yet was never there.

    References are taken away for as long as rows come in, since any order of tables breaks some, and are checked when
    they are put back. Triggers sleep: each row is as it was written, the record's hashes too.

    Raises:
        Conflict: the tables aren't those of the backup, or a file holds other rows than the manifest says.
    """
    there = dict(rows.tables(connection))
    other = {table.name for table in manifest.tables if set(there.get(table.name, [])) != set(table.columns)}
    if other or len(there) != len(manifest.tables):
        wrong = ", ".join(sorted(other | (set(there) - {table.name for table in manifest.tables})))
        raise Conflict("backup_other_tables", f"The database has other tables than the backup: {wrong}.")
    references = connection.execute(_REFERENCES).fetchall()
    walled = [name for (name,) in connection.execute(_WALLED)]
    _each(connection, "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", walled)
    _each(connection, "ALTER TABLE {} DISABLE TRIGGER USER", there)
    for table, name, _ in references:
        connection.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}".encode())
    _each(connection, "DELETE FROM {}", there)
    for each in manifest.tables:
        _read(connection, folder, each)
    for sequence in manifest.sequences:
        values = [f"public.{sequence.name}", sequence.last, sequence.called]
        connection.execute("SELECT setval(%s::regclass, %s, %s)", values)
    for table, name, definition in references:
        connection.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}".encode())
    _each(connection, "ALTER TABLE {} ENABLE TRIGGER USER", there)
    _each(connection, "ALTER TABLE {} FORCE ROW LEVEL SECURITY", walled)


def _each(connection: psycopg.Connection, act: str, names: Iterable[str]) -> None:
    for name in names:
        connection.execute(sql.SQL(act).format(sql.Identifier("public", name)))


def _read(connection: psycopg.Connection, folder: Path, table: Table) -> None:
    asked = sql.SQL("COPY {table} ({columns}) FROM STDIN").format(
        columns=sql.SQL(", ").join(map(sql.Identifier, table.columns)), table=sql.Identifier("public", table.name)
    )
    file = folder / table.file
    with connection.cursor() as cursor:
        with gzip.open(file) as packed, cursor.copy(asked) as copy:
            while block := packed.read(_BLOCK_BYTES):
                copy.write(block)
        if cursor.rowcount != table.rows:
            raise damaged(file)
