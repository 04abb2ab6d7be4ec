"""Let the database's own user walk through private folders, and nobody else: an ACL entry, not a wider mode."""

import errno
import os
import struct
from pathlib import Path

_ACL = "system.posix_acl_access"
_VERSION = struct.pack("<I", 2)
_ENTRY = struct.Struct("<HHI")
_NOBODY_NAMED = 0xFFFFFFFF
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_ENTER = 0o1


class OutOfReach(Exception):
    """A folder on the way can't be opened for the user; the message names it."""


def let_through(path: Path, uid: int) -> None:
    """Make sure that user `uid` can walk down to `path`; folders on the way stay closed for everybody else.

    Raises:
        OutOfReach: a folder on the way has no room for such an entry, or is not ours to change.
    """
    for folder in reversed(path.resolve().parents):
        found = folder.stat()
        if found.st_mode & _ENTER or (found.st_uid == uid and found.st_mode & 0o100):
            continue
        try:
            _add_entry(folder, uid, found.st_mode)
        except OSError as error:
            raise OutOfReach(f"{folder} ({error.strerror})") from error


def _add_entry(folder: Path, uid: int, mode: int) -> None:
    entries = _entries(folder, mode)
    if any(tag == _USER and owner == uid and allowed & _ENTER for tag, allowed, owner in entries):
        return
    kept = [entry for entry in entries if entry[:1] + entry[2:] != (_USER, uid)]
    mask = next((allowed for tag, allowed, _ in kept if tag == _MASK), (mode >> 3) & 0o7) | _ENTER
    kept = [entry for entry in kept if entry[0] != _MASK]
    kept += [(_USER, _ENTER, uid), (_MASK, mask, _NOBODY_NAMED)]
    os.setxattr(folder, _ACL, _VERSION + b"".join(_ENTRY.pack(*entry) for entry in sorted(kept, key=_order)))


def _entries(folder: Path, mode: int) -> list[tuple[int, int, int]]:
    try:
        kept = os.getxattr(folder, _ACL)
    except OSError as error:
        if error.errno != errno.ENODATA:
            raise
        bits = ((_OWNER, mode >> 6), (_GROUP, mode >> 3), (_OTHER, mode))
        return [(tag, allowed & 0o7, _NOBODY_NAMED) for tag, allowed in bits]
    return [(tag, allowed, owner) for tag, allowed, owner in _ENTRY.iter_unpack(kept[len(_VERSION) :])]


def _order(entry: tuple[int, int, int]) -> tuple[int, int]:
    return entry[0], entry[2]
