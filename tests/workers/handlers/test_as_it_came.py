"""A film that is right becomes a lesson without being encoded; one that only looks right is encoded after all."""

from dataclasses import replace
from pathlib import Path

import av

from app.lessons.media.account import made_of
from app.lessons.media.models import Segment
from app.lessons.recordings.models import MediaState
from tests.video.lessons import Maker, Shot
from tests.video.reading import beeps, pictures
from tests.workers.handlers.bench import Bench

_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p", "-bf", "0")
SHOT = Shot(
    width=640, height=360, seconds=34.0, codec=(*_H264, "-g", "60", "-sc_threshold", "0"), sound_chain=",volume=-2dB"
)


def test_a_right_film_is_a_lesson_as_it_came(bench: Bench, maker: Maker, tmp_path: Path) -> None:
    film = maker.film(tmp_path / "right.mp4", SHOT)
    bench.send(film.path)
    bench.work()
    recording = bench.recording()
    assert (recording.media_state, recording.watchable_ms) == (MediaState.READY, 34_000)
    assert list(bench.renditions()) == ["360p", "sound"]
    served = pictures(bench.served("360p", tmp_path))
    assert [number for number, _ in served] == list(film.numbers)
    assert [round(at) for at in beeps(bench.served("sound", tmp_path))] == list(range(34))
    assert (
        abs(bench.asset().size_bytes - sum(row.size_bytes for row in _segments(bench))) < 0.1 * film.path.stat().st_size
    )
    with bench.tools.sessions() as session:
        told = " ".join(made_of(session, recording.id)).replace("\u00a0", " ")
    assert "It came at 640 × 360, right for any line: its pictures are kept untouched." in told
    assert bench.asset().poster_key is not None


def _segments(bench: Bench) -> list[Segment]:
    return [segment for name in bench.renditions() for segment in bench.segments(name)]


def test_a_film_of_which_the_beginning_can_t_be_copied_is_encoded(bench: Bench, maker: Maker, tmp_path: Path) -> None:
    film = maker.film(tmp_path / "odd.mp4", replace(SHOT, seconds=14.0))
    with av.open(str(film.path)) as container:
        at = next(container.demux(video=0)).pos or 0
    data = bytearray(film.path.read_bytes())
    assert data[at + 4] == 0x06  # what the encoder says of itself
    data[at + 4] = 0x67  # said to be a head of pictures: nonsense, which decoders pass over
    film.path.write_bytes(data)
    bench.send(film.path)
    bench.work()
    assert bench.recording().media_state == MediaState.READY
    assert [size["name"] for size in bench.asset().facts["renditions"]] == ["240p"]
    assert [number for number, _ in pictures(bench.served("240p", tmp_path))] == list(film.numbers)
