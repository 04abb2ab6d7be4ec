"""What is blurred can't be made out in any size, at any moment, and nothing else of the picture or the sound moves."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
import pytest

from tests.video import reading
from tests.video.lessons import Maker, Shot
from video.blur import PARTS, REGION_BLOCKS, WHOLE_BLOCKS, Blur, Placing, Region, blocks_of_whole
from video.plan import Plan, plan
from video.probe import probe
from video.process import Jail
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound
from video.transcode import encode_chunk

Pixels: TypeAlias = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
#: Around the blocks that are laid over: a region reaches a few pixels farther than it was drawn.
MARGIN = 4
#: How far a colour may be off in a block of one: what encoding leaves where a block has six pixels a side, of 255.
FLAT = 20
STILL = Region(placings=(Placing(at_ms=0, x=250, y=300, w=333, h=401),))
FOLLOWING = Region(
    placings=(
        Placing(at_ms=1000, x=0, y=200, w=200, h=300),
        Placing(at_ms=3000, x=700, y=500, w=300, h=300),
        Placing(at_ms=5500, x=100, y=600, w=150, h=250),
    )
)


def films(source: Path, into: Path, jail: Jail, blur: Blur | None) -> tuple[Plan, dict[str, Path]]:
    """Encode all chunks of a film and join each size, as it is served."""
    planned = plan(probe(source, jail=jail))
    inits: dict[str, InitFile] = {}
    segments: dict[str, list[SegmentFile]] = {}
    for chunk in planned.chunks:
        folder = into / f"{chunk.index}-{blur is not None}"
        folder.mkdir(parents=True)
        made = encode_chunk(source, chunk, renditions=planned.renditions, into=folder, jail=jail, blur=blur)
        assert made.missing_frames == 0
        for init in made.inits:
            assert inits.setdefault(init.rendition, init).sha256 == init.sha256
        for segment in made.segments:
            segments.setdefault(segment.rendition, []).append(segment)
    joined = {
        name: reading.joined(into / f"{name}-{blur is not None}.mp4", inits[name], found)
        for name, found in segments.items()
    }
    return planned, joined


def seen(film: Path) -> Iterator[tuple[float, Pixels]]:
    """Give each picture's time in seconds and its pixels in colour."""
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            yield float(frame.time or 0), frame.to_ndarray(format="rgb24").astype(np.float64)


def between(region: Region, at_s: float) -> tuple[float, float, float, float]:
    """Say where a region is at a moment, reckoned anew: middle and largest size, in shares of the picture."""
    times = [placing.at_ms / 1000 for placing in region.placings]
    x = np.interp(at_s, times, [placing.x + placing.w / 2 for placing in region.placings]) / PARTS
    y = np.interp(at_s, times, [placing.y + placing.h / 2 for placing in region.placings]) / PARTS
    widths, heights = zip(*((placing.w / PARTS, placing.h / PARTS) for placing in region.placings), strict=True)
    return float(x), float(y), max(widths), max(heights)


def cells(pixels: Pixels, region: Region, at_s: float, largest: tuple[int, int]) -> Iterator[Pixels]:
    """Cut a region into the sixteen blocks that it must consist of, and of each the inner part."""
    height, width, _ = pixels.shape
    x, y, w, h = between(region, at_s)
    for row in range(REGION_BLOCKS):
        for column in range(REGION_BLOCKS):
            wide, tall = w + 2 * MARGIN / largest[0], h + 2 * MARGIN / largest[1]
            left = np.clip(x - wide / 2, 0, 1 - wide) + wide * column / REGION_BLOCKS
            top = np.clip(y - tall / 2, 0, 1 - tall) + tall * row / REGION_BLOCKS
            yield inner(pixels, left * width, top * height, wide * width / REGION_BLOCKS, tall * height / REGION_BLOCKS)


def inner(pixels: Pixels, left: float, top: float, wide: float, tall: float) -> Pixels:
    """Give the middle of a block: at its edges a smaller size mixes it with its neighbour."""
    rows = slice(round(top + tall * 0.3), round(top + tall * 0.7))
    columns = slice(round(left + wide * 0.3), round(left + wide * 0.7))
    return pixels[rows, columns]


