"""Bringing a backup back into an empty installation, without what was erased since it was taken."""

import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg
from alembic.util import CommandError
from sqlalchemy import delete, select
from sqlalchemy.orm import sessionmaker

from app import ids
from app.audit import record_rule
from app.custody.erasure.models import Tombstone
from app.custody.erasure.service import scrub
from app.errors import Conflict
from app.jobs import enqueue
from app.jobs.erasing import EraseRecording
from app.lessons.recordings.models import Recording, RecordingState
from app.wall import everywhere
from config import migrating
from config.backup import objects, rows
from config.backup.erased import Stone, bury, read_stones, remember, stones_in
from config.backup.folder import Folder, Set
from config.backup.loading import inhabited, load
from config.backup.manifest import Copied, Manifest, damaged, sha256_of
from config.backup.taking import Installation
from config.backup.telling import Progress, in_words
from video.storage.base import Storage

# Says in the storage itself which backup is being brought back: after a kill the same may go on, and no other.
_BEGUN: Final = "restore/begun"
_RECORDINGS: Final = "r"


@dataclass(frozen=True)
class Restored:
    """What was done."""

    name: str
    rows: int
    objects: int
    #: lessons that the backup still held and that stay erased
    erased: int
    #: objects that the backup lacks, by its own word
    lacking: int


def look_through(folder: Folder, name: str | None, *, say: Callable[[str], None]) -> tuple[Set, Manifest, list[Copied]]:
    """Compare every file of a backup with its hash; return it, and the objects that it would bring back.

    Raises:
        Conflict: there is no finished one, or something in it isn't as it was written; names it.
    """
    chosen, manifest = folder.choose(name)
    for table in manifest.tables:
        file = chosen.folder / table.file
        if not file.is_file() or sha256_of(file) != table.sha256:
            raise damaged(file)
    if not chosen.list.is_file() or sha256_of(chosen.list) != manifest.objects_sha256:
        raise damaged(chosen.list)
    wanted = _without(chosen.objects(), read_stones(folder.tombstones, least=manifest.stones))
    total = sum(each.size_bytes for each in wanted)
    say(f"backup {chosen.name}: comparing {len(wanted)} objects ({in_words(total)}) with their hashes")
    objects.check(folder, wanted, say=Progress("compared", total, say))
    return chosen, manifest, wanted


def restore(into: Installation, folder: Folder, name: str | None, *, say: Callable[[str], None]) -> Restored:
    """Bring a backup back; nothing may be running on the installation.

    Objects come first, without those of lessons that were erased; then all rows with the tombstones in one
    transaction, from which on the erased are closed to everyone; then their words go. A restore that was broken off
    goes on where it was when it is said again.

    Raises:
        Conflict: the backup is damaged or too new, or the installation isn't empty, in use, or too small.
    """
    with folder.read():
        chosen, manifest, wanted = look_through(folder, name, say=say)
        with rows.connected(into.url) as connection:
            loaded = _go_on(into.storage, connection, chosen)
            _see_that_it_fits(into, connection, manifest, wanted)
            _begin(into.storage, chosen)
            stones = _stones(connection, folder)
        wanted = _without(wanted, stones)
        total = sum(each.size_bytes for each in wanted)
        sent = objects.send(into.storage, folder, wanted, say=Progress("restored", total, say))
        say(f"{sent} objects are back")
        if not loaded:
            _bring_rows(into.url, chosen, manifest, stones)
        migrating.upgrade(into.url)
        erased = _end_erasing(into.url)
        into.storage.erase_prefix(_BEGUN)
        lacking = len(manifest.erased) + len(manifest.missing)
        return Restored(chosen.name, sum(table.rows for table in manifest.tables), sent, erased, lacking)


def _bring_rows(url: str, chosen: Set, manifest: Manifest, stones: list[Stone]) -> None:
    """Bring the rows and close what was erased since, both in one transaction."""
    with rows.connected(url) as connection:
        _make_tables(url, connection, manifest.revision)
        with rows.transaction(connection):
            load(connection, chosen.folder, manifest)
            bury(connection, stones, manifest.closing)


