"""A long film's opening is encoded before the film has been looked through: the same lesson, only sooner."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from app.jobs.films import EncodeOpening, ProbeUpload
from app.lessons.media.models import Asset
from app.lessons.recordings.models import MediaState
from tests.video.lessons import Maker
from tests.workers.handlers.bench import Bench
from tests.workers.handlers.test_killed import undisturbed
from video import transcode
from video.errors import MediaError
from video.process import Jail
from video.storage.base import StorageUnavailable
from video.storage.local import LocalStorage
from workers.handlers import opening
from workers.handlers.keeping import sweep_now


@pytest.fixture(autouse=True)
def every_film_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "LONG_BYTES", 0)


def probe_job(bench: Bench) -> ProbeUpload:
    return next(job for job in bench.jobs() if isinstance(job, ProbeUpload))


def opening_job(bench: Bench) -> EncodeOpening:
    return next(job for job in bench.jobs() if isinstance(job, EncodeOpening))


def first_span_runs(bench: Bench) -> tuple[int, bool]:
    """Say how often the first span was taken to be worked on, and whether it is done."""
    first = next(chunk for chunk in bench.chunks() if (chunk.kind, chunk.number) == ("picture", 0))
    return first.fence, first.done_at is not None


def nothing_left_over(bench: Bench) -> bool:
    sweep_now(bench.tools)
    named = {segment.key for name in bench.renditions() for segment in bench.segments(name)}
    named |= {rendition.init_key or "" for rendition in bench.renditions().values()}
    others = ("/source", "/poster", "/sheet-")
    return named == {key for key in bench.tools.storage.keys("r") if not any(word in key for word in others)}


@pytest.mark.parametrize("name", ["large.mp4", "phone.mp4", "gapped.mkv", "wrapping.ts"])
def test_the_opening_is_there_as_soon_as_the_film_is_planned(
    bench: Bench, maker: Maker, jail: Jail, tmp_path: Path, name: str
) -> None:
    film = maker.lesson(name).path
    bench.send(film)
    bench.do(probe_job(bench))
    assert first_span_runs(bench) == (1, True)
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    assert bench.rows() == undisturbed(film, tmp_path / "alone", jail)
    assert first_span_runs(bench) == (1, True), "nobody made it a second time"
    assert nothing_left_over(bench)


def recording_of(maker: Maker, folder: Path) -> Path:
    """Put a recording longer than the look into a transport stream, of which two can be pasted together."""
    stream = folder / "one.ts"
    maker.ffmpeg("-i", maker.lesson("large.mp4").path, "-c", "copy", stream)
    return stream


def test_an_opening_that_turned_out_to_be_another_is_thrown_away(
    bench: Bench, maker: Maker, jail: Jail, tmp_path: Path
) -> None:
    film = tmp_path / "pasted.ts"
    film.write_bytes(recording_of(maker, tmp_path).read_bytes() * 2)
    bench.send(film)
    bench.do(probe_job(bench))
    assert first_span_runs(bench) == (0, False), "the look could not know that a second recording follows"
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    assert bench.rows() == undisturbed(film, tmp_path / "alone", jail)
    assert nothing_left_over(bench)


def fails(error: Exception) -> Callable[..., Any]:
    def failing(*_: object, **__: object) -> Any:  # noqa: ANN401 - in the place of any function
        raise error

    return failing


@pytest.mark.parametrize(
    ("what", "error"),
    [
        pytest.param((transcode, "encode_chunk"), MediaError("frames_lost"), id="the encoder ended badly"),
        pytest.param((transcode, "encode_chunk"), OSError(28, "no room"), id="no room to work in"),
        pytest.param((LocalStorage, "put"), StorageUnavailable("r", "The disk is away."), id="the storage is away"),
    ],
)
def test_what_goes_wrong_ahead_is_made_by_the_opening_s_own_job_at_once(
    bench: Bench, maker: Maker, monkeypatch: pytest.MonkeyPatch, what: tuple[Any, str], error: Exception
) -> None:
    bench.send(maker.lesson("large.mp4").path)
    with monkeypatch.context() as broken:
        broken.setattr(*what, fails(error))
        bench.do(probe_job(bench))
    assert first_span_runs(bench) == (1, False)
    first = opening_job(bench).chunk_id
    asked = text("SELECT count(*) FROM procrastinate_jobs WHERE args->>'chunk_id' = :id AND scheduled_at IS NULL")
    with bench.tools.sessions() as session:
        assert session.execute(asked, {"id": str(first)}).scalar_one() == 2
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    assert first_span_runs(bench) == (2, True)
    assert nothing_left_over(bench)


def test_a_film_that_is_refused_leaves_nothing_of_its_opening(bench: Bench, maker: Maker) -> None:
    with bench.tools.sessions.begin() as session:
        session.execute(text("UPDATE alliance SET longest_min = 1"))
    bench.send(maker.lesson("long.mp4").path)
    bench.do(probe_job(bench))
    recording = bench.recording()
    assert (recording.media_state, recording.media_code) == (MediaState.NEEDS_ATTENTION, "too_costly")
    with bench.tools.sessions() as session:
        assert session.scalars(select(Asset)).all() == []
    assert [key for key in bench.tools.storage.keys("r") if "/source" not in key] == []
