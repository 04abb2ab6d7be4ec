"""An export is exact at both ends, plays everywhere, and copies what needn't be encoded once more."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.video import reading
from tests.video.lessons import Maker
from tests.video.test_transcode import Prepared, prepare
from video.errors import MediaError
from video.export import Exported, Stored, export
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound

RATE = 48_000


@dataclass
class Kept:
    """A lesson as it is kept, and the frames and samples that whoever watches it gets."""

    made: Prepared
    picture: Stored
    sound: Stored | None
    shown: list[tuple[int, int]]  # number and time in ticks of 1/90000 s
    heard: np.ndarray[tuple[int, ...], np.dtype[np.float32]]

    def expected(self, in_ms: int, out_ms: int) -> list[tuple[int, int]]:
        """Give the frames of a stretch."""
        return [(number, at) for number, at in self.shown if in_ms * 90 <= at < out_ms * 90]


def kept(film: Path, into: Path, jail: Jail) -> Kept:
    made = prepare(film, into, jail)
    name = made.plan.renditions[0].name
    segments = made.segments[name]
    init = segments[0].path.with_name(f"{name}-init.mp4")
    picture = Stored(init=init, segments=tuple(segment.path for segment in segments))
    shown = [(number, round(at * 90_000)) for number, at in reading.pictures(made.films[name])]
    if made.plan.sound is None:
        return Kept(made, picture, None, shown, np.zeros(0, np.float32))
    folder = into / "sound"
    folder.mkdir()
    pieces: list[tuple[InitFile, SegmentFile]] = []
    encode_sound(film, made.plan.sound, into=folder, jail=jail, on_segment=lambda *piece: pieces.append(piece))
    sound = Stored(init=pieces[0][0].path, segments=tuple(piece.path for _, piece in pieces))
    whole = reading.joined(folder / "whole.mp4", pieces[0][0], [piece for _, piece in pieces])
    return Kept(made, picture, sound, shown, samples(whole))


def samples(film: Path) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """Decode the sound as a player does, edit list and all: one channel, from the film's time 0."""
    with av.open(str(film)) as container:
        stream = container.streams.audio[0]
        found: list[np.ndarray[tuple[int, ...], np.dtype[np.float32]]] = []
        at = 0
        for frame in container.decode(stream):
            assert frame.pts is not None
            assert stream.time_base is not None
            begins = round(frame.pts * stream.time_base * RATE)
            block = frame.to_ndarray()[0].astype(np.float32)
            if begins > at:
                found.append(np.zeros(begins - at, np.float32))
            found.append(block[max(at - begins, 0) :])
            at = begins + block.size
    return np.concatenate(found) if found else np.zeros(0, np.float32)


