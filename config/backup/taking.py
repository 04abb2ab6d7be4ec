"""Taking a backup while Backrow is in use."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg

from app.clock import machine_now
from app.errors import Conflict
from config import migrating
from config.backup import objects, rows
from config.backup.erased import Stone, remember, stones_in
from config.backup.folder import Folder, Set
from config.backup.manifest import Closing, Copied, Manifest, Sequence, Table, line_of, sha256_of
from config.backup.rows import Named
from config.backup.telling import Progress, in_words
from video.storage.base import Storage

# What a folder must have beside what is copied: indexes of names, and sizes that rows don't say.
_SPARE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Installation:
    """What a backup is taken of, or brought back into."""

    #: SQLAlchemy's address, as the role that owns the tables
    url: str
    storage: Storage
    #: where objects lie, if that is a folder of this machine: room is looked for there
    data: Path | None
    version: str


@dataclass(frozen=True)
class _Moment:
    """What one transaction saw."""

    at: datetime
    revision: str
    tables: tuple[Table, ...]
    sequences: tuple[Sequence, ...]
    named: dict[str, Named]
    audit: tuple[int, str]


@dataclass(frozen=True)
class _Last:
    """What was seen once all objects were copied."""

    stones: list[Stone]
    closing: tuple[Closing, ...]
    erased: tuple[str, ...]
    missing: tuple[str, ...]


def take(what: Installation, folder: Folder, *, say: Callable[[str], None]) -> Manifest:
    """Take one: the rows of one moment, then every object that they name; return what it says of itself.

    Rows come first. Objects never change under their key, so what a row names is in the storage afterwards too, unless
    it was erased: such objects are reported, and whoever restores gets the tombstone with them.

    Raises:
        Conflict: no room, another backup, or a database that lacks steps; nothing that was whole was touched.
    """
    with folder.held():
        made = folder.begin(machine_now())
        with rows.connected(what.url) as connection:
            moment = _rows(connection, made, folder)
        say(f"{sum(table.rows for table in moment.tables)} rows of {len(moment.tables)} tables are copied")
        copied, gone = _objects(what.storage, folder, made, moment, say=say)
        with rows.connected(what.url) as connection:  # anew: no line has to last for as long as films are copied
            last = _last_look(connection, folder, gone)
        manifest = _manifest(made, moment, last, copied, version=what.version)
        # Folders' names too: a manifest that outlives a power cut must not speak of files that didn't.
        os.sync()
        manifest.write(made.manifest)
        for old in folder.tidy(now=moment.at, stones=last.stones):
            say(f"the backup {old} is older than it may be and was taken away")
        return manifest


def _rows(connection: psycopg.Connection, made: Set, folder: Folder) -> _Moment:
    with rows.transaction(connection, snapshot=True):
        revision = rows.revision(connection)
        if revision is None or revision != migrating.steps().get_current_head():
            raise Conflict("steps_lacking", "The database lacks steps of this version. Say `backrow migrate` first.")
        _see_to_room(folder, rows.room_needed(connection))
        remember(folder.tombstones, stones_in(connection))
        return _Moment(
            at=machine_now(),
            revision=revision,
            tables=rows.write_all(connection, made.folder),
            sequences=rows.sequences(connection),
            named=rows.named(connection),
            audit=rows.audit_head(connection),
        )


def _objects(
    storage: Storage, folder: Folder, made: Set, moment: _Moment, *, say: Callable[[str], None]
) -> tuple[list[Copied], list[str]]:
    there, lacking = objects.to_copy(folder, moment.named.values(), folder.known())
    size_bytes = sum(each.size_bytes for each in lacking)
    _see_to_room(folder, size_bytes)
    say(f"{len(there)} objects are there already, {len(lacking)} are new (about {in_words(size_bytes)})")
    made.list.write_bytes(b"".join(map(line_of, there)))
    made.list.chmod(0o600)
    came = list(objects.fetch(storage, folder, lacking, into=made.list, say=Progress("copied", size_bytes, say)))
    gone = [each.key for each in came if isinstance(each, Named) and each.sure]
    return there + [each for each in came if isinstance(each, Copied)], gone


def _last_look(connection: psycopg.Connection, folder: Folder, gone: list[str]) -> _Last:
    """See what became of lessons while objects were copied: those that were erased must not come back by this backup.

    Objects that rows name to this day although the storage lacks them are missing; those being erased aren't meant.
    """
    with rows.transaction(connection, snapshot=True):
        stones = remember(folder.tombstones, stones_in(connection))
        asked = "SELECT id::text, coalesce(erase_cause, 'owner') FROM recording WHERE state = 'erasing'"
        closing = tuple(Closing(*row) for row in connection.execute(asked))
        prefixes = tuple(f"r/{each.recording_id}/" for each in closing)
        prefixes += tuple(prefix for (prefix,) in connection.execute(rows.GOING))
        missing = rows.named(connection).keys() & set(gone) if gone else set()
        missing = {key for key in missing if not key.startswith(prefixes)}
        return _Last(stones, closing, tuple(sorted(set(gone) - missing)), tuple(sorted(missing)))


def _manifest(made: Set, moment: _Moment, last: _Last, copied: list[Copied], *, version: str) -> Manifest:
    return Manifest(
        made_at=moment.at,
        version=version,
        revision=moment.revision,
        tables=moment.tables,
        sequences=moment.sequences,
        objects=len(copied),
        objects_bytes=sum(each.size_bytes for each in copied),
        objects_sha256=sha256_of(made.list),
        erased=last.erased,
        missing=last.missing,
        closing=last.closing,
        stones=len(last.stones),
        audit_length=moment.audit[0],
        audit_head=moment.audit[1],
    )


def _see_to_room(folder: Folder, size_bytes: int) -> None:
    free = shutil.disk_usage(folder.path).free
    if free < size_bytes + _SPARE_BYTES:
        say = (
            f"{folder.path} has {in_words(free)} left, and the backup needs {in_words(size_bytes + _SPARE_BYTES)} more."
        )
        raise Conflict("backup_no_room", f"{say} Make room, or name another folder.")
