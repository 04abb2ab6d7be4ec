"""Every kind of film goes the whole way: looked at, planned, encoded in pieces, and read back from what is served."""

import colorsys
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pytest

from tests.video import cards, reading
from tests.video.corpus import CORPUS
from tests.video.filming import Film, film, left_out, within_s
from tests.video.lessons import Maker
from tests.video.test_transcode import Prepared, prepare
from video import transcode
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound

#: So many pictures after lost packets may show what they don't.
SPOILT: Final = 50
#: Of a high dynamic range: white is at least so bright, black at most so, of 255; colours keep this share of their
#: strength, and their hue to within so many degrees.
BRIGHT, DARK, STRONG, HUE = 160, 30, 0.7, 12
BEEP_S: Final = 0.05


@pytest.mark.parametrize("name", CORPUS)
def test_every_kind_of_film_comes_through_whole(maker: Maker, tmp_path: Path, jail: Jail, name: str) -> None:
    row = CORPUS[name]
    if lacks := left_out(row):
        pytest.skip(f"{name}: this ffmpeg has no {lacks}")
    source = maker.folder / f"corpus-{name}"
    film(maker, row, source)
    with pytest.MonkeyPatch.context() as change:
        if not row.again:
            change.setattr(transcode, "_seeks", lambda chunk: iter((chunk.seek,)))
        made = prepare(source, tmp_path, jail)
    notes = tuple(row.notes) if row.audio else ("no_audio",)
    assert (made.plan.notes, probe(source, jail=jail).vfr) == (notes, row.vfr)
    assert all(len(digests) == 1 for digests in made.inits.values()), "the head is another in some chunk"
    for size in made.plan.renditions:
        served = cards.read(made.films[size.name])
        in_order(row, served, made, within_s(name))
        upright(row, served)
        coloured(row, served)
    lasts(row, made)
    heard(row, made, source, tmp_path, jail)
    source.unlink()


def in_order(row: Film, served: cards.Served, made: Prepared, near_s: float) -> None:
    """Every picture, once, in its order and at its time."""
    numbers = [shown.number for shown in served.shown]
    times = [float(shown.at_s) for shown in served.shown]
    assert made.missing <= row.missing
    if row.missing:
        assert len(numbers) >= len(row.true_numbers) - row.missing
        at = dict(zip(row.true_numbers, row.true_times_s, strict=True))
        spoilt = sum(
            number not in at or abs(time - at[number]) > near_s for number, time in zip(numbers, times, strict=True)
        )
        assert spoilt <= SPOILT, f"{spoilt} pictures are spoilt"
        return
    assert numbers == row.true_numbers
    assert times == pytest.approx(row.true_times_s, abs=near_s + 1e-9)
    assert all(before < after for before, after in pairwise(times))


def upright(row: Film, served: cards.Served) -> None:
    """As wide and as tall as it is seen, with nothing left for a player to turn or stretch."""
    width, height = row.upright or row.size
    assert not served.turned
    assert served.size[0] % 2 == served.size[1] % 2 == 0
    assert served.size[0] / served.size[1] == pytest.approx(width / height, rel=0.02)
    assert served.size[1] <= height


def coloured(row: Film, served: cards.Served) -> None:
    """The patches lie where they were drawn and have their colours, and every picture says how they are meant."""
    assert served.tagged, f"primaries, transfer, matrix, range: {served.tags}"
    seen = served.shown[len(served.shown) // 2].colours
    if row.hdr:
        toned(seen)
        return
    far = cards.off(seen, grey=row.pixels == "gray")
    mean, worst = row.colour
    assert sum(far.values()) / len(far) <= mean, far
    assert max(far.values()) <= worst, far


def toned(seen: dict[str, tuple[float, float, float]]) -> None:
    """Brought down from a high dynamic range: brightness may differ, but not which colour it is, nor how strong."""
    assert min(seen["white"]) > BRIGHT
    assert max(seen["black"]) < DARK
    assert seen["grey"] == pytest.approx((np.mean(seen["grey"]),) * 3, abs=6)
    for name, (_, truth) in cards.PATCHES.items():
        if name not in {"white", "grey", "black"}:
            assert strength(seen[name]) > STRONG * strength(truth), (name, seen[name])
            turned = (hue(seen[name]) - hue(truth) + 180) % 360 - 180
            assert abs(turned) < HUE, (name, seen[name])


def hue(colour: tuple[float, ...]) -> float:
    """Say which colour it is, in degrees from red."""
    return colorsys.rgb_to_hsv(*(part / 255 for part in colour))[0] * 360


def strength(colour: tuple[float, ...]) -> float:
    """Say how strong a colour is: from grey, 0, to 1."""
    return colorsys.rgb_to_hsv(*(part / 255 for part in colour))[1]


def lasts(row: Film, made: Prepared) -> None:
    """The lesson ends one frame's length after its last picture begins, in the plan and in what is served."""
    ends_ms = (row.true_times_s[-1] + 1 / row.fps) * 1000
    assert made.plan.duration_ms == pytest.approx(ends_ms, abs=2.5)
    for segments in made.segments.values():
        assert segments[0].start_ticks == 0
        assert sum(segment.duration_ticks for segment in segments) / 90 == pytest.approx(made.plan.duration_ms, abs=1)


def heard(row: Film, made: Prepared, source: Path, folder: Path, jail: Jail) -> None:
    """Each beep lies at its picture, to within a picture's length, and the sound lasts as long as the picture."""
    if not row.audio:
        assert made.plan.sound is None
        return
    assert made.plan.sound is not None
    into, pieces = folder / "sound", list[tuple[InitFile, SegmentFile]]()
    into.mkdir()
    encode_sound(source, made.plan.sound, into=into, jail=jail, on_segment=lambda *piece: pieces.append(piece))
    beeps = reading.beeps(reading.joined(into / "joined.mp4", pieces[0][0], [piece for _, piece in pieces]))
    assert len(beeps) == len(row.true_beeps_s), beeps
    for beep, true_s in zip(beeps, row.true_beeps_s, strict=True):
        # The encoder's priming, and an old decoder's first block, take the place of a beep's beginning at 0.
        assert beep == pytest.approx(true_s, abs=1 / row.fps if true_s else BEEP_S), beeps
    lasts_ms = sum(piece.duration_ticks for _, piece in pieces) / 90
    assert lasts_ms == pytest.approx(made.plan.duration_ms, abs=25)
