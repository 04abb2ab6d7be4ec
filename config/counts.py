"""Where the workers of one gunicorn put what they count, so that whichever is asked can tell the sum."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_held: list[int] = []


def shared_folder(data: Path) -> Path:
    """Make a folder for this gunicorn's counts, and remove those that killed ones left.

    Each is locked for as long as its gunicorn or one of its workers lives: numbers of processes say nothing where
    containers share the data folder.
    """
    home = data / "counts"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in home.iterdir():
        _remove_if_left(left)
    made = Path(tempfile.mkdtemp(dir=home))
    handle = os.open(made, os.O_RDONLY | os.O_DIRECTORY)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    _held.append(handle)
    return made


def forget(folder: str | Path) -> None:
    """Remove a folder of counts; the numbers of a process that ends are of no use to the next."""
    shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return  # its own gunicorn has just removed it
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    else:
        forget(folder)
    finally:
        os.close(handle)