@pytest.fixture(scope="module")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Thirteen seconds of an upright phone, with times that wander."""
    jail = Jail.choose("auto")
    maker = Maker(tmp_path_factory.mktemp("films"))
    return kept(maker.lesson("phone.mp4").path, tmp_path_factory.mktemp("kept"), jail)


def exported(lesson: Kept, in_ms: int, out_ms: int, into: Path, *, notice: str | None = None) -> Exported:
    size = lesson.made.plan.renditions[0]
    jail = Jail.choose("auto")
    return export(
        lesson.picture, lesson.sound, in_ms=in_ms, out_ms=out_ms, size=size, into=into, jail=jail, notice=notice
    )


def check(lesson: Kept, made: Exported, in_ms: int, out_ms: int) -> None:
    """Hold an export to what whoever watches the lesson gets of that stretch."""
    expected = lesson.expected(in_ms, out_ms)
    first = expected[0][1]
    got = [(number, round(at * 90_000)) for number, at in reading.pictures(made.path)]
    assert got == [(number, at - first) for number, at in expected]
    assert (made.first_tick, made.frames) == (first, len(expected))
    if lesson.sound is None:
        return
    begins, ends = round(first * RATE / 90_000), round(out_ms * RATE / 1000)
    truth, heard = lesson.heard[begins:ends], samples(made.path)
    assert abs(heard.size - truth.size) <= 1024, "a decoder may pad its last packet"
    length = min(heard.size, truth.size)
    assert length >= truth.size - 1
    # A decoder fills what is hardly heard with noise of its own; a beep that came one sample late would be off by 0.08.
    assert np.abs(heard[:length] - truth[:length]).max() < 0.01


@pytest.mark.parametrize(
    ("in_ms", "out_ms"),
    [
        pytest.param(0, 13_000, id="all of it"),
        pytest.param(4000, 8000, id="on the grid"),
        pytest.param(2000, 6000, id="at a whole picture"),
        pytest.param(4033, 7901, id="inside, over borders"),
        pytest.param(4501, 4900, id="within one fragment"),
        pytest.param(1999, 2001, id="a frame or none"),
        pytest.param(12_000, 99_000, id="past the end"),
    ],
)
def test_the_ends_are_exact(lesson: Kept, tmp_path: Path, in_ms: int, out_ms: int) -> None:
    out_ms = min(out_ms, lesson.made.plan.duration_ms)
    if not lesson.expected(in_ms, out_ms):
        with pytest.raises(MediaError) as refused:
            exported(lesson, in_ms, out_ms, tmp_path)
        assert refused.value.code == "nothing_there"
        return
    check(lesson, exported(lesson, in_ms, out_ms, tmp_path), in_ms, out_ms)
    assert [path.name for path in tmp_path.iterdir()] == ["export.mp4"] or {
        path.suffix for path in tmp_path.iterdir()
    } == {".mp4"}


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 12_900), st.integers(40, 13_000))
def test_any_stretch_is_exact(
    lesson: Kept, tmp_path_factory: pytest.TempPathFactory, in_ms: int, lasts_ms: int
) -> None:
    out_ms = min(in_ms + lasts_ms, lesson.made.plan.duration_ms)
    if lesson.expected(in_ms, out_ms):
        check(lesson, exported(lesson, in_ms, out_ms, tmp_path_factory.mktemp("export")), in_ms, out_ms)


def test_only_what_leans_on_an_earlier_picture_is_encoded_once_more(lesson: Kept, tmp_path: Path) -> None:
    made = exported(lesson, 4500, 12_000, tmp_path)
    head = [at for _, at in lesson.expected(4500, 6000)]
    assert made.encoded == len(head)
    served = {digest(packet) for path in lesson.picture.segments for packet in packets(path, lesson.picture.init)}
    copied = [digest(packet) in served for packet in packets(made.path)]
    assert copied[len(head) :] == [True] * (made.frames - len(head)), "bit for bit"
    on_the_grid = exported(lesson, 4000, 8000, tmp_path)
    assert on_the_grid.encoded == 0


def packets(path: Path, init: Path | None = None) -> list[bytes]:
    whole = path
    if init is not None:
        whole = path.with_name(f"whole-{path.name}.mp4")
        whole.write_bytes(init.read_bytes() + path.read_bytes())
    with av.open(str(whole)) as container:
        return [bytes(packet) for packet in container.demux(video=0) if packet.size]


def digest(packet: bytes) -> str:
    return hashlib.sha256(packet).hexdigest()


def test_what_is_encoded_once_more_looks_the_same(lesson: Kept, tmp_path: Path) -> None:
    made = exported(lesson, 4500, 6000, tmp_path)
    with av.open(str(made.path)) as container:
        seen = [frame.to_ndarray(format="gray").astype(int) for frame in container.decode(video=0)]
    name = lesson.made.plan.renditions[0].name
    with av.open(str(lesson.made.films[name])) as container:
        true = [
            frame.to_ndarray(format="gray").astype(int)
            for frame in container.decode(video=0)
            if frame.pts is not None and 4500 * 90 <= round(frame.time * 90_000) < 6000 * 90
        ]
    assert len(seen) == len(true)
    assert all(np.abs(one - other).mean() < 3 for one, other in zip(seen, true, strict=True))


def test_a_notice_stands_in_every_picture(lesson: Kept, tmp_path: Path) -> None:
    made = exported(lesson, 4500, 8000, tmp_path, notice="For the group's work on wait time. Not to be passed on.")
    assert made.encoded == made.frames
    with av.open(str(made.path)) as container:
        noticed = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    name = lesson.made.plan.renditions[0].name
    with av.open(str(lesson.made.films[name])) as container:
        plain = [
            frame.to_ndarray(format="gray")
            for frame in container.decode(video=0)
            if round(frame.time * 90_000) >= 4500 * 90
        ][: len(noticed)]
    height = plain[0].shape[0]
    for one, other in zip(noticed, plain, strict=True):
        off = np.abs(one.astype(int) - other.astype(int)).mean(axis=1)
        assert off[height * 9 // 10 :].mean() > 15, "the band is there"
        assert off[: height // 2].mean() < 5, "the rest is as it was"


def test_an_export_says_nothing_of_where_it_came_from(lesson: Kept, tmp_path: Path) -> None:
    made = exported(lesson, 4500, 8000, tmp_path)
    with av.open(str(made.path)) as container:
        assert {
            name: value
            for name, value in container.metadata.items()
            if name not in {"major_brand", "minor_version", "compatible_brands"}
        } == {}
        assert len(container.streams) == 2
        assert {name for stream in container.streams for name in stream.metadata} <= {"language", "encoder"}
    assert made.path.read_bytes()[4:8] == b"ftyp"
    assert made.path.read_bytes().index(b"moov") < made.path.read_bytes().index(b"mdat"), "its index lies in front"


def test_without_sound_there_is_none(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    silent = kept(maker.lesson("odd.mp4").path, tmp_path, jail)
    into = tmp_path / "into"
    into.mkdir()
    made = exported(silent, 500, 2500, into)
    check(silent, made, 500, 2500)
    with av.open(str(made.path)) as container:
        assert len(container.streams) == 1
