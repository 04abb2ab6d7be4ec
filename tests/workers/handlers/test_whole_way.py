"""From a teacher's file to a lesson that can be watched: every picture once, in order, whoever did the work."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from app.authz import Action, permit
from app.jobs.films import ProbeUpload
from app.lessons.media.account import made_of
from app.lessons.media.models import Segment
from app.lessons.recordings import service as recordings
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import UploadState
from app.notify.models import Notification
from tests.video.lessons import Maker
from tests.video.reading import beeps, pictures, size_of
from tests.workers.handlers.bench import Bench
from workers.handlers.sources import sources_of, tidy
from workers.tools import Scratch


def test_a_film_becomes_a_lesson_with_every_picture_once_in_all_sizes(
    bench: Bench, maker: Maker, tmp_path: Path
) -> None:
    lesson = maker.lesson("large.mp4")
    bench.send(lesson.path)
    bench.work()
    recording = bench.recording()
    assert (recording.media_state, recording.media_code) == (MediaState.READY, None)
    assert recording.watchable_ms == recording.duration_ms == 13_000
    assert recording.prepared_percent == 100
    assert recording.ready_at is not None
    assert bench.upload().state == UploadState.VERIFIED
    assert recording.verified_at is not None
    for name in ("240p", "480p", "720p"):
        served = pictures(bench.served(name, tmp_path))
        assert [number for number, _ in served] == list(lesson.numbers), name
        assert [round(float(at), 3) for _, at in served] == [round(at, 3) for at in lesson.times_s], name
        assert size_of(tmp_path / f"{name}.mp4")[1] == int(name[:-1])
    heard = beeps(bench.served("sound", tmp_path))
    assert [round(at) for at in heard[1:]] == [int(at) for at in lesson.beeps_s[1:]]
    assert bench.asset().poster_key is not None


@pytest.mark.needs_s3
def test_the_way_is_the_same_over_an_s3_server(s3_bench: Bench, maker: Maker, tmp_path: Path) -> None:
    lesson = maker.lesson("plain.mp4")
    s3_bench.send(lesson.path)
    s3_bench.work()
    recording = s3_bench.recording()
    assert (recording.media_state, recording.watchable_ms) == (MediaState.READY, 6000)
    assert recording.verified_at is not None
    assert [number for number, _ in pictures(s3_bench.served("240p", tmp_path))] == list(lesson.numbers)
    sources = sources_of(s3_bench.tools)
    assert not sources.has_copy(s3_bench.asset().source_key), "a film that is ready isn't kept on the worker"
    s3_bench.tools.storage.erase_prefix("r")


@pytest.mark.needs_s3
@pytest.mark.parametrize("ending", ["finished elsewhere", "erased"])
def test_a_copy_goes_when_nothing_more_is_made_of_it(
    s3_bench: Bench, maker: Maker, tmp_path: Path, ending: str
) -> None:
    scratch = Scratch(tmp_path / "of another process")
    other = replace(s3_bench.tools, scratch=scratch)
    s3_bench.send(maker.lesson("plain.mp4").path)
    key = s3_bench.upload().storage_key
    s3_bench.do(next(job for job in s3_bench.jobs() if isinstance(job, ProbeUpload)))
    with sources_of(other).source(key) as copy:
        tidy(other)
    tidy(other)
    assert copy.exists(), "pieces are still to be made of it"
    if ending == "erased":
        amina, recording_id = s3_bench.amina.actor, s3_bench.recording().id
        with other.sessions.begin() as session:
            may_erase = permit(session, amina, Action.REC_ERASE, Recording, recording_id, lock=True)
            recordings.erase(session, may_erase)
    else:
        s3_bench.work()
    with sources_of(other).source(key):
        tidy(other)
        assert copy.exists(), "it is being read"
    tidy(other)
    assert not copy.exists()
    scratch.close()
    s3_bench.tools.storage.erase_prefix("r")


def test_what_was_made_of_it_counts_what_can_be_watched(bench: Bench, maker: Maker) -> None:
    lesson = maker.lesson("plain.mp4")
    bench.send(lesson.path)
    bench.work()
    with bench.tools.sessions() as session:
        told = made_of(session, bench.recording().id)
        assert told[0] == f"All {len(lesson.numbers)} pictures are kept."
        session.get_one(Segment, bench.segments("240p")[0].id).frames -= 3
        session.flush()
        assert made_of(session, bench.recording().id)[0] == (
            "Of its 180 pictures, 177 are kept; the others could not be read."
        )


def test_its_teacher_is_told_once_it_is_ready(bench: Bench, maker: Maker) -> None:
    bench.send(maker.lesson("plain.mp4").path)
    bench.work()
    with bench.tools.sessions() as session:
        told = session.scalars(select(Notification)).all()
    assert [(note.kind, note.person_id) for note in told if note.kind.startswith("recording")] == [
        ("recording.ready", bench.amina.actor.person_id)
    ]


def test_no_name_and_nothing_that_a_phone_wrote_is_in_keys_or_jobs(bench: Bench, maker: Maker, tmp_path: Path) -> None:
    film = tmp_path / "Y8 Jane Doe.mp4"
    place = ["-metadata", "location=+51.5-0.12/", "-metadata", "artist=Jane Doe", "-metadata", "comment=canary"]
    maker.ffmpeg("-i", maker.lesson("plain.mp4").path, "-c", "copy", *place, film)
    bench.send(film)
    bench.work()
    keys = list(bench.tools.storage.keys("r"))
    assert not [key for key in keys if "Jane" in key or "mp4" in key.replace("init.mp4", "")]
    made = [bench.tools.storage.local_path(key) for key in keys if not key.endswith("/source")]
    for canary in (b"Jane", b"canary", b"earth"):
        assert canary in film.read_bytes()
        assert not [path for path in made if path is not None and canary in path.read_bytes()]
    assert "Jane" not in str(bench.jobs())
