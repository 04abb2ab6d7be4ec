"""A bench for the whole way of a film: from a teacher's file to segments that are served."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.conftest import Database
from tests.services.swift import Swift
from tests.video.conftest import jail, maker
from tests.video.lessons import Maker
from tests.video.storage.conftest import swift
from tests.workers.handlers.bench import Bench, NoLetters, settle_amina
from video.process import Jail
from video.storage.local import LocalStorage
from video.storage.s3 import S3Place, S3Storage
from video.storage.signing import Signer
from workers.handlers import blurs, encode, erase, exports, keeping, looks, upload
from workers.tools import Scratch, Tools

__all__ = ["jail", "maker", "swift"]
#: Importing a chain's module makes its handlers known.
CHAIN = (blurs, encode, erase, exports, looks, upload, keeping)


@pytest.fixture
def storage(tmp_path: Path) -> LocalStorage:
    made = LocalStorage(tmp_path / "objects", signer=Signer({"1": b"k" * 32}, host="127.0.0.1:8000"))
    made.prepare()
    return made


@pytest.fixture
def tools(sessions: sessionmaker[Session], storage: LocalStorage, jail: Jail, tmp_path: Path) -> Iterator[Tools]:
    scratch = Scratch(tmp_path / "scratch")
    yield Tools(
        sessions=sessions,
        storage=storage,
        jail=jail,
        mailer=NoLetters(),
        scratch=scratch,
        public_url="http://127.0.0.1:8000",
    )
    scratch.close()


@pytest.fixture
def bench(database: Database, tools: Tools) -> Bench:
    """Amina's turn in a project of her own, and everything that works on films."""
    with tools.sessions.begin() as session:
        amina = settle_amina(session)
    return Bench(database=database, tools=tools, amina=amina)


@pytest.fixture
def s3_bench(database: Database, tools: Tools, swift: Swift) -> Bench:
    """The same bench over a real S3 server: films are copied before they are read."""
    place = S3Place(
        swift.endpoint, f"films-{secrets.token_hex(4)}", swift.access_key, swift.secret_key, region=swift.region
    )
    storage = S3Storage(place)
    storage.prepare()
    with tools.sessions.begin() as session:
        amina = settle_amina(session)
    return Bench(database=database, tools=replace(tools, storage=storage), amina=amina)


@pytest.fixture
def ready(bench: Bench, maker: Maker) -> Bench:
    """A lesson of thirteen seconds that is ready."""
    bench.send(maker.lesson("large.mp4").path)
    bench.work()
    return bench
