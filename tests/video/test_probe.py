"""What a probe says is true, and what isn't a lesson is refused with the right sentence, on every rung of the jail."""

import time
from pathlib import Path

import pytest

from tests.video.hostile import REFUSED
from tests.video.lessons import Maker
from video import recipe
from video.errors import MediaError
from video.plan import plan
from video.probe import probe
from video.probe_child import FORMATS
from video.process import Jail, Limits


@pytest.mark.parametrize("name", REFUSED)
def test_p35_what_is_no_lesson_is_refused_with_its_own_code(
    maker: Maker, tmp_path: Path, each_jail: Jail, name: str
) -> None:
    code, make = REFUSED[name]
    film = tmp_path / "film.mp4"
    film.write_bytes(make(maker))
    with pytest.raises(MediaError) as refused:
        probe(film, jail=each_jail)
    assert refused.value.code == code
    assert not refused.value.retryable


@pytest.mark.parametrize("name", ["hls", "concat", "dash", "sdp", "svg", "subtitles", "photograph", "text"])
def test_p35_the_whitelists_alone_refuse_what_is_no_film(maker: Maker, into: Path, name: str) -> None:
    """Outside the jail: what opens a stranger's file must not be stopped by the jail alone."""
    film = into / "film.mp4"
    film.write_bytes(REFUSED[name][1](maker))
    off = Jail.choose("off")
    with pytest.raises(MediaError) as refused:
        probe(film, jail=off)
    assert refused.value.code == "not_video"
    chunk = plan(probe(maker.lesson("plain.mp4").path, jail=off)).chunks[0]
    args = recipe.stills([0.0], chunk=chunk, width=64)
    ended = off.run_ffmpeg(args, inputs=[film], folder=into, limits=Limits(cpu_s=10, wall_s=20.0))
    assert ended.code != 0
    assert list(into.glob("*.png")) == []


def test_probe_and_ffmpeg_open_the_same_kinds_of_file() -> None:
    assert FORMATS == recipe.FORMATS


@pytest.mark.parametrize(
    ("name", "vfr", "rotation", "interlaced", "notes"),
    [
        pytest.param("plain.mp4", False, 0, False, (), id="plain"),
        pytest.param("phone.mp4", True, 270, False, (), id="phone"),
        pytest.param("interlaced.ts", False, 0, True, (), id="interlaced"),
        pytest.param("odd.mp4", False, 0, False, ("no_audio",), id="no sound"),
        pytest.param("short-sound.mp4", False, 0, False, ("short_audio",), id="sound ends early"),
        pytest.param("cut-short.mp4", False, 0, False, ("partial",), id="tail missing"),
    ],
)
def test_a_probe_says_what_is_true(  # noqa: PLR0913, PLR0917 - a row of the table is its arguments
    maker: Maker, jail: Jail, name: str, vfr: bool, rotation: int, interlaced: bool, notes: tuple[str, ...]
) -> None:
    lesson = maker.lesson(name)
    found = probe(lesson.path, jail=jail)
    picture = found.picture
    assert (found.vfr, picture.rotation, picture.interlaced, found.notes) == (vfr, rotation, interlaced, notes)
    assert (picture.width, picture.height) == lesson.upright


@pytest.mark.parametrize("name", ["plain.mp4", "phone.mp4", "edit-list.mp4", "gapped.mkv", "wrapping.ts", "pasted.ts"])
def test_frames_and_length_come_from_the_packets(maker: Maker, each_jail: Jail, name: str) -> None:
    lesson = maker.lesson(name)
    found = probe(lesson.path, jail=each_jail)
    planned = plan(found)
    assert found.frames == planned.frames == len(lesson.numbers)
    step_ms = float(found.step * found.time_base) * 1000
    assert planned.duration_ms == pytest.approx(lesson.times_s[-1] * 1000 + step_ms, abs=1.5)


def test_an_endless_looking_bomb_is_refused_at_once_by_its_price(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    seed, bomb = tmp_path / "seed.mp4", tmp_path / "bomb.mp4"
    black = ["-f", "lavfi", "-i", "color=black:s=4096x4096:r=30", "-frames:v", "8"]
    maker.ffmpeg(*black, "-c:v", "libx264", "-preset", "veryfast", "-crf", "45", "-bf", "0", seed)
    maker.ffmpeg("-stream_loop", "999", "-i", seed, "-c", "copy", bomb)
    begun = time.monotonic()
    with pytest.raises(MediaError) as refused:
        plan(probe(bomb, jail=jail))
    assert refused.value.code == "too_costly"
    assert time.monotonic() - begun < 10


def test_an_hour_in_full_hd_is_not_taken_for_a_bomb(maker: Maker, jail: Jail) -> None:
    found = probe(maker.lesson("plain.mp4").path, jail=jail)
    hour = tuple(range(0, 60 * 60 * 60 * 256, 256))
    run = type(found.runs[0])(pts=hour, keys=(0,), end=hour[-1] + 256, first_byte=0)
    picture = type(found.picture)(
        **{**found.picture.__dict__, "coded_width": 1920, "coded_height": 1080, "width": 1920, "height": 1080}
    )
    long = type(found)(**{**found.__dict__, "runs": (run,), "picture": picture, "size_bytes": 1_500_000_000})
    assert plan(long).frames == len(hour)
