"""Backrow as in the distributed mode: each kind of process any number of times, on one PostgreSQL and one S3 server."""

import os
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import psycopg
from sqlalchemy import make_url

from config import children
from config.postgres import OWNER, SUPERUSER, Cluster, make_database
from tests.running import free_port, listens, until
from tests.services import swift

_COMMAND: Final = [sys.executable, "-m", "config.cli"]
_DATABASE: Final = "fleet"
_BUCKET: Final = "lessons"


@dataclass
class Member:
    """One process; it may be killed and started again under the same name."""

    kind: str
    name: str
    port: int | None
    options: tuple[str, ...]
    child: children.Child

    @property
    def alive(self) -> bool:
        """Say whether it runs."""
        return self.child.poll() is None


@dataclass
class Fleet:
    """All processes, and what they stand on."""

    folder: Path
    settings: dict[str, str]
    members: list[Member] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """What every process finds in its environment."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BACKROW_")}
        return clean | self.settings

    def of(self, kind: str) -> list[Member]:
        """List the members of a kind."""
        return [member for member in self.members if member.kind == kind]

    def start(self, kind: str, count: int = 1, *options: str) -> None:
        """Start `count` processes of a kind."""
        for _ in range(count):
            port = free_port() if kind in {"web", "live"} else None
            name = f"{kind}-{len(self.of(kind)) + 1}"
            self.members.append(Member(kind, name, port, options, self._begun(kind, name, port, options)))

    def wait_until_served(self) -> None:
        """Wait until every page process takes calls."""
        for member in self.of("web") + self.of("live"):
            until(partial(listens, member.port), f"{member.name} listens; it said {self.said(member)}")

    def kill(self, member: Member) -> None:
        """Kill a process as `kill -9` does, and start it again, as whoever runs containers would."""
        os.kill(member.child.pid, signal.SIGKILL)
        member.child.wait()
        member.child = self._begun(member.kind, member.name, member.port, member.options)

    def said(self, member: Member) -> str:
        """Give what a process printed last."""
        return (self.folder / f"{member.name}.log").read_text(errors="replace")[-800:]

    @property
    def public_url(self) -> str:
        """Where people open it."""
        return self.settings["BACKROW_PUBLIC_URL"]

    def port(self) -> int:
        """Choose a page process, as a balancer would."""
        return random.choice([member.port for member in self.of("web") if member.port])  # noqa: S311 - no secret

    def stop(self) -> None:
        """Stop everything, as a quiet evening would: each is asked, and has time to finish."""
        for member in self.members:
            if member.alive:
                member.child.send_signal(signal.SIGTERM)
        for member in self.members:
            children.end(member.child, patience_s=60)

    def _begun(self, kind: str, name: str, port: int | None, options: tuple[str, ...]) -> children.Child:
        environ = self.environ | ({"BACKROW_PORT": str(port)} if port else {})
        with (self.folder / f"{name}.log").open("ab") as said:
            return children.start([*_COMMAND, kind, *options], environ=environ, output=said)


@contextmanager
def grounded(folder: Path) -> Iterator[Fleet]:
    """Have PostgreSQL, an S3 server and a database with every step; processes are yours to start, and are stopped."""
    with ExitStack() as stack:
        cluster = Cluster(folder / "db", durable=True)
        stack.callback(cluster.stop)
        with (folder / "postgres.log").open("wb") as log:
            cluster.start(output=log)
        with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            make_database(connection, _DATABASE)
        address = f"http://127.0.0.1:{free_port()}"
        films = stack.enter_context(swift.running(folder / "swift", origins=[address]))
        fleet = Fleet(
            folder,
            {
                "BACKROW_DATA": str(folder / "data"),
                "BACKROW_PUBLIC_URL": address,
                "BACKROW_SECRET_KEY": "a fleet has one secret, on every machine",
                "BACKROW_DATABASE_URL": _url(cluster.url(database=_DATABASE)),
                **films.environment(_BUCKET),
            },
        )
        owner = {"BACKROW_DATABASE_OWNER_URL": _url(cluster.url(OWNER, _DATABASE))}
        with (folder / "migrate.log").open("wb") as said:
            migrating = children.start([*_COMMAND, "migrate"], environ=fleet.environ | owner, output=said)
        assert migrating.wait(timeout=120) == 0, (folder / "migrate.log").read_text()
        stack.callback(fleet.stop)
        yield fleet


def left_running(folder: Path) -> list[str]:
    """List every process of this machine that has anything to do with `folder`, but for this one."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            told = b" ".join((place / what).read_bytes() for what in ("cmdline", "environ"))
            told += os.fsencode((place / "cwd").readlink())
        except OSError:
            continue  # it ended meanwhile
        if os.fsencode(folder) in told and int(place.name) != os.getpid():
            found.append(f"{place.name}: {(place / 'cmdline').read_bytes().replace(bytes(1), b' ').decode()[:200]}")
    return found


def _url(sqlalchemys: str) -> str:
    return make_url(sqlalchemys).set(drivername="postgresql").render_as_string(hide_password=False)
