"""What one backup says of itself: written last, so that a backup without it is none, and sealed by its own hash."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from app.errors import Conflict
from video.storage import disk

#: The form in which backups are written; a later Backrow reads earlier ones.
FORMAT: Final = 1
_BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Table:
    """One table's rows in one file; `sha256` is of the file."""

    name: str
    columns: tuple[str, ...]
    rows: int
    sha256: str

    @property
    def file(self) -> str:
        """Name its file, beneath the set's folder."""
        return f"rows/{self.name}.copy.gz"


@dataclass(frozen=True)
class Sequence:
    """Where a table's counter stood."""

    name: str
    last: int
    called: bool


@dataclass(frozen=True)
class Copied:
    """One object that is in the backup."""

    key: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Closing:
    """A lesson that was being erased when the backup ended."""

    recording_id: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """All that a set holds, with what it takes to see that it is whole."""

    made_at: datetime
    version: str
    revision: str
    tables: tuple[Table, ...]
    sequences: tuple[Sequence, ...]
    objects: int
    objects_bytes: int
    objects_sha256: str
    #: Objects that rows name and that were erased while the backup ran.
    erased: tuple[str, ...]
    #: Objects that rows still name and that the storage lacks: something is wrong there.
    missing: tuple[str, ...]
    #: Lessons whose erasing had begun when it ended: its rows may not know of it yet.
    closing: tuple[Closing, ...]
    #: How many tombstones were kept beside the backups at least.
    stones: int
    audit_length: int
    audit_head: str

    def write(self, file: Path) -> None:
        """Put it in place in one step, whole after any power cut."""
        said = asdict(self) | {"format": FORMAT, "made_at": self.made_at.isoformat()}
        disk.put_small(file, json.dumps({"manifest": said, "sha256": _seal(said)}, indent=1) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Manifest":
        """Read one.

        Raises:
            Conflict: it isn't as it was written, or in a form that this version doesn't know.
        """
        try:
            whole: dict[str, Any] = json.loads(file.read_bytes())
            said, seal = whole["manifest"], whole["sha256"]
            if seal != _seal(said):
                raise damaged(file)
            if said.pop("format") > FORMAT:
                say = f"{file.parent.name} was written by a newer Backrow. Restore it with that version."
                raise Conflict("backup_newer", say)
            tables = tuple(Table(**each | {"columns": tuple(each["columns"])}) for each in said.pop("tables"))
            sequences = tuple(Sequence(**each) for each in said.pop("sequences"))
            closing = tuple(Closing(**each) for each in said.pop("closing"))
            made_at = datetime.fromisoformat(said.pop("made_at"))
            said["erased"], said["missing"] = tuple(said["erased"]), tuple(said["missing"])
            return cls(made_at=made_at, tables=tables, sequences=sequences, closing=closing, **said)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(file) from error


def damaged(file: Path) -> Conflict:
    """Word it for a file whose bytes aren't those that were written."""
    say = f"{file} isn't as it was written. Nothing was restored: take another set (--set), or a copy of the folder."
    return Conflict("backup_damaged", say)


def read_lines(file: Path) -> Iterator[Copied]:
    """Read a list of objects; a line that a killed backup left half-written is passed over.

    Whoever restores has compared the list with the manifest before.
    """
    if not file.exists():
        return
    with file.open("rb") as lines:
        for line in lines:
            with suppress(ValueError, TypeError):
                yield Copied(**json.loads(line))


def line_of(copied: Copied) -> bytes:
    """Write an object's line."""
    return json.dumps(asdict(copied)).encode() + b"\n"


def sha256_of(file: Path) -> str:
    """Read a file back."""
    digest = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK_BYTES):
            digest.update(block)
    return digest.hexdigest()


def _seal(said: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
