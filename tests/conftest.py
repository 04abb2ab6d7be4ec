"""What every test may ask for: a real PostgreSQL, a database of its own, and a clock that can be moved.

`session` and `sessions` speak as the application's restricted role; `database.owner()` speaks as the owner. Each test
that asks for one of them gets a fresh copy of the migrated database, so that it may commit, and may run beside others.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from app.wall import everywhere
from config import migrating
from config.postgres import OWNER, SUPERUSER, Cluster, make_database
from config.throwaway import throwaway_folder
from config.trust.promises import proved_by
from tests import served

pytest_plugins = ["tests.left_out"]

_TEMPLATE = "backrow_template"
# Only here may the clock be moved: the function is the owner's, and the application's role can't replace it.
_MOVABLE_CLOCK = """
CREATE SCHEMA backrow_tests;
CREATE TABLE backrow_tests.clock (ahead interval NOT NULL);
INSERT INTO backrow_tests.clock VALUES (interval '0');
GRANT USAGE ON SCHEMA backrow_tests TO backrow_app;
GRANT SELECT ON backrow_tests.clock TO backrow_app;
CREATE OR REPLACE FUNCTION backrow_now() RETURNS timestamptz LANGUAGE sql STABLE
RETURN now() + (SELECT ahead FROM backrow_tests.clock);
"""


@dataclass(frozen=True)
class Database:
    """One test's own database."""

    cluster: Cluster
    name: str

    @property
    def url(self) -> str:
        """Give SQLAlchemy's address, as the application's role."""
        return self.cluster.url(database=self.name)

    @property
    def owner_url(self) -> str:
        """Give SQLAlchemy's address, as the role that owns the tables."""
        return self.cluster.url(OWNER, self.name)

    @property
    def conninfo(self) -> str:
        """Give libpq's address, as the application's role: for workers and for LISTEN."""
        return self.cluster.conninfo(database=self.name)

    @contextmanager
    def owner(self) -> Iterator[psycopg.Connection]:
        """Open a connection as the owner, who reaches every alliance's rows; each statement is kept at once."""
        with psycopg.connect(self.cluster.conninfo(OWNER, self.name), autocommit=True) as connection:
            connection.execute("SET backrow.alliance = '*'")
            yield connection

    def past_arrows(self) -> None:
        """Let things be brought into any state by hand, past the arrows between states."""
        with self.owner() as owner:
            for table in ("recording", "upload", "protocol_version", "note", "account"):
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER {table}_arrows")


@dataclass(frozen=True)
class Clock:
    """The test's clock: what `app.clock.now()` says in this test's database, for transactions begun from now on."""

    database: Database

    def forward(self, **distance: float) -> None:
        """Move on, by what `timedelta` takes: `clock.forward(days=90, seconds=1)`; a negative distance goes back."""
        with self.database.owner() as connection:
            connection.execute("UPDATE backrow_tests.clock SET ahead = ahead + %s", [timedelta(**distance)])

    def now(self) -> datetime:
        """Ask what time it is."""
        with self.database.owner() as connection:
            row = connection.execute("SELECT backrow_now()").fetchone()
            assert row is not None
            return datetime.fromisoformat(str(row[0]))


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Let a test that proves a promise, by its name, ask a process; unless it changes the inside, or listens there."""
    inside = not {"heard", "monkeypatch"}.isdisjoint(getattr(item, "fixturenames", ()))
    served.choose(promise=bool(proved_by(item.name)) and not inside)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """Start PostgreSQL once for all tests, with one database that has every migration and is only ever copied."""
    with throwaway_folder() as folder:
        made = Cluster(folder / "db", durable=False)
        try:
            with (folder / "postgres.log").open("wb") as log:
                made.start(output=log)
            with psycopg.connect(made.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
                make_database(connection, _TEMPLATE)
            migrating.upgrade(made.url(OWNER, _TEMPLATE))
            with Database(made, _TEMPLATE).owner() as connection:
                connection.execute(_MOVABLE_CLOCK)
            yield made
        finally:
            made.stop()


@pytest.fixture
def database(cluster: Cluster) -> Iterator[Database]:
    """Copy the migrated database for this test alone."""
    name = f"test_{os.getpid()}_{uuid4().hex[:12]}"
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        make_database(connection, name, template=_TEMPLATE)
        yield Database(cluster, name)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


@pytest.fixture
def any_state(database: Database) -> None:
    """Let a test bring things into their states by hand."""
    database.past_arrows()


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """Speak to this test's database as the application's role."""
    made = create_engine(database.url)
    yield made
    served.end()
    made.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """Open sessions as workers get them, past the wall between alliances: `with sessions.begin() as session:`."""
    return everywhere(sessionmaker(engine))


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One open session; whether the test commits is its own affair, since the database is its own."""
    with sessions() as opened:
        yield opened


@pytest.fixture
def clock(database: Database) -> Clock:
    """Move time in this test's database."""
    return Clock(database)


def plan_plainly(connection: psycopg.Connection, _record: object) -> None:
    """Let few rows be asked much, without a long look for the best way; for `event.listen(engine, "connect", …)`.

    The product's questions find one row after the other: they are answered so, and planned in a fraction of the time.
    """
    connection.execute("SET jit = off")
    for way in ("hashjoin", "mergejoin", "bitmapscan", "seqscan"):
        connection.execute(f"SET enable_{way} = off".encode())
    connection.commit()
