"""Jobs that come twice, late, or from a worker that slept: only the newest lease publishes, and each piece once."""

from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import update

from app.jobs.films import EncodeChunk, EncodeOpening, EncodeSound, ProbeUpload, VerifyUpload
from app.lessons.media import chunks
from app.lessons.media.chunks import Held, Lease, LeaseLost
from app.lessons.media.models import Chunk
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from tests.conftest import Clock
from tests.video.lessons import Maker
from tests.workers.handlers.bench import Bench
from video import plan, transcode
from video.segments import InitFile, SegmentFile
from video.sizes import Rendition
from workers.handlers.encode import encode_chunk, encode_opening, encode_sound
from workers.handlers.keeping import give_jobs, sweep_now
from workers.handlers.sources import sources_of


def probed(bench: Bench, film: Path) -> list[Chunk]:
    """Send a film and look into it, so that its pieces wait; give those of the picture."""
    bench.send(film)
    upload_id = bench.upload().id
    bench.do(ProbeUpload(upload_id))
    bench.do(VerifyUpload(upload_id))
    return [chunk for chunk in bench.chunks() if chunk.kind == "picture"]


def take(bench: Bench, chunk: Chunk) -> Lease | Held | None:
    with bench.tools.sessions.begin() as session:
        return chunks.take(session, chunk.id)


def encoded(
    bench: Bench, lease: Lease, folder: Path
) -> tuple[list[tuple[str, SegmentFile]], list[tuple[str, InitFile]]]:
    """Do a worker's work up to the moment before it publishes."""
    sizes = [Rendition.from_json(row) for row in lease.facts["renditions"]]
    folder.mkdir()
    with sources_of(bench.tools).source(lease.source_key) as source:
        made = transcode.encode_chunk(
            source, plan.Chunk.from_json(lease.plan), renditions=sizes, into=folder, jail=bench.tools.jail
        )
    inits = [(bench.tools.store(lease.key(f"{init.rendition}-init.mp4"), init.path), init) for init in made.inits]
    segments = [
        (bench.tools.store(lease.key(f"{segment.rendition}-{segment.index}.m4s"), segment.path), segment)
        for segment in made.segments
    ]
    return segments, inits


def test_a_lease_is_held_by_one_and_free_again_once_it_ends(bench: Bench, maker: Maker, clock: Clock) -> None:
    first, *_ = probed(bench, maker.lesson("plain.mp4").path)
    lease = take(bench, first)
    assert isinstance(lease, Lease)
    assert isinstance(take(bench, first), Held)
    clock.forward(seconds=chunks.LEASE_S - 1)
    assert isinstance(take(bench, first), Held)
    clock.forward(seconds=2)
    later = take(bench, first)
    assert isinstance(later, Lease)
    assert later.fence == lease.fence + 1
    assert later.key("x") != lease.key("x")


def test_a_worker_that_slept_past_its_lease_publishes_nothing_and_what_it_stored_is_swept(
    bench: Bench, maker: Maker, clock: Clock, tmp_path: Path
) -> None:
    first, *_ = probed(bench, maker.lesson("plain.mp4").path)
    sleeper = take(bench, first)
    assert isinstance(sleeper, Lease)
    segments, inits = encoded(bench, sleeper, tmp_path / "sleeper")
    clock.forward(seconds=chunks.LEASE_S + 1)
    encode_opening(EncodeOpening(first.id), bench.tools)
    before = bench.rows()
    with pytest.raises(LeaseLost), bench.tools.sessions.begin() as session:
        chunks.finish(session, sleeper, segments=segments, inits=inits)
    with pytest.raises(LeaseLost), bench.tools.sessions.begin() as session:
        chunks.renew(session, sleeper)
    assert bench.rows() == before
    assert before != []
    stored = set(bench.tools.storage.keys("r"))
    theirs = {key for key, _ in [*segments, *inits]}
    assert theirs < stored
    assert sweep_now(bench.tools) == len(theirs)
    assert set(bench.tools.storage.keys("r")) == stored - theirs


def test_a_worker_that_slept_past_its_lease_is_refused_while_its_successor_still_works(
    bench: Bench, maker: Maker, clock: Clock, tmp_path: Path
) -> None:
    """Nothing is done yet that would give the sleeper away: its fence alone says that it is too late."""
    first, *_ = probed(bench, maker.lesson("plain.mp4").path)
    sleeper = take(bench, first)
    assert isinstance(sleeper, Lease)
    segments, inits = encoded(bench, sleeper, tmp_path / "sleeper")
    clock.forward(seconds=chunks.LEASE_S + 1)
    successor = take(bench, first)
    assert isinstance(successor, Lease)
    with pytest.raises(LeaseLost), bench.tools.sessions.begin() as session:
        chunks.finish(session, sleeper, segments=segments, inits=inits)
    with pytest.raises(LeaseLost), bench.tools.sessions.begin() as session:
        chunks.publish_on(session, sleeper, segments=segments, inits=inits)
    with pytest.raises(LeaseLost), bench.tools.sessions.begin() as session:
        chunks.renew(session, sleeper)
    with bench.tools.sessions.begin() as session:
        chunks.give_back(session, sleeper, counted=True)
    assert not isinstance(take(bench, first), Lease)
    assert bench.rows() == []
    theirs = encoded(bench, successor, tmp_path / "successor")
    with bench.tools.sessions.begin() as session:
        chunks.finish(session, successor, segments=theirs[0], inits=theirs[1])
    assert bench.rows() != []


