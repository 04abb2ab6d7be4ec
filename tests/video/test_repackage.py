"""A film that is right as it came is served as it came: each picture and each sample, at its moment."""

import hashlib
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from tests.video import reading
from tests.video.lessons import AAC, Lesson, Maker, Shot
from video import repackage
from video.plan import Plan, plan
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound
from video.transcode import encode_chunk

_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "26", "-pix_fmt", "yuv420p", "-bf", "0")
_RIGHT = (*_H264, "-g", "60", "-keyint_min", "60", "-sc_threshold", "0")
#: As loud as a voice should be; its beeps alone would be too quiet to be kept.
_LOUD_ENOUGH = ",volume=-2dB"
_SHOT = Shot(width=640, height=360, seconds=44.0, codec=_RIGHT, sound_chain=_LOUD_ENOUGH)


@pytest.fixture(scope="module")
def right(maker: Maker) -> Lesson:
    return maker.film(maker.folder / "right.mp4", _SHOT)


def planned_as_it_came(film: Path, jail: Jail) -> Plan | None:
    found = probe(film, jail=jail)
    return repackage.as_it_came(found, plan(found))


def copied(film: Path, planned: Plan, into: Path, jail: Jail) -> Path:
    """Copy all chunks, and join what came of them."""
    inits: list[InitFile] = []
    segments: list[SegmentFile] = []
    for chunk in planned.chunks:
        folder = into / str(chunk.index)
        folder.mkdir()
        made = encode_chunk(film, chunk, renditions=planned.renditions, into=folder, jail=jail)
        assert made.missing_frames == 0
        inits += made.inits
        segments += made.segments
    assert len({init.sha256 for init in inits}) == 1
    assert [segment.index for segment in segments] == list(range(len(segments)))
    return reading.joined(into / "copied.mp4", inits[0], segments)


def heard(film: Path, planned: Plan, into: Path, jail: Jail) -> Path:
    """Make the sound, and join what came of it."""
    whole = into / "sound.m4a"
    assert planned.sound is not None

    def keep(init: InitFile, piece: SegmentFile) -> None:
        with whole.open("ab") as file:
            file.write((init.path.read_bytes() if not piece.index else b"") + piece.path.read_bytes())

    encode_sound(film, planned.sound, into=into, jail=jail, on_segment=keep)
    return whole


def digests(film: Path) -> list[str]:
    with av.open(str(film)) as container:
        return [hashlib.sha256(frame.to_ndarray().tobytes()).hexdigest() for frame in container.decode(video=0)]


def samples(film: Path) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Decode from time 0 on: what lies before it isn't played."""
    with av.open(str(film)) as container:
        stream = container.streams.audio[0]
        frames = [frame for frame in container.decode(stream) if frame.pts is not None and frame.pts >= 0]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames])


def packets(film: Path) -> list[bytes]:
    with av.open(str(film)) as container:
        return [bytes(packet) for packet in container.demux(audio=0) if packet.size and (packet.pts or 0) >= 0]


def test_every_picture_is_the_one_that_came(right: Lesson, tmp_path: Path, jail: Jail) -> None:
    planned = planned_as_it_came(right.path, jail)
    assert planned is not None
    assert [(size.name, size.copied) for size in planned.renditions] == [("360p", True)]
    assert [chunk.in_ms for chunk in planned.chunks] == [0, 4000, 12_000, 28_000]
    made = copied(right.path, planned, tmp_path, jail)
    assert digests(made) == digests(right.path)
    shown = reading.pictures(made)
    assert [number for number, _ in shown] == list(right.numbers)
    assert all(abs(float(at) - truth) <= 1 / 90_000 for (_, at), truth in zip(shown, right.times_s, strict=True))


