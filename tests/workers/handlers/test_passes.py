"""While many lessons wait, a film's best size comes last: the lesson is there without it, and whole with it."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.jobs.films import EncodeChunk
from app.lessons.media import chunks, passes
from app.lessons.media.account import made_of
from app.lessons.media.models import Chunk
from app.lessons.playback import queries
from app.lessons.recordings.models import MediaState
from tests.video.lessons import Maker
from tests.video.reading import pictures
from tests.workers.handlers.bench import Bench
from tests.workers.handlers.test_killed import undisturbed
from tests.workers.handlers.test_leases import probed
from video.process import Jail

#: In the order in which workers take them.
_WAITING = text("""
    SELECT chunk.kind FROM procrastinate_jobs AS job JOIN chunk ON chunk.id = (job.args ->> 'chunk_id')::uuid
    WHERE job.status = 'todo' ORDER BY job.priority DESC, job.id
""")


@pytest.fixture
def long_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let any wait be a long one."""
    monkeypatch.setattr(passes, "LONG_S", -1.0)


def listed(bench: Bench) -> set[str]:
    with bench.tools.sessions() as session:
        return {run.rendition.name for run in queries.served(session, bench.recording())}


def of_kind(bench: Bench, kind: str) -> list[Chunk]:
    return [chunk for chunk in bench.chunks() if chunk.kind == kind]


def told(bench: Bench) -> str:
    with bench.tools.sessions() as session:
        return " ".join(made_of(session, bench.recording().id))


def test_an_idle_machine_makes_all_sizes_at_once(bench: Bench, maker: Maker) -> None:
    probed(bench, maker.lesson("large.mp4").path)
    assert bench.asset().facts["later"] == []
    assert of_kind(bench, "best") == []


@pytest.mark.usefixtures("long_queue")
def test_what_is_put_off_comes_behind_everything_else(bench: Bench, maker: Maker) -> None:
    probed(bench, maker.lesson("large.mp4").path)
    with bench.tools.sessions() as session:
        order = list(session.scalars(_WAITING))
    assert order == ["picture", "sound", "picture", "picture", "best", "best", "best"]


@pytest.mark.usefixtures("long_queue")
def test_a_lesson_is_ready_without_its_best_size_and_whole_with_it(
    bench: Bench, maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    film = maker.lesson("large.mp4")
    probed(bench, film.path)
    for job in bench.jobs():
        if not (isinstance(job, EncodeChunk) and job.chunk_id in {chunk.id for chunk in of_kind(bench, "best")}):
            bench.do(job)
    assert bench.recording().media_state == MediaState.READY
    assert listed(bench) == {"240p", "480p", "sound"}
    assert "All 195 pictures are kept" in told(bench)
    assert "Its largest size follows when fewer lessons wait." in told(bench)
    *some, last = of_kind(bench, "best")
    for chunk in some:
        bench.do(EncodeChunk(chunk.id))
    assert listed(bench) == {"240p", "480p", "sound"}, "not before all of it is there"
    bench.do(EncodeChunk(last.id))
    assert listed(bench) == {"240p", "480p", "720p", "sound"}
    assert "follows" not in told(bench)
    assert [number for number, _ in pictures(bench.served("720p", tmp_path))] == list(film.numbers)
    assert bench.rows() == undisturbed(film.path, tmp_path / "alone", jail)


@pytest.mark.usefixtures("long_queue")
def test_a_best_size_that_can_t_be_made_leaves_the_lesson_ready(bench: Bench, maker: Maker) -> None:
    probed(bench, maker.lesson("large.mp4").path)
    best = of_kind(bench, "best")[0]
    with bench.tools.sessions.begin() as session:
        chunks.give_up(session, best.id, code="frames_lost")
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    assert listed(bench) == {"240p", "480p", "sound"}


@pytest.mark.usefixtures("long_queue")
def test_a_small_film_has_one_size_and_one_pass(bench: Bench, maker: Maker) -> None:
    probed(bench, maker.lesson("plain.mp4").path)
    assert bench.asset().facts["later"] == []
