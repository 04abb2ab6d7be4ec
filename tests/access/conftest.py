"""The worlds that all proofs of access share: written once, at an instant that stands still."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
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
from tests.access.cases import edge_worlds
from tests.access.changing import CHANGES
from tests.access.facts import World
from tests.access.making import random_world, world_with
from tests.conftest import Database, plan_plainly

#: It stands still in this database, so that 'exactly at the limit' is a moment that a row can name.
NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
RANDOM_WORLDS, BLOCKS = 40, 11


@dataclass(frozen=True)
class Block:
    """Some worlds in a database of their own: questions about all of them at once stay small."""

    sessions: sessionmaker[Session]
    worlds: list[World]


@dataclass(frozen=True)
class Town:
    """All worlds, as facts and as rows."""

    blocks: list[Block]

    @property
    def worlds(self) -> list[World]:
        """Give every world."""
        return [w for block in self.blocks for w in block.worlds]


def make_worlds() -> list[World]:
    """Make every world: the edges, each change alone, with every clause at its widest, and then what chance brings.

    Each change is made while a newer version is in force, and another is drafted; chance has other ways.
    """
    alone = [world_with(2, NOW, "newer_version", "draft", name) for name in CHANGES]
    return edge_worlds(NOW) + alone + [random_world(seed, NOW) for seed in range(RANDOM_WORLDS)]


@pytest.fixture(scope="session")
def town(cluster: Cluster) -> Iterator[Town]:
    """Write all worlds into databases of their own, whose clocks stand still."""
    worlds = make_worlds()
    with ExitStack() as stack:
        parts = [worlds[at::BLOCKS] for at in range(BLOCKS)]
        yield Town([stack.enter_context(_block(cluster, part)) for part in parts])


@contextmanager
def _block(cluster: Cluster, worlds: list[World]) -> Iterator[Block]:
    database = Database(cluster, f"test_{os.getpid()}_{uuid4().hex[:12]}")
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        make_database(connection, database.name, template="backrow_template")
    engine = create_engine(database.url)
    event.listen(engine, "connect", plan_plainly)
    try:
        _stop_the_clock(database)
        database.past_arrows()  # laws are asked of things in every state, however they would have come there
        sessions = everywhere(sessionmaker(engine))
        with sessions.begin() as session:
            rows.write(session, worlds)
        with database.owner() as owner:
            owner.execute("ANALYZE")
        yield Block(sessions, worlds)
    finally:
        engine.dispose()
        with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{database.name}" WITH (FORCE)'.encode())


def _stop_the_clock(database: Database) -> None:
    with database.owner() as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION backrow_now() RETURNS timestamptz LANGUAGE sql STABLE "
            f"RETURN timestamptz '{NOW.isoformat()}'".encode()
        )