def test_every_sample_is_the_one_that_came(right: Lesson, tmp_path: Path, jail: Jail) -> None:
    planned = planned_as_it_came(right.path, jail)
    assert planned is not None
    made = heard(right.path, planned, tmp_path, jail)
    assert packets(made) == packets(right.path)
    ours, theirs = samples(made), samples(right.path)
    # The first packet was made to be heard together with the one before time 0, which is left out; and noise is made
    # up by each decoder anew.
    assert np.abs(ours[1024 : len(theirs)] - theirs[1024 : len(ours)]).mean() < 0.001
    assert len(right.beeps_s) == len(reading.beeps(made)) > 40


def test_a_sound_that_is_too_quiet_is_raised_beside_a_picture_that_is_kept(
    maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    quiet = maker.film(tmp_path / "quiet.mp4", replace(_SHOT, seconds=12.0, sound_chain=",volume=-20dB"))
    planned = planned_as_it_came(quiet.path, jail)
    assert planned is not None
    assert planned.sound is not None
    assert planned.sound.copied_rate == 48_000
    assert reading.peak(heard(quiet.path, planned, tmp_path, jail)) > 3 * reading.peak(quiet.path)


def test_long_stretches_are_copied_in_one_go(right: Lesson, tmp_path: Path, jail: Jail, maker: Maker) -> None:
    longer = tmp_path / "longer.mp4"
    maker.ffmpeg("-stream_loop", "1", "-i", right.path, "-t", "84", "-c", "copy", longer)
    planned = planned_as_it_came(longer, jail)
    assert planned is not None
    assert [(chunk.index, chunk.in_ms, chunk.out_ms) for chunk in planned.chunks][-1][:2] == (3, 28_000)
    assert len(digests(copied(longer, planned, tmp_path, jail))) == 84 * 30


@pytest.mark.parametrize(
    ("name", "shot"),
    [
        pytest.param("off.mp4", replace(_SHOT, codec=(*_H264, "-g", "250")), id="its pictures begin off the grid"),
        pytest.param("b.mp4", replace(_SHOT, codec=(*_RIGHT, "-bf", "2")), id="pictures out of order"),
        pytest.param("heavy.mp4", replace(_SHOT, codec=(*_RIGHT, "-crf", "2")), id="too much for a slow line"),
        pytest.param("tall.mp4", replace(_SHOT, width=1920, height=1080), id="too tall"),
        pytest.param("422.mp4", replace(_SHOT, codec=(*_RIGHT, "-pix_fmt", "yuv422p")), id="colours few browsers show"),
        pytest.param("full.mp4", replace(_SHOT, codec=(*_RIGHT, "-pix_fmt", "yuvj420p")), id="a photograph's black"),
        pytest.param("half.mp4", replace(_SHOT, codec=(*_RIGHT, "-flags", "+ilme+ildct")), id="half pictures"),
        pytest.param("wide.mp4", replace(_SHOT, chain=("setsar=4/3",)), id="pixels that aren't square"),
        pytest.param("right.mkv", _SHOT, id="times in milliseconds"),
        pytest.param("short.mp4", replace(_SHOT, seconds=8.0), id="too short to tell"),
    ],
)  # fmt: skip
def test_what_isn_t_right_is_encoded(maker: Maker, tmp_path: Path, jail: Jail, name: str, shot: Shot) -> None:
    seconds = min(shot.seconds, 14.0)
    film = maker.film(tmp_path / name, replace(shot, seconds=seconds)).path
    assert planned_as_it_came(film, jail) is None


def test_a_film_whose_pictures_lean_on_what_is_before_them_is_encoded(
    right: Lesson, tmp_path: Path, jail: Jail, maker: Maker
) -> None:
    film = tmp_path / "open.mp4"
    maker.ffmpeg("-i", right.path, "-t", "14", "-c", "copy", film)
    assert planned_as_it_came(film, jail) is not None
    with av.open(str(film)) as container:
        keys = [packet for packet in container.demux(video=0) if packet.size and packet.is_keyframe]
        at = keys[2].pos or 0
    data = bytearray(film.read_bytes())
    assert data[at + 4] == 0x65  # a picture after which nothing looks back
    data[at + 4] = 0x41
    film.write_bytes(data)
    assert planned_as_it_came(film, jail) is None


def test_a_turned_film_is_encoded(right: Lesson, tmp_path: Path, jail: Jail, maker: Maker) -> None:
    turned = tmp_path / "turned.mp4"
    maker.ffmpeg("-display_rotation", "90", "-i", right.path, "-t", "14", "-c", "copy", turned)
    assert planned_as_it_came(turned, jail) is None


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        pytest.param("mp3.mp4", ("-c:a", "libmp3lame"), id="no AAC"),
        pytest.param("slow.mp4", (*AAC, "-ar", "32000"), id="an unusual rate"),
        pytest.param("many.mp4", (*AAC, "-ac", "6"), id="loudspeakers all around"),
    ],
)
def test_a_sound_that_isn_t_right_is_encoded_beside_a_picture_that_is(
    maker: Maker, tmp_path: Path, jail: Jail, name: str, sound: tuple[str, ...]
) -> None:
    film = maker.film(tmp_path / name, replace(_SHOT, seconds=12.0, sound_codec=sound)).path
    planned = planned_as_it_came(film, jail)
    assert planned is not None
    assert planned.sound is not None
    assert planned.sound.copied_rate is None


