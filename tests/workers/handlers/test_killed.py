"""Workers are killed in the middle of a film: the lesson comes out as if nothing had happened."""

import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text

from app.lessons.recordings.models import MediaState
from config import children
from tests.video.lessons import Maker, Shot
from tests.workers.handlers.bench import Bench, Row
from tests.workers.test_run import until
from video import plan, sound, transcode
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from workers.handlers.keeping import sweep_now


@contextmanager
def process(role: str, bench: Bench, folder: Path) -> Iterator[children.Child]:
    command: list[str | Path] = [sys.executable, "-m", "tests.workers.handlers.worker", role]
    with (folder / f"{role}.log").open("ab") as log:
        child = children.start([*command, bench.database.conninfo, bench.database.url, folder], output=log)
    try:
        yield child
    finally:
        children.end(child)


def undisturbed(film: Path, into: Path, jail: Jail) -> list[Row]:
    """Encode a film with nothing of ours but `video`, front to back: what any run must come to."""
    planned = plan.plan(probe(film, jail=jail))
    pieces: list[SegmentFile] = []
    for chunk in planned.chunks:
        folder = into / str(chunk.index)
        folder.mkdir(parents=True)
        made = transcode.encode_chunk(film, chunk, renditions=planned.renditions, into=folder, jail=jail)
        pieces += made.segments

    def hear(_: InitFile, piece: SegmentFile) -> None:
        pieces.append(piece)

    if planned.sound is not None:
        sound.encode_sound(film, planned.sound, into=into, jail=jail, on_segment=hear)
    return sorted(
        (made.rendition, made.index, made.start_ticks, made.duration_ticks, made.frames, made.sha256) for made in pieces
    )


def still_running(word: str) -> list[str]:
    """List the processes whose command names `word`, other than this one."""
    found: list[str] = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue  # it ended meanwhile
        if word in command and int(place.name) != os.getpid():
            found.append(command[:200])
    return found


@pytest.mark.slow
def test_a_worker_killed_in_the_middle_leaves_the_same_lesson_as_an_undisturbed_run(
    bench: Bench, maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    film = maker.lesson("long.mp4").path
    bench.send(film)

    def in_the_middle() -> bool:
        pieces = [chunk for chunk in bench.chunks() if chunk.kind == "picture"]
        worked_on = [chunk for chunk in pieces if chunk.lease_until and not chunk.done_at]
        return bool(worked_on) and any(chunk.done_at for chunk in pieces)

    with process("worker", bench, tmp_path) as first:
        until(in_the_middle, "some pieces are done, and one is being worked on")
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    assert bench.recording().media_state != MediaState.READY
    with process("clock", bench, tmp_path), process("worker", bench, tmp_path):
        until(partial(all_ended, f"/worker-{first.pid}-"), "what it had begun has ended")
        bench.wait_for(MediaState.READY, patience_s=90)
    as_if_nothing_had_happened(bench, film, tmp_path, jail)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_worker_killed_twenty_times_within_one_lesson_leaves_it_as_an_undisturbed_run(
    bench: Bench, maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    # Long, so that there is work at hand for each new worker: what a killed one held comes back only once it is missed.
    film = maker.film(tmp_path / "long.mp4", Shot(height=180, fps_num=10, seconds=20 * 60.0)).path
    bench.send(film)
    seed = random.randrange(10**6)  # noqa: S311 - no secret
    chance = random.Random(seed)  # noqa: S311 - no secret
    with process("clock", bench, tmp_path):
        for kill in range(20):
            before = begun(bench)
            with process("worker", bench, tmp_path) as worker:
                until(partial(more_begun, bench, before), f"worker {kill} has work (seed {seed})")
                time.sleep(chance.uniform(0, 0.8))  # a random moment of it
                os.kill(worker.pid, signal.SIGKILL)
                worker.wait()
            until(partial(all_ended, f"/worker-{worker.pid}-"), "what it had begun has ended")
        assert bench.recording().media_state != MediaState.READY, "each of them was killed within the lesson"
        lost = sum(chunk.fence for chunk in bench.chunks()) - sum(bool(chunk.done_at) for chunk in bench.chunks())
        assert lost >= 10, f"hardly any kill met a piece in work (seed {seed}): {bench.standing()}"
        with process("worker", bench, tmp_path):
            bench.wait_for(MediaState.READY, patience_s=240)
    as_if_nothing_had_happened(bench, film, tmp_path, jail)


def all_ended(word: str) -> bool:
    return not still_running(word)


def more_begun(bench: Bench, before: int) -> bool:
    return begun(bench) > before


def begun(bench: Bench) -> int:
    """Count how often a job was begun, by any worker."""
    with bench.tools.sessions() as session:
        return int(session.scalar(text("SELECT count(*) FROM procrastinate_events WHERE type = 'started'")))


def as_if_nothing_had_happened(bench: Bench, film: Path, folder: Path, jail: Jail) -> None:
    """Hold the lesson against an undisturbed one: the same pieces, and nothing in storage that they don't name."""
    assert bench.rows() == undisturbed(film, folder / "alone", jail)
    assert all(chunk.done_at for chunk in bench.chunks())
    sweep_now(bench.tools)
    named = {segment.key for name in bench.renditions() for segment in bench.segments(name)}
    named |= {rendition.init_key or "" for rendition in bench.renditions().values()}
    others = ("/source", "/poster", "/sheet-")
    pieces = {key for key in bench.tools.storage.keys("r") if not any(word in key for word in others)}
    assert pieces == named
