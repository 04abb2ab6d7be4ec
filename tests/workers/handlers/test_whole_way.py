"""From a teacher's file to a lesson that can be watched: every picture once, in order, whoever did the work."""

from pathlib import Path

from app.lessons.recordings.models import MediaState
from app.lessons.uploads.models import UploadState
from tests.video.lessons import Maker
from tests.video.reading import beeps, pictures, size_of
from tests.workers.handlers.bench import Bench


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
