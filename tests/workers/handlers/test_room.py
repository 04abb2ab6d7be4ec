"""A disk that runs full before or during work: the work waits, nothing is lost, and nothing lies about."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.jobs.films import EncodeOpening, ProbeUpload, VerifyUpload
from tests.left_out import mounted
from tests.video.lessons import Maker, Shot
from tests.workers.filling import ROOM_MIB, fill, make_room
from tests.workers.handlers.bench import Bench
from tests.workers.test_run import until
from video.storage.base import StorageFull
from workers.handlers.encode import encode_opening
from workers.tools import Scratch

pytestmark = pytest.mark.needs_mount


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk for what is on its way."""
    folder = tmp_path / "small"
    folder.mkdir()
    with mounted(folder, size_mib=ROOM_MIB):
        yield folder


@pytest.fixture
def crowded(bench: Bench, disk: Path) -> Iterator[Bench]:
    """All that works on films, with its scratch folder on the small disk."""
    scratch = Scratch(disk)
    yield replace(bench, tools=replace(bench.tools, scratch=scratch))
    scratch.close()


def _opening(bench: Bench, film: Path) -> EncodeOpening:
    upload_id = bench.send(film)
    bench.do(ProbeUpload(upload_id))
    bench.do(VerifyUpload(upload_id))
    return EncodeOpening(next(chunk.id for chunk in bench.chunks() if chunk.kind == "picture"))


def _untouched(bench: Bench) -> bool:
    first = next(chunk for chunk in bench.chunks() if chunk.kind == "picture")
    return (first.attempts, first.lease_until, first.done_at, first.code) == (0, None, None, None)


def test_without_room_work_is_not_begun_and_not_counted(crowded: Bench, disk: Path, maker: Maker) -> None:
    job = _opening(crowded, maker.lesson("plain.mp4").path)
    fill(disk)
    with pytest.raises(StorageFull):
        encode_opening(job, crowded.tools)
    assert _untouched(crowded)
    make_room(disk)
    encode_opening(job, crowded.tools)
    assert crowded.segments("240p")


def test_a_disk_that_runs_full_under_way_ends_the_work_and_leaves_nothing(
    crowded: Bench, disk: Path, maker: Maker, tmp_path: Path
) -> None:
    slow = maker.film(tmp_path / "large.mp4", Shot(width=1920, height=1080, seconds=4.0, fps_num=60))
    job = _opening(crowded, slow.path)
    with ThreadPoolExecutor(1) as beside:
        running = beside.submit(encode_opening, job, crowded.tools)
        until(lambda: any(disk.glob("worker-*/*/*.mp4")), "ffmpeg writes")
        fill(disk)
        with pytest.raises(StorageFull):
            running.result()
    assert _untouched(crowded)
    assert [file for file in disk.rglob("*") if file.is_file() and file.suffix != ".lock"] == [disk / "something else"]
    make_room(disk)
    encode_opening(job, crowded.tools)
    assert sum(segment.frames for segment in crowded.segments("720p")) == 240
