"""What was erased, kept beside the backups: so that restoring an older one doesn't bring it back."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from config.backup.manifest import Closing, damaged
from video.storage import disk


@dataclass(frozen=True)
class Stone:
    """That a recording was erased; as its row says it, in words."""

    recording_id: str
    alliance_id: str
    cause: str
    objects: int
    erased_at: str

    @property
    def prefix(self) -> str:
        """Name what its objects lie beneath."""
        return f"r/{self.recording_id}/"


def stones_in(connection: psycopg.Connection) -> list[Stone]:
    """Read the tombstones of a database."""
    found = connection.execute(
        "SELECT recording_id::text, alliance_id::text, cause, objects, erased_at::text"
        " FROM tombstone ORDER BY erased_at"
    )
    return [Stone(*row) for row in found]


def read_stones(file: Path, *, least: int = 0) -> list[Stone]:
    """Read those that are kept beside the backups; a backup knows how many there were at `least`.

    Raises:
        Conflict: a line was changed or is missing; without it the erased might come back.
    """
    if not file.exists() and not least:
        return []
    try:
        stones = [_unsealed(json.loads(line)) for line in file.read_text().splitlines()]
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise damaged(file) from error
    if len(stones) < least:
        raise damaged(file)
    return stones


def remember(file: Path, stones: Iterable[Stone]) -> list[Stone]:
    """Keep these too, each once, in one step; return all that are kept."""
    kept = {stone.recording_id: stone for stone in read_stones(file)}
    new = {stone.recording_id: stone for stone in stones} | kept
    if len(new) > len(kept) or not file.exists():
        disk.put_small(file, "".join(map(_sealed, new.values())))
    return list(new.values())


def bury(connection: psycopg.Connection, stones: Iterable[Stone], closing: Iterable[Closing]) -> None:
    """Give a database these tombstones, and close what they and `closing` stand for, in the transaction that is open.

    From here on the policy lets nobody to those lessons; their words go when `config.backup.restoring` scrubs them.
    """
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO tombstone (recording_id, alliance_id, cause, objects, erased_at)"
            " VALUES (%(recording_id)s, %(alliance_id)s, %(cause)s, %(objects)s, %(erased_at)s) ON CONFLICT DO NOTHING",
            [asdict(stone) for stone in stones],
        )
    # Whoever erased it had the hold lifted first; the backup is older than that.
    connection.execute(
        "UPDATE hold SET lifted_at = backrow_now() FROM tombstone"
        " WHERE hold.recording_id = tombstone.recording_id AND lifted_at IS NULL"
    )
    connection.execute(
        "UPDATE recording SET state = 'erasing', erase_cause = cause FROM tombstone"
        " WHERE recording.id = recording_id AND state <> 'erased'"
    )
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE recording SET state = 'erasing', erase_cause = %(cause)s"
            " WHERE id = %(recording_id)s AND state NOT IN ('erasing', 'erased')",
            [asdict(each) for each in closing],
        )


def _sealed(stone: Stone) -> str:
    return json.dumps({"stone": asdict(stone), "sha256": _seal(stone)}) + "\n"


def _unsealed(line: dict[str, Any]) -> Stone:
    stone = Stone(**line["stone"])
    # Its id becomes a folder's name: it must be one, and as it was written.
    if line["sha256"] != _seal(stone) or str(UUID(stone.recording_id)) != stone.recording_id:
        raise ValueError(line)
    return stone


def _seal(stone: Stone) -> str:
    return hashlib.sha256(json.dumps(asdict(stone), sort_keys=True).encode()).hexdigest()
