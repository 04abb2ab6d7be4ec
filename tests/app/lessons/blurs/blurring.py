"""What a teacher does with a blurred copy by the addresses of its page, and rows as workers leave them."""

import re
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from app.custody.erasure import leftovers
from app.jobs.films import MakePreview
from app.lessons.blurs import making
from app.lessons.blurs.models import BlurredCopy
from app.lessons.media.models import Asset, Chunk, Rendition, Segment, Storyboard
from tests.app.lessons.playback.conftest import Shown
from video.segments import TICKS_PER_S

BOX = {"box": "1", "at": "0:00", "left": "10", "top": "20.5", "wide": "30", "tall": "40"}
COPY_FILM = b"a piece of the blurred copy"


def board(asset: Asset, folder: str) -> Storyboard:
    key = f"r/{asset.recording_id}/{folder}/sheet-0.jpg"
    return Storyboard(
        alliance_id=asset.alliance_id,
        asset_id=asset.id,
        sheet_keys=[key],
        times_ms=[0],
        changes=[0.0],
        width=2,
        height=2,
    )


def page(lesson: Shown, who: str = "Tom") -> str:
    answer = lesson.scene[who].get(f"{lesson.scene.lesson}/blur")
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def choose(lesson: Shown, who: str = "Tom", **more: Any) -> TestResponse:  # noqa: ANN401 - fields
    return lesson.scene[who].post(f"{lesson.scene.lesson}/blur", {"how": "boxes", "from": "0:01", **BOX, **more})


def row(lesson: Shown) -> BlurredCopy:
    with lesson.scene.sessions() as session:
        return session.scalars(select(BlurredCopy)).one()


def previewed(lesson: Shown) -> None:
    """Choose, and let the ten seconds be there."""
    assert choose(lesson).status_code == 303
    copy = row(lesson)
    key = f"r/{copy.recording_id}/v{copy.version}-{'0' * 32}/preview.mp4"
    store(lesson, key, b"ten seconds")
    with lesson.scene.sessions.begin() as session:
        assert making.keep(session, MakePreview(copy.id, copy.version), key=key)


def begin(lesson: Shown, who: str = "Tom", version: int = 1) -> TestResponse:
    return lesson.scene[who].post(f"{lesson.scene.lesson}/blur/begin", {"version": str(version)})


def whole(lesson: Shown) -> None:
    """Have the whole copy made, and let it be there."""
    previewed(lesson)
    assert begin(lesson).status_code == 303
    with lesson.scene.sessions.begin() as session:
        copy = session.scalars(select(Asset).where(Asset.kind == "blurred_copy")).one()
        rendition = session.scalars(select(Rendition).where(Rendition.asset_id == copy.id)).one()
        chunk = session.scalars(select(Chunk).where(Chunk.asset_id == copy.id)).one()
        chunk.done_at, copy.poster_key = copy.created_at, f"r/{copy.recording_id}/{copy.id}/poster.jpg"
        rendition.init_key, rendition.codecs = f"r/{copy.recording_id}/{copy.id}/init.mp4", "avc1.4d401e"
        session.add(board(copy, str(copy.id)))
        for number in range(3):
            key = f"r/{copy.recording_id}/{copy.id}/{number}.m4s"
            store(lesson, key, COPY_FILM)
            session.add(_segment(rendition, chunk, number, key))


def _segment(rendition: Rendition, chunk: Chunk, number: int, key: str) -> Segment:
    return Segment(
        alliance_id=chunk.alliance_id,
        rendition_id=rendition.id,
        chunk_id=chunk.id,
        number=number,
        start_ticks=number * 4 * TICKS_PER_S,
        duration_ticks=4 * TICKS_PER_S,
        frames=100,
        size_bytes=len(COPY_FILM),
        key=key,
        sha256=sha256(COPY_FILM).hexdigest(),
    )


def store(lesson: Shown, key: str, said: bytes) -> None:
    with tempfile.NamedTemporaryFile() as piece:
        piece.write(said)
        piece.flush()
        lesson.parts.storage.put(key, Path(piece.name), sha256=sha256(said).hexdigest())


def use(lesson: Shown, who: str = "Tom") -> TestResponse:
    return lesson.scene[who].post(f"{lesson.scene.lesson}/blur/use")


def addresses(lesson: Shown) -> list[str]:
    """List every address of a copy that isn't used."""
    there = f"{lesson.folder}/blurred"
    return [
        f"{lesson.scene.lesson}/blur",
        f"{lesson.scene.lesson}/blur/use",
        f"{there}/play.json",
        f"{there}/master.m3u8",
        f"{there}/240p.m3u8",
        f"{there}/240p/init.mp4",
        f"{there}/240p/1.m4s",
    ]


def erase(lesson: Shown) -> None:
    """Do what a worker does then."""
    recording_id = lesson.scene.ids["recording"]
    keys = list(lesson.parts.storage.keys(f"r/{recording_id}"))
    with lesson.scene.sessions.begin() as session:
        prefixes = leftovers.leftovers(session, recording_id, keys)
    objects = sum(lesson.parts.storage.erase_prefix(prefix) for prefix in prefixes)
    with lesson.scene.sessions.begin() as session:
        leftovers.erased(session, recording_id, objects=objects)