def _see_that_it_fits(
    into: Installation, connection: psycopg.Connection, manifest: Manifest, wanted: list[Copied]
) -> None:
    try:
        migrating.steps().get_revision(manifest.revision)
    except CommandError as error:
        say = f"The backup was taken by Backrow {manifest.version}, which is newer than this one. Restore it with that."
        raise Conflict("backup_newer", say) from error
    others = connection.execute(
        # What another role's session is isn't shown to us; that it has a role is: the server's own processes have none.
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename IS NOT NULL AND pid <> pg_backend_pid()"
    ).fetchone()
    if others and others[0]:
        say = f"{others[0]} other programs are connected to the database. Stop Backrow's processes, then say it again."
        raise Conflict("restore_in_use", say)
    total = sum(each.size_bytes for each in wanted)
    if into.data is not None and (free := shutil.disk_usage(into.data).free) < total:
        say = f"{into.data} has {in_words(free)} left, and the lessons come to {in_words(total)}. Make room first."
        raise Conflict("backup_no_room", say)


def _go_on(storage: Storage, connection: psycopg.Connection, chosen: Set) -> bool:
    """Say whether an attempt before this one has brought the rows back already.

    Raises:
        Conflict: somebody lives here, or another backup was being brought back.
    """
    storage.prepare()
    with rows.transaction(connection):
        somebody = inhabited(connection)
    if (begun := _mark(storage)) is not None:
        if begun != chosen.name:
            say = f"The backup {begun} was being restored here. Go on with `--set {begun}`, or take a new, empty place."
            raise Conflict("not_empty", say)
        return somebody
    if somebody or any(storage.keys(_RECORDINGS)):
        say = (
            "This installation holds people's things already, and a backup would mix with them. Set BACKROW_DATA to a "
            "new folder (with your own database and S3 server: an empty database and an empty bucket)."
        )
        raise Conflict("not_empty", say)
    return False


def _begin(storage: Storage, chosen: Set) -> None:
    """Mark the storage, so that after a kill the same backup can go on here."""
    if _mark(storage) is not None:
        return
    with tempfile.TemporaryDirectory() as place:
        mark = Path(place) / "begun"
        mark.write_text(chosen.name)
        storage.put(_BEGUN, mark, sha256=sha256_of(mark))


def _mark(storage: Storage) -> str | None:
    """Say which backup was being brought back here, if any."""
    if storage.head(_BEGUN) is None:
        return None
    with tempfile.TemporaryDirectory() as place:
        mark = Path(place) / "begun"
        storage.fetch(_BEGUN, mark)
        return mark.read_text()


def _without(wanted: Iterable[Copied], stones: list[Stone]) -> list[Copied]:
    """Leave out what belongs to lessons that were erased."""
    gone = tuple(stone.prefix for stone in stones)
    return [each for each in wanted if not each.key.startswith(gone)]


def _stones(connection: psycopg.Connection, folder: Folder) -> list[Stone]:
    """Gather what was erased: by the word kept beside the backups, and by that of the place itself."""
    with rows.transaction(connection):
        here = stones_in(connection) if rows.revision(connection) else []
    return remember(folder.tombstones, here)


def _make_tables(url: str, connection: psycopg.Connection, revision: str) -> None:
    """Bring an empty database to the step that the backup was taken at.

    Raises:
        Conflict: this role doesn't own the tables.
    """
    with rows.transaction(connection):
        has = rows.revision(connection)
        if has not in {
            None,
            revision,
        }:  # nobody lives here: a later start may have laid newer tables, all of them empty
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    migrating.upgrade(url, to=revision)
    row = connection.execute(
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND NOT pg_has_role(tableowner, 'USAGE')"
    ).fetchone()
    if row and row[0]:
        say = "Only the role that owns the tables can restore. Set BACKROW_DATABASE_OWNER_URL, then say it again."
        raise Conflict("restore_needs_owner", say)


def _end_erasing(url: str) -> int:
    """Take away the words of what was erased since, as a worker does; return how many lessons the backup still held.

    What was only being erased is closed, and left to the workers.
    """
    sessions = everywhere(sessionmaker(migrating.owner_engine(url)))
    with sessions.begin() as session:
        standing = session.execute(
            select(Tombstone.recording_id, Tombstone.objects, Tombstone.erased_at)
            .join(Recording, Recording.id == Tombstone.recording_id)
            .where(Recording.state != RecordingState.ERASED)
        ).all()
        for recording_id, count, erased_at in standing:
            session.execute(delete(Tombstone).where(Tombstone.recording_id == recording_id))
            scrub(session, recording_id, objects=count)
            session.flush()
            session.get_one(Tombstone, recording_id).erased_at = erased_at
            session.get_one(Recording, recording_id).erased_at = erased_at
        for recording_id in session.scalars(select(Recording.id).where(Recording.state == RecordingState.ERASING)):
            enqueue(session, EraseRecording(recording_id))
        record_rule(session, "backup.restored", rule="restore", thing_kind="backup", thing_id=ids.new())
        return len(standing)
