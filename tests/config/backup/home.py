"""What tests of backups ask of an installation: films, erasing, every row and every object."""

import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import create_engine, make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import NullPool

from app.custody.erasure import service as erasure
from app.factory import create_app
from app.ids import new
from app.lessons.media.models import Asset, Chunk, Rendition, Segment
from app.lessons.recordings.models import Recording
from app.web.parts import Parts
from config import children, migrating
from config.backup import restoring, taking
from config.backup.folder import Folder
from config.backup.manifest import Manifest
from config.backup.restoring import Restored
from config.backup.taking import Installation
from tests.app.observation.scene import Asker, Scene
from tests.conftest import Database
from video.storage.base import Storage

PIECES: Final = 5
COMMAND: Final[list[str | Path]] = [sys.executable, "-m", "config.cli"]
_TABLES: Final = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


@dataclass(frozen=True)
class Place:
    """A database and a storage, with or without anything in them."""

    database: Database
    installation: Installation
    data: Path
    settings: dict[str, str]

    @property
    def storage(self) -> Storage:
        """Where its objects lie."""
        return self.installation.storage

    @property
    def environ(self) -> dict[str, str]:
        """What a `backrow` command on it finds in its environment."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BACKROW_")}
        own = {
            "BACKROW_DATA": str(self.data),
            "BACKROW_DATABASE_URL": _plain(self.database.url),
            "BACKROW_DATABASE_OWNER_URL": _plain(self.database.owner_url),
            "BACKROW_SECRET_KEY": sha256(b"only for tests").hexdigest(),
        }
        return clean | own | self.settings

    def start(self, *words: str | Path, said: Path) -> children.Child:
        """Start a command on it, as somebody types it."""
        with said.open("wb") as output:
            return children.start([*COMMAND, *words], environ=self.environ, output=output)

    def rows(self) -> dict[str, list[str]]:
        """Give every row of every table, as text."""
        with self.database.owner() as connection:
            names = [name for (name,) in connection.execute(_TABLES)]
            return {name: sorted(_texts(connection, name)) for name in names}

    def objects(self) -> dict[str, str]:
        """Give the hash of every object."""
        return {key: self.storage.sha256_of(key) for key in self.storage.keys("r")}

    def migrate(self) -> None:
        """Start it once, so to say: all tables, nobody in them."""
        migrating.upgrade(self.database.owner_url)

    def app(self) -> Flask:
        """Serve it."""
        return create_app(
            Parts(
                sessions=sessionmaker(create_engine(self.database.url, poolclass=NullPool)),
                storage=self.storage,
                secret_key="only for tests",  # noqa: S106 - signs nothing that leaves a test
                public_url="http://localhost",
                first_run_code="otter-violet-93",
                mail_is_sent=False,
            )
        )


@dataclass
class Home:
    """The installation that is backed up."""

    place: Place
    sessions: sessionmaker[Session]
    scene: Scene
    folder: Folder
    new_place: Callable[[], Place]

    def back_up(self) -> Manifest:
        """Take a backup."""
        return taking.take(self.place.installation, self.folder, say=quiet)

    def restore(self, into: Place, name: str | None = None) -> Restored:
        """Bring a backup back."""
        return restoring.restore(into.installation, self.folder, name, say=quiet)

    def film(self, recording_id: UUID, *, kind: str = "source", pieces: int = PIECES, source_bytes: int = 5000) -> None:
        """Give a lesson a film of so many pieces."""
        made = Film(kind=kind, pieces=pieces, source_bytes=source_bytes)
        made.store(self.sessions, self.place.storage, recording_id)

    def erase(self, recording_id: UUID) -> None:
        """Do what a worker does once a lesson's erasing has begun."""
        erase(self.sessions, self.place.storage, recording_id)

    def asks(self, name: str, app: Flask) -> Asker:
        """Let somebody ask another application with the key that they have."""
        return Asker(app.test_client(), self.scene[name].token)


@dataclass(frozen=True)
class Film:
    """A film to be, of random bytes."""

    kind: str = "source"
    pieces: int = PIECES
    source_bytes: int = 5000

    def store(self, sessions: sessionmaker[Session], storage: Storage, recording_id: UUID) -> None:
        """Store a source and its pieces, then the rows that name them, as workers do."""
        place = f"r/{recording_id}/{new().hex}"
        keys = [f"{place}/{number}.m4s" for number in range(self.pieces)]
        put(storage, f"{place}/source", secrets.token_bytes(self.source_bytes))
        for key in (f"{place}/init.mp4", *keys):
            put(storage, key, key.encode())
        with sessions.begin() as session:
            recording = session.get_one(Recording, recording_id)
            rendition, chunk = self._rendition(session, recording, place)
            for number, key in enumerate(keys):
                session.add(_segment(rendition, chunk, number, key))

    def _rendition(self, session: Session, recording: Recording, place: str) -> tuple[Rendition, Chunk]:
        asset = Asset(
            alliance_id=recording.alliance_id,
            recording_id=recording.id,
            kind=self.kind,
            upload_id=recording.id,
            source_key=f"{place}/source",
            size_bytes=self.source_bytes,
            planned_at=recording.created_at,
        )
        session.add(asset)
        session.flush()
        rendition = Rendition(
            alliance_id=recording.alliance_id,
            asset_id=asset.id,
            kind="picture",
            name="240p",
            width=426,
            height=240,
            codecs="avc1.4d401e",
            init_key=f"{place}/init.mp4",
        )
        chunk = Chunk(
            alliance_id=recording.alliance_id,
            asset_id=asset.id,
            kind="picture",
            number=0,
            in_ms=0,
            out_ms=12_000,
            plan={"sound": None, "says": 'tab\t, line\n, quote " and \\'},
            done_at=recording.created_at,
        )
        session.add_all([rendition, chunk])
        session.flush()
        return rendition, chunk


def erase(sessions: sessionmaker[Session], storage: Storage, recording_id: UUID) -> None:
    """Erase a lesson's objects, then its rows, as a worker does."""
    with sessions.begin() as session:
        found = erasure.find_to_erase(session, recording_id)
    assert found is not None
    gone = storage.erase_prefix(found.prefix)
    with sessions.begin() as session:
        erasure.scrub(session, recording_id, objects=gone)


def put(storage: Storage, key: str, body: bytes) -> None:
    """Put bytes under a key."""
    handle = Path("/dev/shm") / f"backrow-tests-{secrets.token_hex(8)}"  # noqa: S108 - a name that nobody guesses
    try:
        handle.write_bytes(body)
        storage.put(key, handle, sha256=sha256(body).hexdigest())
    finally:
        handle.unlink(missing_ok=True)


def _segment(rendition: Rendition, chunk: Chunk, number: int, key: str) -> Segment:
    return Segment(
        alliance_id=chunk.alliance_id,
        rendition_id=rendition.id,
        chunk_id=chunk.id,
        number=number,
        start_ticks=number * 360_000,
        duration_ticks=360_000,
        frames=100,
        size_bytes=len(key),
        key=key,
        sha256=sha256(key.encode()).hexdigest(),
    )


def _texts(connection: psycopg.Connection, table: str) -> list[str]:
    return [row for (row,) in connection.execute(f'SELECT t::text FROM public."{table}" AS t'.encode())]  # noqa: S608 - a table's own name


def _plain(sqlalchemys: str) -> str:
    return make_url(sqlalchemys).set(drivername="postgresql").render_as_string(hide_password=False)


def quiet(_words: str) -> None:
    """Say nothing."""
