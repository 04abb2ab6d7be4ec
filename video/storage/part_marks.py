"""Which parts of an upload are whole: one line of fixed length for each, in one file that is made at full length.

A line is written over in its place, and lies within one sector of any disk: it is there whole or not at all. To make
it last takes one short write and no change to the file system's own books, unlike a file for each part.
"""

import os
import zlib
from pathlib import Path
from typing import Final

from video.storage import disk
from video.storage.base import Part

_LINE_BYTES: Final = 64
_NOTHING: Final = bytes(_LINE_BYTES)


def begin(path: Path, *, parts: int) -> None:
    """Make the file, with room for so many parts and none of them whole."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        disk.write_all(handle, _NOTHING * parts)
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> list[Part]:
    """List the whole parts by number."""
    lines = path.read_bytes()
    found = (_read(at // _LINE_BYTES + 1, lines[at : at + _LINE_BYTES]) for at in range(0, len(lines), _LINE_BYTES))
    return [part for part in found if part]


def has(path: Path, number: int) -> bool:
    """Say whether a part is whole."""
    with path.open("rb") as file:
        file.seek((number - 1) * _LINE_BYTES)
        return _read(number, file.read(_LINE_BYTES)) is not None


def put(path: Path, part: Part) -> None:
    """Say that a part is whole, and make that last."""
    said = f"{part.etag:32} {part.size_bytes:21} "
    _write(path, part.number, f"{said}{_sum(said):08x}\n".encode())


def take_away(path: Path, number: int) -> None:
    """Say that a part isn't whole, and make that last."""
    _write(path, number, _NOTHING)


def _write(path: Path, number: int, line: bytes) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        disk.write_all(handle, line, at=(number - 1) * _LINE_BYTES)
        os.fdatasync(handle)
    finally:
        os.close(handle)


def _read(number: int, line: bytes) -> Part | None:
    said, summed = line[:-9].decode(errors="replace"), line[-9:].strip().decode(errors="replace")
    if summed != f"{_sum(said):08x}":
        return None
    etag, size_bytes = said.split()
    return Part(number, etag, int(size_bytes))


def _sum(said: str) -> int:
    return zlib.crc32(said.encode())
