"""A small copy first: watched until all of the full film is prepared, then replaced at once, and erased."""

from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from app.jobs.films import DropSmallCopy, EncodeOpening, ProbeUpload, VerifyUpload
from app.lessons.media.keeping import give_endings
from app.lessons.media.models import Asset, AssetKind, Rendition, Segment
from app.lessons.media.served import served_asset
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from app.lessons.uploads.small import standing
from app.lessons.uploads.wish import Wish
from tests.video.lessons import Maker
from tests.video.reading import pictures
from tests.workers.handlers.bench import Bench
from video.errors import MediaError
from workers.handlers.keeping import give_jobs

FULL = "long.mp4"


@pytest.fixture(scope="module")
def small_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the small copy that a browser would."""
    maker = Maker(tmp_path_factory.mktemp("small"))
    to = maker.folder / "small.webm"
    small = ("-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "200k", "-vf", "scale=-2:120")
    maker.ffmpeg("-i", maker.lesson(FULL).path, *small, "-c:a", "libopus", "-b:a", "32k", to)
    return to


def send(bench: Bench, film: Path, kind: str) -> UUID:
    wish = bench.wish(film)
    with film.open("rb") as file:
        return bench.sender().send(Wish(**(vars(wish) | {"kind": kind})), file)


def served(bench: Bench) -> Asset:
    with bench.tools.sessions() as session:
        found = served_asset(session, session.scalars(select(Recording)).one())
    assert found is not None
    return found


def said(bench: Bench) -> str | None:
    with bench.tools.sessions() as session:
        found = standing(session, session.scalars(select(Recording)).one())
    return found.say if found else None


def shown(bench: Bench, asset: Asset, into: Path) -> list[tuple[int, float]]:
    """Put the smallest picture of a film together as a player does; give its numbers and times."""
    whole = into / "whole.mp4"
    with bench.tools.sessions() as session:
        of_film = select(Rendition).where(Rendition.asset_id == asset.id, Rendition.kind == "picture")
        rendition = session.scalars(of_film.order_by(Rendition.height).limit(1)).one()
        segments = select(Segment.key).where(Segment.rendition_id == rendition.id).order_by(Segment.number)
        keys = [str(rendition.init_key), *session.scalars(segments)]
    with whole.open("wb") as file:
        for key in keys:
            bench.tools.storage.fetch(key, into / "piece")
            file.write((into / "piece").read_bytes())
    return [(number, float(at)) for number, at in pictures(whole)]


def uploads(bench: Bench) -> dict[str, Upload]:
    with bench.tools.sessions() as session:
        return {upload.kind: upload for upload in session.scalars(select(Upload))}


def test_every_moment_stays_where_it_is_when_the_full_film_takes_the_small_copy_s_place(
    bench: Bench, maker: Maker, small_film: Path, tmp_path: Path
) -> None:
    send(bench, small_film, "small_copy")
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    copy = served(bench)
    assert copy.kind == AssetKind.SMALL_COPY
    before = shown(bench, copy, tmp_path)
    assert said(bench) == "This is the small copy. The full film isn't here yet."
    send(bench, maker.lesson(FULL).path, "source")
    assert (bench.recording().media_state, served(bench).id) == (MediaState.READY, copy.id)
    assert bench.recording().verified_at is not None
    bench.work()
    full = served(bench)
    assert full.kind == AssetKind.SOURCE
    assert said(bench) is None
    after = shown(bench, full, tmp_path)
    assert [number for number, _ in after] == [number for number, _ in before] == list(range(640))
    assert [at for _, at in after] == pytest.approx([at for _, at in before], abs=0.002)
    assert bench.recording().duration_ms == bench.recording().watchable_ms == 64_000


def test_the_small_copy_is_erased_with_all_that_was_made_of_it(bench: Bench, maker: Maker, small_film: Path) -> None:
    send(bench, small_film, "small_copy")
    bench.work()
    copy, small_key = served(bench), uploads(bench)["small_copy"].storage_key
    bench.do(DropSmallCopy(bench.recording().id))
    assert served(bench).id == copy.id, "nothing has taken its place"
    send(bench, maker.lesson(FULL).path, "source")
    bench.work()
    with bench.tools.sessions() as session:
        recording = session.scalars(select(Recording)).one()
        still = served_asset(session, recording, small=True)
    assert still is not None
    assert still.id == copy.id, "whoever watches it plays on from it"
    with bench.tools.sessions.begin() as session:
        assert give_endings(session) == 0, "it waits for its hour"
        session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'DropSmallCopy'"))
        assert give_endings(session) == 1
    bench.work()
    bench.do(DropSmallCopy(recording.id))
    assert list(uploads(bench)) == ["source"]
    left = list(bench.tools.storage.keys("r"))
    assert left
    assert not [key for key in left if str(copy.id) in key or key == small_key]
    assert served(bench).kind == AssetKind.SOURCE


def test_until_all_of_the_full_film_is_prepared_the_small_copy_is_watched(
    bench: Bench, maker: Maker, small_film: Path
) -> None:
    send(bench, small_film, "small_copy")
    bench.work()
    copy = served(bench)
    bench.do(ProbeUpload(send(bench, maker.lesson(FULL).path, "source")))
    opening = next(chunk for chunk in bench.chunks() if chunk.done_at is None and chunk.kind == "picture")
    bench.do(EncodeOpening(opening.id))
    assert served(bench).id == copy.id
    assert bench.recording().media_state == MediaState.READY
    assert said(bench) == "This is the small copy. The full film is here, and takes its place when it is prepared."


def test_a_full_film_that_cannot_be_used_leaves_the_small_copy_and_its_teacher_is_told(
    bench: Bench, small_film: Path, tmp_path: Path
) -> None:
    send(bench, small_film, "small_copy")
    bench.work()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all" * 1000)
    send(bench, broken, "source")
    bench.work()
    assert served(bench).kind == AssetKind.SMALL_COPY
    assert bench.recording().media_state == MediaState.READY
    assert said(bench) == f"The small copy stays. {MediaError('not_video').say}"
    assert uploads(bench)["source"].state == UploadState.NEEDS_ATTENTION


def test_a_full_film_that_arrived_differently_is_asked_for_again_and_the_small_copy_stays(
    bench: Bench, maker: Maker, small_film: Path
) -> None:
    send(bench, small_film, "small_copy")
    bench.work()
    upload_id = send(bench, maker.lesson(FULL).path, "source")
    bench.do(ProbeUpload(upload_id))
    source = bench.tools.storage.local_path(uploads(bench)["source"].storage_key)
    assert source is not None
    with source.open("r+b") as file:
        file.seek(1000)
        file.write(b"other bytes")
    bench.do(VerifyUpload(upload_id))
    assert uploads(bench)["source"].state == UploadState.MISMATCH
    assert served(bench).kind == AssetKind.SMALL_COPY
    assert bench.recording().media_state == MediaState.READY
    with bench.tools.sessions() as session:
        assert [asset.kind for asset in session.scalars(select(Asset))] == [AssetKind.SMALL_COPY]


def test_a_full_film_that_lost_its_job_gets_one(bench: Bench, maker: Maker, small_film: Path) -> None:
    send(bench, small_film, "small_copy")
    bench.work()
    send(bench, maker.lesson(FULL).path, "source")
    with bench.tools.sessions.begin() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    give_jobs(bench.tools, bench.recording().created_at)
    assert sorted(bench.waiting()) == ["ProbeUpload", "VerifyUpload"]
    bench.work()
    assert served(bench).kind == AssetKind.SOURCE
    give_jobs(bench.tools, bench.recording().created_at)
    assert bench.waiting() == []