def roughness(parts: Iterator[Pixels]) -> float:
    """Measure the block that is least of one colour."""
    return max(float(part.std(axis=(0, 1)).max()) for part in parts)


@pytest.mark.parametrize(("region", "name"), [(STILL, "still"), (FOLLOWING, "following")])
def test_p15_a_region_is_sixteen_blocks_in_every_size_at_every_moment(
    maker: Maker, tmp_path: Path, jail: Jail, region: Region, name: str
) -> None:
    source = maker.lesson("large.mp4").path
    planned, blurred = films(source, tmp_path / name, jail, Blur(regions=(region,)))
    _, plain = films(source, tmp_path / name, jail, None)
    assert len(planned.chunks) > 1
    largest = planned.renditions[-1]
    for size in planned.renditions:
        pairs = list(zip(seen(blurred[size.name]), seen(plain[size.name]), strict=True))
        assert len(pairs) == planned.frames
        open_roughness = []
        for (at_s, hidden), (_, open_) in pairs:
            where = (region, at_s, (largest.width, largest.height))
            assert roughness(cells(hidden, *where)) < FLAT, (size.name, at_s)
            open_roughness.append(roughness(cells(open_, *where)))
        assert np.median(open_roughness) > 40, "there was something to hide"


def test_what_lies_outside_stays_as_it_is(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    lesson = maker.lesson("large.mp4")
    planned, blurred = films(lesson.path, tmp_path, jail, Blur(regions=(STILL,)))
    _, plain = films(lesson.path, tmp_path, jail, None)
    for size in planned.renditions:
        assert [number for number, _ in reading.pictures(blurred[size.name])] == list(lesson.numbers)
        for (at_s, hidden), (then_s, open_) in zip(seen(blurred[size.name]), seen(plain[size.name]), strict=True):
            assert at_s == then_s
            below = round(size.height * 0.75)
            assert np.abs(hidden[below:] - open_[below:]).mean() < 2.5, (size.name, at_s)


@pytest.mark.parametrize("name", ["large.mp4", "phone.mp4", "odd.mp4"])
def test_p15_a_whole_picture_has_sixteen_blocks_along_its_longer_side(
    maker: Maker, tmp_path: Path, jail: Jail, name: str
) -> None:
    planned, blurred = films(maker.lesson(name).path, tmp_path, jail, Blur(whole=True))
    for size in planned.renditions:
        across, down = blocks_of_whole(size.width, size.height)
        assert max(across, down) <= WHOLE_BLOCKS
        wide, tall = size.width / across, size.height / down
        count = 0
        for at_s, pixels in seen(blurred[size.name]):
            blocks = [inner(pixels, wide * i, tall * k, wide, tall) for i in range(across) for k in range(down)]
            assert roughness(iter(blocks)) < FLAT, (size.name, at_s)
            count += 1
        assert count == planned.frames


@pytest.mark.parametrize("name", ["bright.mp4", "interlaced.ts", "pasted.ts", "gapped.mkv"])
def test_awkward_films_keep_their_pictures_their_times_and_their_colours(
    maker: Maker, tmp_path: Path, jail: Jail, name: str
) -> None:
    lesson = maker.lesson(name)
    region = Region(placings=(Placing(at_ms=0, x=400, y=400, w=150, h=150),))
    planned, blurred = films(lesson.path, tmp_path, jail, Blur(regions=(region,)))
    _, plain = films(lesson.path, tmp_path, jail, None)
    for size in planned.renditions:
        assert reading.pictures(blurred[size.name]) == reading.pictures(plain[size.name])
        for (_, hidden), (_, open_) in zip(seen(blurred[size.name]), seen(plain[size.name]), strict=True):
            below = round(size.height * 0.7)
            assert np.abs(hidden[below:] - open_[below:]).mean() < 5, size.name


def test_several_regions_are_all_hidden_also_where_they_meet_the_edge(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    regions = (
        Region(placings=(Placing(at_ms=0, x=0, y=800, w=300, h=200),)),
        Region(placings=(Placing(at_ms=0, x=800, y=200, w=200, h=800),)),
    )
    planned, blurred = films(maker.lesson("large.mp4").path, tmp_path, jail, Blur(regions=regions))
    largest = planned.renditions[-1]
    for size in planned.renditions:
        for at_s, pixels in seen(blurred[size.name]):
            where = [cells(pixels, region, at_s, (largest.width, largest.height)) for region in regions]
            assert roughness(chain.from_iterable(where)) < FLAT, (size.name, at_s)


def test_what_was_chosen_is_read_back_as_it_was_kept() -> None:
    for blur in (Blur(whole=True, voices=True), Blur(regions=(STILL, FOLLOWING)), Blur(voices=True)):
        assert Blur.from_json(blur.to_json()) == blur


def heard(source: Path, into: Path, jail: Jail, *, masked: bool) -> tuple[list[tuple[int, int]], Path]:
    """Encode a film's sound; give where its pieces begin and how long they last, and the whole."""
    planned = plan(probe(source, jail=jail))
    assert planned.sound is not None
    inits: list[InitFile] = []
    pieces: list[SegmentFile] = []
    into.mkdir()

    def keep(init: InitFile, piece: SegmentFile) -> None:
        inits.append(init)
        pieces.append(piece)

    encode_sound(source, planned.sound, into=into, jail=jail, on_segment=keep, voices_masked=masked)
    times = [(piece.start_ticks, piece.duration_ticks) for piece in pieces]
    return times, reading.joined(into / "joined.mp4", inits[0], pieces)


def samples(film: Path) -> Pixels:
    """Read all of a film's sound, of one ear."""
    with av.open(str(film)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)]).astype(np.float64)


