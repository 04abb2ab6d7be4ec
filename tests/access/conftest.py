"""One database for all proofs of access: many worlds, written once, at an instant that stands still."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine, event
from sqlalchemy.orm import Session, sessionmaker

from app.wall import everywhere
from config.postgres import SUPERUSER, Cluster, make_database
from tests.access import rows
from tests.access.changes import CHANGES
from tests.access.facts import World
from tests.access.making import random_world, world_with
from tests.conftest import Database

#: It stands still in this database, so that 'exactly at the limit' is a moment that a row can name.
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
RANDOM_WORLDS, SEEDS_OF_A_CHANGE = 60, 2


@dataclass(frozen=True)
class Town:
    """Worlds of facts, and the sessions that reach the same worlds as rows."""

    database: Database
    sessions: sessionmaker[Session]
    worlds: list[World]


def make_worlds() -> list[World]:
    """Make every world: each change alone, with every clause at its widest, and then whatever chance brings."""
    alone = [world_with(seed, NOW, name) for seed in range(SEEDS_OF_A_CHANGE) for name in CHANGES]
    return alone + [random_world(seed, NOW) for seed in range(RANDOM_WORLDS)]


@pytest.fixture(scope="session")
def town(cluster: Cluster) -> Iterator[Town]:
    """Write all worlds into a database of their own, whose clock stands still."""
    database = Database(cluster, f"test_{os.getpid()}_{uuid4().hex[:12]}")
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        make_database(connection, database.name, template="backrow_template")
        engine = create_engine(database.url)
        event.listen(engine, "connect", _plan_plainly)
        try:
            sessions, worlds = everywhere(sessionmaker(engine)), make_worlds()
            _stop_the_clock(database)
            with sessions.begin() as session:
                rows.write(session, worlds)
            with database.owner() as owner:
                owner.execute("ANALYZE")
            yield Town(database, sessions, worlds)
        finally:
            engine.dispose()
            connection.execute(f'DROP DATABASE "{database.name}" WITH (FORCE)'.encode())


def _stop_the_clock(database: Database) -> None:
    with database.owner() as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION backrow_now() RETURNS timestamptz LANGUAGE sql STABLE "
            f"RETURN timestamptz '{NOW.isoformat()}'".encode()
        )


def _plan_plainly(connection: psycopg.Connection, _record: object) -> None:
    """Compile no query to machine code: each is asked once, and compiling it takes longer than its answer."""
    connection.execute("SET jit = off")
    connection.commit()
