"""Every picture of a lesson comes through, in order and at its time, across the borders of chunks and segments."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from tests.video import reading
from tests.video.lessons import Maker
from video.errors import MediaError
from video.plan import Plan, plan
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound
from video.transcode import encode_chunk

_TICK_S = 1 / 90_000


@dataclass(frozen=True)
class Prepared:
    """A whole lesson as workers leave it: each rendition's init digests, joined film and segments."""

    plan: Plan
    inits: dict[str, set[str]]
    films: dict[str, Path]
    segments: dict[str, list[SegmentFile]]
    missing: int


def prepare(film: Path, into: Path, jail: Jail) -> Prepared:
    """Encode all of a film's chunks, each in a folder of its own as workers do, and join each rendition."""
    planned = plan(probe(film, jail=jail))
    inits: dict[str, list[InitFile]] = {}
    segments: dict[str, list[SegmentFile]] = {}
    missing = 0
    for chunk in planned.chunks:
        folder = into / str(chunk.index)
        folder.mkdir()
        made = encode_chunk(film, chunk, renditions=planned.renditions, into=folder, jail=jail)
        missing += made.missing_frames
        for init in made.inits:
            inits.setdefault(init.rendition, []).append(init)
        for segment in made.segments:
            segments.setdefault(segment.rendition, []).append(segment)
    films = {name: reading.joined(into / f"{name}.mp4", inits[name][0], segments[name]) for name in segments}
    digests = {name: {init.sha256 for init in found} for name, found in inits.items()}
    return Prepared(planned, digests, films, segments, missing)


def near(times: Iterable[float], expected: Iterable[float], within_s: float) -> bool:
    return all(abs(a - b) <= within_s for a, b in zip(times, expected, strict=True))


@pytest.mark.parametrize(
    ("name", "within_s"),
    [
        pytest.param("large.mp4", _TICK_S, id="three renditions, over two borders of chunks"),
        pytest.param("phone.mp4", _TICK_S, id="a phone held upright, with times that wander"),
        pytest.param("long.mp4", _TICK_S, id="over the borders at 28 and 60 s"),
        pytest.param("ntsc.mp4", _TICK_S, id="29.97 frames a second: no border falls on a frame"),
        pytest.param("one-key.mp4", _TICK_S, id="one whole picture: decoding starts far before the chunk"),
        pytest.param("edit-list.mp4", _TICK_S, id="an edit list hides the beginning"),
        pytest.param("gapped.mkv", 0.001, id="three seconds are missing; Matroska counts milliseconds"),
        pytest.param("wrapping.ts", _TICK_S, id="starts late, and its clock wraps"),
        pytest.param("pasted.ts", _TICK_S, id="two recordings in one file: every moment twice"),
        pytest.param("interlaced.ts", _TICK_S, id="half pictures, pixels that aren't square"),
        pytest.param("bright.mp4", _TICK_S, id="high dynamic range, brought down"),
        pytest.param("odd.mp4", _TICK_S, id="odd sides, no sound"),
    ],
)
def test_every_picture_comes_through_at_its_time(
    maker: Maker, tmp_path: Path, jail: Jail, name: str, within_s: float
) -> None:
    lesson = maker.lesson(name)
    made = prepare(lesson.path, tmp_path, jail)
    assert made.missing == 0
    assert all(len(digests) == 1 for digests in made.inits.values())
    for size in made.plan.renditions:
        shown = reading.pictures(made.films[size.name])
        assert [number for number, _ in shown] == list(lesson.numbers), size.name
        assert near([float(at) for _, at in shown], lesson.times_s, within_s), size.name
        assert reading.size_of(made.films[size.name]) == (size.width, size.height)
        assert size.width % 2 == size.height % 2 == 0
        assert size.height <= lesson.upright[1]
        assert abs(size.width / size.height - lesson.upright[0] / lesson.upright[1]) < 0.02


def test_a_large_lesson_has_all_three_renditions(maker: Maker, jail: Jail) -> None:
    planned = plan(probe(maker.lesson("large.mp4").path, jail=jail))
    assert [size.name for size in planned.renditions] == ["240p", "480p", "720p"]