@pytest.mark.parametrize("name", ["plain.mp4", "pasted.ts", "late-sound.mp4"])
def test_masked_voices_stay_at_their_moments(maker: Maker, tmp_path: Path, jail: Jail, name: str) -> None:
    lesson = maker.lesson(name)
    plain, open_ = heard(lesson.path, tmp_path / "plain", jail, masked=False)
    masked, film = heard(lesson.path, tmp_path / "masked", jail, masked=True)
    assert masked == plain
    assert samples(film).size == samples(open_).size
    found = reading.beeps(film)
    assert len(found) == len(lesson.beeps_s)
    for at, second in zip(found, lesson.beeps_s, strict=True):
        assert at == pytest.approx(second, abs=0.02 if second else 0.03)


def pitch(film: Path, hertz: int) -> float:
    """Say how much of the sound comes again with each swing of its pitch: 1 is all of it."""
    spoken = samples(film)[24_000:-24_000]
    lags = range(48_000 // hertz - 6, 48_000 // hertz + 7)
    pieces = np.array_split(spoken, spoken.size // 5760)
    return float(np.mean([max(_again(piece, lag) for lag in lags) for piece in pieces]))


def _again(piece: Pixels, lag: int) -> float:
    return float(np.corrcoef(piece[:-lag], piece[lag:])[0, 1])


@pytest.mark.parametrize("hertz", [100, 220, 380])
def test_masked_voices_have_no_pitch_and_are_as_loud(maker: Maker, tmp_path: Path, jail: Jail, hertz: int) -> None:
    film = maker.folder / f"voice-{hertz}.mkv"
    tone: Sequence[str] = ("-f", "lavfi", "-i", f"aevalsrc='0.5*pow(max(0,sin(2*PI*{hertz}*t)),24)':s=48000:d=5")
    maker.ffmpeg(*tone, "-f", "lavfi", "-i", "color=s=64x48:r=5:d=5", "-c:a", "pcm_s16le", "-c:v", "libx264", film)
    _, plain = heard(film, tmp_path / "plain", jail, masked=False)
    _, masked = heard(film, tmp_path / "masked", jail, masked=True)
    assert pitch(plain, hertz) > 0.95
    assert pitch(masked, hertz) < 0.3
    loudness = [float(np.sqrt((samples(each) ** 2).mean())) for each in (plain, masked)]
    assert 0.4 < loudness[1] / loudness[0] < 1.6


def test_what_is_blurred_has_no_hint_of_it_in_a_silent_film(maker: Maker, tmp_path: Path, jail: Jail) -> None:
    silent = maker.film(maker.folder / "blur-silent.mp4", Shot(seconds=5, silent=True))
    planned, blurred = films(silent.path, tmp_path, jail, Blur(regions=(FOLLOWING,), voices=True))
    assert planned.sound is None
    assert len(reading.pictures(blurred["240p"])) == planned.frames
