"""A shared lesson with a film of three pieces in storage: enough to hand it out, too little to look at."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.lessons.media.models import Asset, Chunk, Rendition, Segment
from app.lessons.recordings.models import Recording
from app.web.parts import Parts
from tests.app.observation.scene import Scene, build
from video.segments import TICKS_PER_S

PIECE_S = 4
PIECES = 3
FILM = b"a piece of a film"


@dataclass
class Shown:
    """The scene, and where its film lies."""

    scene: Scene
    parts: Parts

    @property
    def folder(self) -> str:
        """Give the address under which the film is handed out."""
        return f"/media/{self.scene.ids['recording']}"

    def piece(self, number: int) -> str:
        """Give a piece's address."""
        return f"{self.folder}/240p/{number}.m4s"


@pytest.fixture
def shown(sessions: sessionmaker[Session], tmp_path: Path) -> Shown:
    scene = build(sessions, tmp_path, pupil=True, pupils="yes")
    parts: Parts = scene.app.extensions["backrow"]
    piece = tmp_path / "piece"
    piece.write_bytes(FILM)
    with sessions.begin() as session:
        recording = session.get_one(Recording, scene.ids["recording"])
        rendition, chunk = _made(session, recording)
        for number in range(PIECES):
            key = f"r/{recording.id}/film/{number}.m4s"
            parts.storage.put(key, piece, sha256=sha256(FILM).hexdigest())
            session.add(_segment(rendition, chunk, number, key))
    return Shown(scene, parts)


def _made(session: Session, recording: Recording) -> tuple[Rendition, Chunk]:
    alliance_id = recording.alliance_id
    asset = Asset(
        alliance_id=alliance_id,
        recording_id=recording.id,
        kind="source",
        upload_id=recording.id,
        source_key=f"r/{recording.id}/source",
        size_bytes=1,
        planned_at=recording.created_at,
    )
    session.add(asset)
    session.flush()
    rendition = Rendition(
        alliance_id=alliance_id,
        asset_id=asset.id,
        kind="picture",
        name="240p",
        width=426,
        height=240,
        codecs="avc1.4d401e",
        init_key=f"r/{recording.id}/film/init.mp4",
    )
    done = recording.created_at
    chunk = Chunk(
        alliance_id=alliance_id,
        asset_id=asset.id,
        kind="picture",
        number=0,
        in_ms=0,
        out_ms=12_000,
        plan={},
        done_at=done,
    )
    session.add_all([rendition, chunk])
    session.flush()
    return rendition, chunk


def _segment(rendition: Rendition, chunk: Chunk, number: int, key: str) -> Segment:
    return Segment(
        alliance_id=chunk.alliance_id,
        rendition_id=rendition.id,
        chunk_id=chunk.id,
        number=number,
        start_ticks=number * PIECE_S * TICKS_PER_S,
        duration_ticks=PIECE_S * TICKS_PER_S,
        frames=100,
        size_bytes=len(FILM),
        key=key,
        sha256=sha256(FILM).hexdigest(),
    )
