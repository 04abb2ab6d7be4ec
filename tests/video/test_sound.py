"""Every beep of the served sound lies at its second of the lesson, and pieces come while the pass still runs."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests.video import reading
from tests.video.lessons import Lesson, Maker
from video.errors import MediaError
from video.plan import plan
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import EncodedSound, encode_sound


def heard(lesson: Lesson, into: Path, jail: Jail) -> tuple[EncodedSound, list[SegmentFile], Path]:
    """Encode a lesson's sound and join its pieces."""
    planned = plan(probe(lesson.path, jail=jail))
    assert planned.sound is not None
    inits: list[InitFile] = []
    pieces: list[SegmentFile] = []

    def keep(init: InitFile, piece: SegmentFile) -> None:
        inits.append(init)
        pieces.append(piece)

    made = encode_sound(lesson.path, planned.sound, into=into, jail=jail, on_segment=keep)
    assert len({init.sha256 for init in inits}) == 1
    return made, pieces, reading.joined(into / "joined.mp4", inits[0], pieces)


@pytest.mark.parametrize(
    "name",
    [
        "plain.mp4",
        "phone.mp4",
        "edit-list.mp4",
        "late-sound.mp4",
        "short-sound.mp4",
        "gapped.mkv",
        "wrapping.ts",
        "pasted.ts",
        "interlaced.ts",
        "two-sounds.mkv",
    ],
)
def test_every_beep_lies_at_its_second(maker: Maker, into: Path, jail: Jail, name: str) -> None:
    lesson = maker.lesson(name)
    made, pieces, film = heard(lesson, into, jail)
    found = reading.beeps(film)
    assert len(found) == len(lesson.beeps_s)
    for at, second in zip(found, lesson.beeps_s, strict=True):
        # The encoder's priming takes the place of the first 21 ms: a beep at 0 is heard from within it.
        assert at == pytest.approx(second, abs=0.004 if second else 0.022)
    assert pieces[0].start_ticks == 0
    planned_ms = plan(probe(lesson.path, jail=jail)).duration_ms
    assert made.duration_ticks / 90 == pytest.approx(planned_ms, abs=22)


def test_pieces_leave_no_hole_and_say_their_true_length(maker: Maker, into: Path, each_jail: Jail) -> None:
    made, pieces, _ = heard(maker.lesson("phone.mp4"), into, each_jail)
    assert [piece.index for piece in pieces] == list(range(made.pieces))
    for piece, after in pairwise(pieces):
        assert piece.start_ticks + piece.duration_ticks == after.start_ticks
        assert piece.duration_ticks == piece.frames * 1920
        assert abs(piece.duration_ticks / 90_000 - 4) < 0.012


def test_pieces_come_while_the_pass_still_runs(maker: Maker, into: Path, jail: Jail) -> None:
    """A worker that gives up in the middle has by then been handed what was whole."""
    maker_film = into.parent / "long.mp4"
    tone = ["-f", "lavfi", "-i", "anoisesrc=d=600:r=48000", "-f", "lavfi", "-i", "color=s=16x16:r=1:d=600"]
    maker.ffmpeg(*tone, "-c:a", "pcm_s16le", "-c:v", "libx264", "-f", "matroska", maker_film)
    planned = plan(probe(maker_film, jail=jail))
    assert planned.sound is not None
    pieces: list[SegmentFile] = []

    class EnoughError(Exception):
        pass

    def tick() -> None:
        if pieces:
            raise EnoughError

    with pytest.raises(EnoughError):
        encode_sound(
            maker_film, planned.sound, into=into, jail=jail, on_segment=lambda _, p: pieces.append(p), on_tick=tick
        )
    assert 0 < len(pieces) < 150
    assert all(piece.path.stat().st_size == piece.size_bytes for piece in pieces)


def test_a_lesson_without_sound_has_none_to_encode(maker: Maker, jail: Jail) -> None:
    planned = plan(probe(maker.lesson("odd.mp4").path, jail=jail))
    assert planned.sound is None
    assert planned.notes == ("no_audio",)


def test_sound_whose_times_cannot_be_right_is_played_through(maker: Maker, into: Path, jail: Jail) -> None:
    lesson = maker.lesson("crowded.avi")
    found = probe(lesson.path, jail=jail)
    (sound,) = found.sounds
    assert sound.crowded
    assert sound.end_s == pytest.approx(6, abs=0.1)
    assert "short_audio" not in found.notes
    _, _, film = heard(lesson, into, jail)
    assert reading.beeps(film) == pytest.approx(lesson.beeps_s, abs=0.06), (
        "as near as MP3 without a count of its samples is"
    )


def test_sound_that_nobody_can_read_is_no_sound(maker: Maker, jail: Jail) -> None:
    planned = plan(probe(maker.lesson("unheard.mkv").path, jail=jail))
    assert planned.sound is None
    assert "no_audio" in planned.notes


def test_a_track_that_is_not_there_is_an_error(maker: Maker, into: Path, jail: Jail) -> None:
    planned = plan(probe(maker.lesson("plain.mp4").path, jail=jail))
    assert planned.sound is not None
    wrong = replace(planned.sound, tracks=(7,))
    with pytest.raises(MediaError) as refused:
        encode_sound(maker.lesson("plain.mp4").path, wrong, into=into, jail=jail, on_segment=lambda *_: None)
    assert refused.value.retryable
