"""A film that is cut on arrival: only what its teacher keeps is ever looked into, and the rest is gone by then."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.jobs.films import CutUpload, ProbeUpload, VerifyUpload
from app.lessons.recordings.models import MediaState
from app.lessons.uploads.models import UploadState
from app.lessons.uploads.wish import Trim
from tests.video.lessons import Maker
from tests.video.reading import pictures
from tests.workers.handlers.bench import Bench
from video.storage.base import StorageUnavailable
from video.storage.local import LocalStorage
from workers.handlers.keeping import give_jobs, sweep_now

STRETCH = Trim(in_ms=12_000, out_ms=31_000, cut_in_browser=False)


def sources(bench: Bench) -> list[str]:
    return [key for key in bench.tools.storage.keys("r") if key.endswith("/source")]


def test_the_lesson_is_the_stretch_and_the_whole_film_is_gone_before_it_is_planned(
    bench: Bench, maker: Maker, tmp_path: Path
) -> None:
    film = maker.lesson("long.mp4")
    upload_id = bench.send(film.path, trim=STRETCH)
    whole = bench.upload().storage_key
    assert bench.waiting() == ["VerifyUpload"]
    bench.do(VerifyUpload(upload_id))
    assert sorted(bench.waiting()) == ["CutUpload", "VerifyUpload"]
    bench.do(ProbeUpload(upload_id))
    assert bench.chunks() == [], "nothing of it is planned"
    bench.do(CutUpload(upload_id))
    cut_key = bench.upload().storage_key
    assert sources(bench) == [cut_key] != [whole]
    assert bench.upload().cut_at is not None
    bench.work()
    recording = bench.recording()
    assert (recording.media_state, recording.duration_ms) == (MediaState.READY, 21_000)
    served = pictures(bench.served("240p", tmp_path))
    assert [(number, round(float(at), 3)) for number, at in served] == [(n, (n - 100) / 10) for n in range(100, 310)]
    assert bench.asset().source_key == cut_key
    assert bench.asset().size_bytes == bench.upload().cut_bytes
    assert bench.asset().size_bytes < film.path.stat().st_size
    assert (bench.upload().size_bytes, bench.upload().state) == (film.path.stat().st_size, UploadState.VERIFIED)
    sweep_now(bench.tools)
    assert sources(bench) == [cut_key]


@pytest.mark.needs_s3
def test_every_version_of_the_whole_film_is_gone_from_an_s3_server(s3_bench: Bench, maker: Maker) -> None:
    s3_bench.send(maker.lesson("long.mp4").path, trim=STRETCH)
    s3_bench.work()
    assert s3_bench.recording().duration_ms == 21_000
    assert sources(s3_bench) == [s3_bench.upload().storage_key]
    s3_bench.tools.storage.erase_prefix("r")


def test_while_the_whole_film_cannot_be_erased_nothing_is_planned(
    bench: Bench, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload_id = bench.send(maker.lesson("long.mp4").path, trim=STRETCH)
    whole = bench.upload().storage_key
    bench.do(VerifyUpload(upload_id))

    def away(*_: object) -> int:
        raise StorageUnavailable("r", "The disk is away.")

    with monkeypatch.context() as broken:
        broken.setattr(LocalStorage, "erase_prefix", away)
        with pytest.raises(StorageUnavailable):
            bench.do(CutUpload(upload_id))
    assert bench.upload().whole_key == whole
    bench.do(ProbeUpload(upload_id))
    assert bench.chunks() == []
    bench.do(CutUpload(upload_id))
    assert sources(bench) == [bench.upload().storage_key]
    assert "ProbeUpload" in bench.waiting()


def test_a_cut_that_lost_its_job_gets_one_and_no_other_work_is_given(bench: Bench, maker: Maker) -> None:
    upload_id = bench.send(maker.lesson("long.mp4").path, trim=STRETCH)
    bench.do(VerifyUpload(upload_id))
    with bench.tools.sessions.begin() as session:
        session.execute(text("DELETE FROM procrastinate_jobs"))
    give_jobs(bench.tools, bench.upload().opened_at)
    assert bench.waiting() == ["CutUpload"]


def test_a_stretch_after_the_film_s_end_is_said_and_nothing_can_be_watched(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path, trim=Trim(in_ms=60_000, out_ms=90_000, cut_in_browser=False))
    bench.work()
    recording = bench.recording()
    assert (recording.media_state, recording.media_code) == (MediaState.NEEDS_ATTENTION, "nothing_there")
    assert bench.chunks() == []


def test_a_film_cut_in_the_browser_goes_the_usual_way(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path, trim=Trim(in_ms=0, out_ms=6000, cut_in_browser=True))
    assert sorted(bench.waiting()) == ["ProbeUpload", "VerifyUpload"]