def test_segments_lie_on_the_grid_and_leave_no_hole(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    made = prepare(maker.lesson("phone.mp4").path, tmp_path, jail)
    for segments in made.segments.values():
        assert [segment.index for segment in segments] == [0, 1, 2, 3]
        for segment, after in pairwise(segments):
            assert segment.start_ticks + segment.duration_ticks == after.start_ticks
            assert segment.index * 4000 <= segment.start_ms < segment.index * 4000 + 4000
        last = segments[-1]
        assert round((last.start_ticks + last.duration_ticks) / 90) == made.plan.duration_ms


def test_a_gap_is_a_longer_segment_and_never_an_empty_one(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    made = prepare(maker.lesson("gapped.mkv").path, tmp_path, jail)
    lengths = {segment.index: segment.duration_ticks / 90_000 for segment in made.segments["240p"]}
    assert lengths[0] == pytest.approx(7.0, abs=0.002)
    assert all(segment.frames > 0 for segment in made.segments["240p"])


def test_what_is_left_of_a_broken_off_upload_can_be_watched(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    lesson = maker.lesson("cut-short.mp4")
    made = prepare(lesson.path, tmp_path, jail)
    assert "partial" in made.plan.notes
    shown = [number for number, _ in reading.pictures(made.films["240p"])]
    assert shown == list(range(made.plan.frames - made.missing))
    assert len(shown) > 80


def test_a_failing_card_costs_the_spoilt_frames_and_no_others(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    lesson = maker.lesson("rotten.mp4")
    made = prepare(lesson.path, tmp_path, jail)
    shown = reading.pictures(made.films["240p"])
    assert len(shown) + made.missing == len(lesson.numbers)
    assert all(abs(at * 30 - round(at * 30)) < 0.01 for _, at in shown), "times are unchanged"
    whole = sum(number == round(at * 30) for number, at in shown)
    assert whole > len(lesson.numbers) / 2


@pytest.mark.slow
def test_sound_and_picture_agree_after_ten_minutes(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    lesson = maker.lesson("ten-minutes.mp4")
    planned = plan(probe(lesson.path, jail=jail))
    assert planned.sound is not None
    pieces: list[tuple[InitFile, SegmentFile]] = []
    sound = tmp_path / "sound"
    sound.mkdir()
    encode_sound(lesson.path, planned.sound, into=sound, jail=jail, on_segment=lambda *piece: pieces.append(piece))
    beeps = reading.beeps(reading.joined(sound / "joined.mp4", pieces[0][0], [piece for _, piece in pieces]))
    assert len(beeps) == 600
    for chunk in (planned.chunks[0], planned.chunks[-1]):
        into = tmp_path / str(chunk.index)
        into.mkdir()
        made = encode_chunk(lesson.path, chunk, renditions=planned.renditions, into=into, jail=jail)
        for number, at in reading.pictures(reading.joined(into / "joined.mp4", made.inits[0], made.segments)):
            if number % 5 == 0 and number:
                assert abs(beeps[number // 5] - float(at)) < 0.02, "a frame at 30 a second is longer than that"


def test_a_frame_too_few_is_an_error_of_that_chunk(maker: Maker, into: Path, jail: Jail) -> None:
    planned = plan(probe(maker.lesson("plain.mp4").path, jail=jail))
    row = planned.chunks[0].to_json() | {"frames": planned.chunks[0].frames + 1}
    chunk = type(planned.chunks[0]).from_json(row)
    with pytest.raises(MediaError) as refused:
        encode_chunk(maker.lesson("plain.mp4").path, chunk, renditions=planned.renditions, into=into, jail=jail)
    assert refused.value.code == "frames_lost"
    assert refused.value.retryable


def test_the_same_chunk_gives_the_same_bytes(maker: Maker, tmp_path: Path, each_jail: Jail) -> None:
    lesson = maker.lesson("plain.mp4")
    planned = plan(probe(lesson.path, jail=each_jail))
    digests = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        made = encode_chunk(
            lesson.path, planned.chunks[1], renditions=planned.renditions, into=tmp_path / name, jail=each_jail
        )
        digests.append([segment.sha256 for segment in made.segments])
    assert digests[0] == digests[1]


@pytest.mark.parametrize("filled", [0, 0x55, 0xFF])
def test_of_pictures_that_cannot_be_read_nothing_is_made(maker: Maker, into: Path, jail: Jail, filled: int) -> None:
    data = bytearray(maker.lesson("plain.mp4").path.read_bytes())
    begins = data.index(b"mdat") + 4
    data[begins:] = bytes([filled]) * (len(data) - begins)
    film = into / "unreadable.mp4"
    film.write_bytes(data)
    planned = plan(probe(film, jail=jail))
    made = encode_chunk(film, planned.chunks[0], renditions=planned.renditions, into=into, jail=jail)
    assert (made.segments, made.missing_frames) == ((), planned.chunks[0].frames)
