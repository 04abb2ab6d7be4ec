"""Whose processes and folders the embedded database's are, on this machine."""

import os
import pwd
import signal
from pathlib import Path

from config import children
from config.children import RunAs

#: On a machine where Backrow runs as root, PostgreSQL (which refuses root) runs as this user, made for it.
SYSTEM_USER = "backrow-db"


class PostgresTrouble(Exception):
    """The embedded database can't be used as things are; the message says why and what to do."""


def system_user() -> RunAs | None:
    """Give the user that PostgreSQL runs as where we are root, making it if need be; None: as ourselves.

    Raises:
        PostgresTrouble: it can't be made.
    """
    if os.getuid() != 0:
        return None
    try:
        found = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        _, said = children.run(["useradd", *options, "--shell", "/usr/sbin/nologin", SYSTEM_USER])
        try:
            found = pwd.getpwnam(SYSTEM_USER)  # made by us, or by another Backrow at the same moment
        except KeyError as error:
            raise PostgresTrouble(
                f"PostgreSQL refuses to run as root, and the user {SYSTEM_USER} could not be made: "
                f"{last_words(said)}. Run Backrow as an ordinary user."
            ) from error
    return RunAs(found.pw_uid, found.pw_gid)


def user_name() -> str:
    """Give our own name on this machine.

    Raises:
        PostgresTrouble: we have none.
    """
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError as error:
        raise PostgresTrouble(
            f"User number {os.getuid()} has no name on this machine, and PostgreSQL needs one. "
            "Run Backrow as a user of the machine, or set BACKROW_DATABASE_URL."
        ) from error


def own(folder: Path, owner: RunAs) -> None:
    """Make a folder for `owner` alone; one that is there and is somebody else's is never used.

    Raises:
        PostgresTrouble: it is somebody else's.
    """
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner.uid, owner.gid)
    except FileExistsError:
        pass
    found = folder.lstat()
    if folder.is_symlink() or not folder.is_dir() or found.st_uid not in {owner.uid, os.getuid()}:
        raise PostgresTrouble(
            f"{folder} belongs to another user. Start Backrow as the user who made it, or set another BACKROW_DATA."
        )
    if found.st_uid != owner.uid:  # made a moment ago by a Backrow that was killed before it gave it away
        os.chown(folder, owner.uid, owner.gid)
    folder.chmod(0o700)


def processes_in(folder: Path) -> list[int]:
    """List the processes that work in `folder`: PostgreSQL's server and its backends all stand in their data."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder:
                found.append(int(process.name))
        except OSError:  # ended meanwhile, or another user's: those can't write here
            continue
    return sorted(found)


def send(process_id: int, sent: signal.Signals) -> None:
    """Send a signal to a process, which may have ended meanwhile."""
    try:
        os.kill(process_id, sent)
    except ProcessLookupError:
        return


def last_words(said: str) -> str:
    """Give the last line that a program said: programs say why at their end."""
    return next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "no reason was given")
