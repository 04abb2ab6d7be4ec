"""An installation with lessons in either storage, and new, empty places to bring its backup back to."""

import os
import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from app.wall import everywhere
from config.backup.folder import Folder
from config.backup.taking import Installation
from config.postgres import SUPERUSER, Cluster, make_database
from tests.app.observation.scene import build
from tests.config.backup.home import Home, Place
from tests.conftest import _TEMPLATE as TEMPLATE
from tests.conftest import Database
from tests.services.swift import Swift
from tests.video.storage.conftest import swift
from video.storage.base import Storage
from video.storage.local import LocalStorage
from video.storage.s3 import S3Place, S3Storage
from video.storage.signing import Signer

__all__ = ["swift"]


class Places(Protocol):
    """Makes new places."""

    def __call__(self, *, empty: bool = False, s3: Swift | None = None) -> Place:
        """Make one: no object, and no row; where it is `empty`, no table either; `s3` instead of the test's storage."""


@pytest.fixture(params=["local", pytest.param("s3", marks=pytest.mark.needs_s3)])
def kind(request: pytest.FixtureRequest) -> str:
    """Say which storage."""
    return str(request.param)


@pytest.fixture
def settings(kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """Give the settings of a storage; each place has a bucket or a folder of its own."""
    if kind == "local":
        return {}
    server: Swift = request.getfixturevalue("swift")
    return server.environment("")


@pytest.fixture
def places(cluster: Cluster, settings: dict[str, str], tmp_path: Path) -> Iterator[Places]:
    """Make new places, for as long as a test lasts."""
    with ExitStack() as stack:

        def make(*, empty: bool = False, s3: Swift | None = None) -> Place:
            data = tmp_path / f"place-{uuid4().hex[:8]}"
            given = s3.environment("") if s3 else settings
            return stack.enter_context(_place(cluster, given, data, template="template0" if empty else TEMPLATE))

        yield make


@pytest.fixture
def home(database: Database, settings: dict[str, str], places: Places, tmp_path: Path) -> Iterator[Home]:
    """Give an installation in which a triad works, and an alliance beside it; both have a film."""
    engine = create_engine(database.url)
    sessions = everywhere(sessionmaker(engine))
    place = _on(database, settings, tmp_path / "home")
    place.storage.prepare()
    scene = build(sessions, tmp_path)
    made = Home(place=place, sessions=sessions, scene=scene, folder=Folder(tmp_path / "backups"), new_place=places)
    for lesson in ("recording", "elsewhere"):
        made.film(scene.ids[lesson])
    yield made
    engine.dispose()


@contextmanager
def _place(cluster: Cluster, settings: dict[str, str], data: Path, *, template: str) -> Iterator[Place]:
    name = f"restored_{os.getpid()}_{uuid4().hex[:12]}"
    with psycopg.connect(cluster.conninfo(SUPERUSER, "postgres"), autocommit=True) as connection:
        make_database(connection, name, template=template)
        yield _on(Database(cluster, name), settings, data)
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _on(database: Database, settings: dict[str, str], data: Path) -> Place:
    data.mkdir(mode=0o700)
    bucket = {"BACKROW_S3_BUCKET": f"b{secrets.token_hex(6)}"} if settings else {}
    given = settings | bucket
    storage = _s3(given) if settings else _local(data)
    into = Installation(url=database.owner_url, storage=storage, data=None if settings else data, version="tests")
    return Place(database, into, data, given)


def _local(data: Path) -> Storage:
    signer = Signer({"1": b"only for tests, 32 bytes long...."}, host="localhost")
    return LocalStorage(data / "storage", signer=signer)


def _s3(given: dict[str, str]) -> Storage:
    return S3Storage(
        S3Place(
            endpoint=given["BACKROW_S3_ENDPOINT"],
            bucket=given["BACKROW_S3_BUCKET"],
            access_key=given["BACKROW_S3_ACCESS_KEY"],
            secret_key=given["BACKROW_S3_SECRET_KEY"],
            region=given["BACKROW_S3_REGION"],
        )
    )


def all_sessions(database: Database) -> sessionmaker[Session]:
    """Open sessions past the wall, as the application's role; nothing stays open behind them."""
    return everywhere(sessionmaker(create_engine(database.url, poolclass=NullPool)))
