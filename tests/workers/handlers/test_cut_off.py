"""What work leans on breaks off at random moments: programs, connections, answers. The lesson comes out the same."""

import os
import random
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg
import pytest

from app.lessons.recordings.models import MediaState
from config import children
from tests.services.losing import losing
from tests.services.swift import Swift
from tests.video.lessons import Maker, Shot
from tests.workers.handlers.bench import Bench
from tests.workers.handlers.test_killed import as_if_nothing_had_happened, process
from tests.workers.test_run import until
from video.process import Jail
from video.storage.s3 import S3Place, S3Storage

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
_CUTS = 10
_PATIENCE_S = 240


def long_film(maker: Maker, folder: Path) -> Path:
    """Ten minutes: enough that there is work at each moment at which something breaks."""
    return maker.film(folder / "long.mp4", Shot(height=180, fps_num=10, seconds=10 * 60.0)).path


def programs(of: int) -> list[int]:
    """List the ffmpeg processes that a worker has begun, however deep in the jail."""
    below, found = [of], []
    while below:
        parent = below.pop()
        try:
            below += [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
            below += [
                int(child)
                for thread in Path(f"/proc/{parent}/task").iterdir()
                if thread.name != str(parent)
                for child in (thread / "children").read_text().split()
            ]
            if Path(f"/proc/{parent}/comm").read_text().startswith("ffmpeg"):
                found.append(parent)
        except OSError:
            continue  # it ended meanwhile
    return found


def test_ffmpeg_killed_at_random_moments_leaves_the_same_lesson(
    bench: Bench, maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    film = long_film(maker, tmp_path)
    bench.send(film)
    chance = random.Random(seed := secrets.randbelow(10**6))  # noqa: S311 - no secret
    killed: set[int] = set()
    with process("worker", bench, tmp_path) as worker:
        for cut in range(_CUTS):
            until(lambda: bool(set(programs(worker.pid)) - killed), f"kill {cut} has something to kill (seed {seed})")
            time.sleep(chance.uniform(0, 0.3))  # a random moment of it
            for program in set(programs(worker.pid)) - killed:
                killed.add(program)
                os.kill(program, signal.SIGKILL)
                break
        bench.wait_for(MediaState.READY, patience_s=_PATIENCE_S)
    assert len(killed) >= _CUTS // 2, f"hardly any kill met a program (seed {seed})"
    assert any(chunk.attempts > 1 for chunk in bench.chunks()), "no kill was felt"
    as_if_nothing_had_happened(bench, film, tmp_path, jail)


@contextmanager
def kept_running(role: str, bench: Bench, folder: Path) -> Iterator["Kept"]:
    """Run a process as the supervisor does: one that ends is begun anew."""
    kept = Kept(role, bench, folder)
    try:
        yield kept
    finally:
        kept.end()


class Kept:
    """A process that is begun anew whenever it has ended."""

    def __init__(self, role: str, bench: Bench, folder: Path) -> None:
        self._begin = partial(process, role, bench, folder)
        self._running = self._begin()
        self.child: children.Child = self._running.__enter__()

    def look(self) -> None:
        """Begin it anew if it has ended."""
        if self.child.poll() is not None:
            self._running.__exit__(None, None, None)
            self._running = self._begin()
            self.child = self._running.__enter__()

    def end(self) -> None:
        """End it."""
        self._running.__exit__(None, None, None)


def test_database_connections_cut_at_random_moments_leave_the_same_lesson(
    bench: Bench, maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    film = long_film(maker, tmp_path)
    bench.send(film)
    chance = random.Random(seed := secrets.randbelow(10**6))  # noqa: S311 - no secret
    cut = 0
    with kept_running("clock", bench, tmp_path) as clock, kept_running("worker", bench, tmp_path) as worker:

        def done_more_than(before: int) -> bool:
            clock.look()
            worker.look()
            return _done(bench) > before

        for turn in range(_CUTS):
            until(partial(done_more_than, _done(bench)), f"work goes on after cut {turn} (seed {seed})")
            time.sleep(chance.uniform(0, 0.5))  # a random moment of it
            cut += _cut_all(bench)
        deadline = time.monotonic() + _PATIENCE_S
        while not done_more_than(len(bench.chunks()) - 1):
            assert time.monotonic() < deadline, f"never ready (seed {seed}): {bench.standing()}"
            time.sleep(0.1)
        bench.wait_for(MediaState.READY, patience_s=_PATIENCE_S)
    assert cut >= _CUTS
    as_if_nothing_had_happened(bench, film, tmp_path, jail)


def _done(bench: Bench) -> int:
    return sum(bool(chunk.done_at) for chunk in bench.chunks())


def _cut_all(bench: Bench) -> int:
    """Cut every connection to the lesson's database but the one that says so."""
    asked = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
    """
    with psycopg.connect(bench.database.conninfo) as connection:
        (cut,) = connection.execute(asked).fetchone() or (0,)
    bench.tools.sessions.kw["bind"].dispose()  # those were cut, too
    return int(cut)


@pytest.mark.needs_s3
def test_answers_of_the_storage_that_are_lost_after_the_write_leave_the_same_lesson(
    s3_bench: Bench, swift: Swift, maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    film = maker.lesson("long.mp4").path
    host, _, port = swift.endpoint.removeprefix("http://").partition(":")
    with losing((host, int(port)), every=7) as line:
        place = S3Place(
            f"http://127.0.0.1:{line.port}",
            f"films-{secrets.token_hex(4)}",
            swift.access_key,
            swift.secret_key,
            region=swift.region,
        )
        storage = S3Storage(place)
        storage.prepare()
        bench = replace(s3_bench, tools=replace(s3_bench.tools, storage=storage))
        bench.send(film)
        bench.work()
        assert bench.recording().media_state == MediaState.READY, bench.standing()
        assert line.lost >= 5
        as_if_nothing_had_happened(bench, film, tmp_path, jail)
        storage.erase_prefix("r")