@pytest.mark.parametrize("delay_s", [0.5, -0.5], ids=["late", "early"])
def test_a_sound_that_lies_elsewhere_is_encoded(
    right: Lesson, tmp_path: Path, jail: Jail, maker: Maker, delay_s: float
) -> None:
    moved = tmp_path / "moved.mp4"
    both: list[str | Path] = [
        "-i",
        right.path,
        "-itsoffset",
        str(delay_s),
        "-i",
        right.path,
        "-map",
        "0:v",
        "-map",
        "1:a",
    ]
    maker.ffmpeg(*both, "-t", "14", "-c", "copy", moved)
    planned = planned_as_it_came(moved, jail)
    assert planned is not None
    assert planned.sound is not None
    assert planned.sound.copied_rate is None


def test_p37_what_the_camera_says_besides_is_left_out(right: Lesson, tmp_path: Path, jail: Jail, maker: Maker) -> None:
    secrets = {"comment": "behind the third window", "artist": "Jane Q Doe"}
    told = [text for key, value in secrets.items() for text in ("-metadata", f"{key}={value}")]
    tracks = ["-metadata:s:v:0", "handler_name=Eye of Kim", "-metadata:s:a:0", "handler_name=Ear of Kim"]
    said = "-bsf:v", "h264_metadata=sei_user_data=086f3693b7b34f2c965321492feee5b8+Camera of Kim"
    film = tmp_path / "said.mp4"
    maker.ffmpeg("-i", right.path, "-t", "14", "-c", "copy", *told, *tracks, *said, film)
    words = [word.encode() for word in (*secrets.values(), "of Kim", "x264")]
    assert all(word in film.read_bytes() for word in words)
    planned = planned_as_it_came(film, jail)
    assert planned is not None
    copied(film, planned, tmp_path, jail)
    heard(film, planned, tmp_path, jail)
    served = [path for path in tmp_path.rglob("*") if path.is_file() and path != film]
    assert len(served) > 8
    assert [(path.name, word) for path in served for word in words if word in path.read_bytes()] == []


@pytest.mark.parametrize(("tag", "shown"), [("bt709", 1), ("smpte170m", 6), (None, 6)])
def test_how_its_colours_are_meant_is_said(
    maker: Maker, tmp_path: Path, jail: Jail, tag: str | None, shown: int
) -> None:
    said = [] if tag is None else ["-colorspace", tag, "-color_primaries", tag, "-color_trc", tag]
    film = maker.film(tmp_path / "tagged.mp4", replace(_SHOT, seconds=12.0, codec=(*_RIGHT, *said))).path
    planned = planned_as_it_came(film, jail)
    assert planned is not None
    with av.open(str(copied(film, planned, tmp_path, jail))) as container:
        frame = next(container.decode(video=0))
        assert (int(frame.colorspace), int(frame.color_range)) == (shown, 1)