def test_jobs_delivered_twice_change_nothing(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path)
    bench.work()
    rows, stored = bench.rows(), set(bench.tools.storage.keys("r"))
    fences = [chunk.fence for chunk in bench.chunks()]
    recording = bench.recording()
    for job in bench.jobs():
        bench.do(job)
    assert bench.rows() == rows
    assert set(bench.tools.storage.keys("r")) == stored
    assert [chunk.fence for chunk in bench.chunks()] == fences
    assert bench.recording().ready_at == recording.ready_at
    assert bench.waiting() == []


def test_two_workers_at_the_same_piece_make_it_once(bench: Bench, maker: Maker) -> None:
    first, *_ = probed(bench, maker.lesson("plain.mp4").path)
    barrier = Barrier(2)

    def work() -> None:
        barrier.wait()
        encode_opening(EncodeOpening(first.id), bench.tools)

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (chunk, *_) = [chunk for chunk in bench.chunks() if chunk.kind == "picture"]
    assert (chunk.fence, chunk.done_at is not None) == (1, True)
    assert [segment.number for segment in bench.segments("240p")] == [0]


def test_the_unbroken_beginning_is_watchable_whoever_finishes_first(bench: Bench, maker: Maker) -> None:
    pieces = probed(bench, maker.lesson("large.mp4").path)
    assert [(chunk.in_ms, chunk.out_ms) for chunk in pieces] == [(0, 4000), (4000, 12_000), (12_000, 13_000)]
    encode_chunk(EncodeChunk(pieces[2].id), bench.tools)
    assert bench.recording().watchable_ms == 0
    encode_opening(EncodeOpening(pieces[0].id), bench.tools)
    assert bench.recording().watchable_ms == 0, "nothing can be heard yet"
    (sound,) = [chunk for chunk in bench.chunks() if chunk.kind == "sound"]
    encode_sound(EncodeSound(sound.id), bench.tools)
    recording = bench.recording()
    assert (recording.media_state, recording.watchable_ms) == (MediaState.WATCHABLE, 4000)
    assert 0 < recording.prepared_percent < 100
    encode_opening(EncodeOpening(pieces[1].id), bench.tools)
    recording = bench.recording()
    assert (recording.media_state, recording.watchable_ms) == (MediaState.READY, 13_000)


def test_a_recording_that_is_being_erased_gets_nothing_more(bench: Bench, maker: Maker, tmp_path: Path) -> None:
    first, *others = probed(bench, maker.lesson("large.mp4").path)
    lease = take(bench, first)
    assert isinstance(lease, Lease)
    segments, inits = encoded(bench, lease, tmp_path / "late")
    with bench.tools.sessions.begin() as session:
        session.execute(update(Recording).values(state=RecordingState.ERASING))
    with pytest.raises(LeaseLost), bench.tools.sessions.begin() as session:
        chunks.finish(session, lease, segments=segments, inits=inits)
    with pytest.raises(LeaseLost), bench.tools.sessions.begin() as session:
        chunks.renew(session, lease)
    assert take(bench, others[0]) is None
    assert bench.rows() == []


def test_a_piece_whose_workers_are_lost_too_often_waits_for_its_teacher(
    bench: Bench, maker: Maker, clock: Clock
) -> None:
    first, *_ = probed(bench, maker.lesson("plain.mp4").path)
    for _ in range(chunks.MOST_ATTEMPTS):
        assert isinstance(take(bench, first), Lease)
        clock.forward(seconds=chunks.LEASE_S + 1)
    encode_opening(EncodeOpening(first.id), bench.tools)
    recording = bench.recording()
    assert (recording.media_state, recording.media_code) == (MediaState.NEEDS_ATTENTION, "frames_lost")
    assert bench.rows() == []


def lose_all_jobs(bench: Bench) -> None:
    with bench.database.owner() as connection:
        connection.execute("DELETE FROM procrastinate_jobs")


def test_rows_that_wait_without_a_job_are_given_one_and_only_one(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path)
    lose_all_jobs(bench)
    give_jobs(bench.tools, datetime.now(UTC))
    give_jobs(bench.tools, datetime.now(UTC))
    assert sorted(bench.waiting()) == ["ProbeUpload", "VerifyUpload"]
    for job in bench.jobs():
        bench.do(job)
    lose_all_jobs(bench)
    give_jobs(bench.tools, datetime.now(UTC))
    give_jobs(bench.tools, datetime.now(UTC))
    assert sorted(bench.waiting()) == ["EncodeOpening", "EncodeOpening", "EncodeSound"]
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    give_jobs(bench.tools, datetime.now(UTC))
    assert bench.waiting() == []
