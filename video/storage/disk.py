"""Writing that survives a power cut: private files, synced, put in place by one step, folders synced."""

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from video.storage.base import StorageFull, StorageUnavailable

_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def translated(key: str) -> Iterator[None]:
    """Turn what the file system says into the storage's own errors."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull(key, "The disk is full. Make room on it, then try again.") from error
        say = f"The disk answered: {error.strerror}. Look at the data folder, then try again."
        raise StorageUnavailable(key, say) from error


def sync_folder(folder: Path) -> None:
    """Make names that were put into or taken out of `folder` last."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make `folder` and those above it, for this account alone, and make their names last."""
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        folder = folder.parent
    for each in reversed(missing):
        each.mkdir(mode=0o700, exist_ok=True)
        sync_folder(each.parent)


@contextmanager
def new_file(folder: Path) -> Iterator[tuple[Path, int]]:
    """Give a new private file in `folder` under a name of its own, open for writing; the name is gone afterwards.

    It begins with a dot, so that it is no key. The file is locked as long as its writer lives: see `sweep`.
    """
    path, handle = _locked_new(folder)
    try:
        yield path, handle
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def _locked_new(folder: Path) -> tuple[Path, int]:
    while True:
        path = folder / f".{secrets.token_hex(12)}.new"
        make_folder(folder)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return path, handle
        os.close(handle)  # a sweep came between making and locking it


def sweep(folder: Path) -> None:
    """Remove files in `folder` whose writer has died: nobody holds their lock."""
    for path in inside(folder):
        with suppress(FileNotFoundError, BlockingIOError):
            handle = os.open(path, os.O_RDONLY)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
            finally:
                os.close(handle)


def write_all(handle: int, block: bytes, *, at: int | None = None) -> None:
    """Write the whole block, at the place `at` if it is given."""
    view = memoryview(block)
    while view:
        done = os.write(handle, view) if at is None else os.pwrite(handle, view, at)
        view, at = view[done:], None if at is None else at + done


def put_small(path: Path, text: str) -> None:
    """Put a small file in place in one step, whole after any power cut."""
    with new_file(path.parent) as (new, handle):
        write_all(handle, text.encode())
        os.fsync(handle)
        new.replace(path)
    sync_folder(path.parent)


def publish(new: Path, goal: Path) -> None:
    """Give the synced file `new` its second, final name; never over a file that is there.

    Raises:
        FileExistsError: the name is taken; nothing was changed.
    """
    for _ in range(3):
        make_folder(goal.parent)
        # A folder that was empty may be taken away just after it was made: then it is made again.
        with suppress(FileNotFoundError):
            os.link(new, goal)  # unlike a rename it refuses a taken name, in the same step
            sync_folder(goal.parent)
            return
    raise FileNotFoundError(errno.ENOENT, "the folder is taken away again and again", str(goal.parent))


def remove_tree(path: Path) -> int:
    """Remove a file, or a folder with all in it; return how many files without a dot in front went."""
    if not path.is_dir() or path.is_symlink():
        return _remove_file(path)
    gone = sum(remove_tree(inner) for inner in inside(path))
    with suppress(FileNotFoundError):
        path.rmdir()
    return gone


def inside(folder: Path) -> list[Path]:
    """List what a folder holds, by name; nothing if it is not there."""
    try:
        return sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []  # somebody else was quicker


def _remove_file(path: Path) -> int:
    try:
        path.unlink()
    except FileNotFoundError:
        return 0
    return 0 if path.name.startswith(".") else 1


def remove_empty_above(folder: Path, *, up_to: Path) -> None:
    """Take away folders that have become empty, from `folder` up to but not including `up_to`; make that last."""
    with suppress(OSError):  # not empty: somebody uses it
        while folder != up_to:
            with suppress(FileNotFoundError):
                folder.rmdir()
            folder = folder.parent
    with suppress(FileNotFoundError):
        sync_folder(folder)
