"""Looks at pictures: chooses the one that stands for a lesson. OpenCV only ever reads what our own ffmpeg wrote."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from video import recipe
from video.errors import MediaError
from video.plan import Chunk, Plan
from video.process import Jail, Limits, nothing
from video.segments import cut_run

_POSTER_WIDTH: Final = 640
_MOST_POSTER_BYTES: Final = 25_000
#: Of so many pictures one is chosen.
CANDIDATES: Final = 8
_DARKEST, _BRIGHTEST = 30, 225
#: The first twentieth of a lesson is people coming in, and hands before the lens.
_AFTER: Final = 0.05
#: Detail is compared in so many rows and columns of parts.
_PARTS: Final = 6
_QUALITIES: Final = (85, 75, 65, 55, 45, 35, 25, 15)
_NARROWER: Final = (1.0, 0.75, 0.5)
_SHEET_QUALITY: Final = 60
#: A notice's letters, of the picture's height; smaller ones in a small picture could not be read.
_NOTICE_LETTER: Final = 0.04
_LEAST_LETTER: Final = 10
_LINE_STEP: Final = 1.25
_BAND_COVER: Final = 140
_WHITE: Final = (255, 255, 255)
_COLOURS: Final = 3
_LIMITS: Final = Limits(cpu_s=240, wall_s=480.0, output_bytes=64 * 1024**2)

_Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def make_poster(
    source: Path, plan: Plan, *, into: Path, jail: Jail, on_tick: Callable[[], None] = nothing
) -> Path | None:
    """Write `poster.jpg`, at most 640 pixels wide and 25 kB, from the sharpest of eight pictures; None: none was read.

    The pictures are taken out by ffmpeg in the jail; what this process reads is only what that wrote.
    """
    chunk = plan.chunks[0]
    run = cut_run(source, into, from_byte=chunk.from_byte, to_byte=chunk.to_byte)
    spread = _places_s([other for other in plan.chunks if other.from_byte == chunk.from_byte])
    # Where whole pictures are few, seeking into some kinds of file finds none: the first one is always there.
    for places in (spread, [None]):
        args = recipe.stills(places, chunk=chunk, width=_POSTER_WIDTH)
        jail.run_ffmpeg(args, inputs=[run], folder=into, limits=_LIMITS, on_tick=on_tick)
        best = choose_poster(sorted(into.glob("still-*.png")))
        if best is not None:
            return write_poster(best, into / "poster.jpg")
    return None


def poster_of(
    film: Path, *, size: tuple[int, int], into: Path, jail: Jail, on_tick: Callable[[], None] = nothing
) -> Path:
    """Write `poster.jpg` as `make_poster` does, from the sharpest whole picture of a rendition of ours.

    Raises:
        MediaError: none of them could be read (`frames_lost`).
    """
    width, height = size
    jail.run_ffmpeg(recipe.small_pictures(width, height), inputs=[film], folder=into, limits=_LIMITS, on_tick=on_tick)
    made = into / recipe.SMALL_PICTURES
    seen = np.fromfile(made, dtype=np.uint8) if made.exists() else np.empty(0, dtype=np.uint8)
    if not seen.size or seen.size % (height * width * _COLOURS):
        raise MediaError("frames_lost", detail="a poster: no picture could be read")
    best = max(seen.reshape(-1, height, width, _COLOURS), key=detail)
    cv2.imwrite(str(into / "still-0.png"), best)
    return write_poster(into / "still-0.png", into / "poster.jpg")


def _places_s(chunks: Sequence[Chunk]) -> list[float | None]:
    first, last = chunks[0], chunks[-1]
    begins = float(first.t0 * first.time_base)
    lasts = float(last.at_s(last.until))
    step = (1 - _AFTER) / CANDIDATES
    return [begins + lasts * (_AFTER + step * number) for number in range(CANDIDATES)]


def choose_poster(stills: Sequence[Path]) -> Path | None:
    """Choose the picture with most detail all over, of those neither dark nor glaring; of all if none is.

    A view of the room has detail in all its parts. Where one face fills the picture, most parts are smooth: such a
    picture loses, and nobody's face was looked for.
    """
    seen = [(path, pixels) for path in stills if (pixels := _read(path)) is not None]
    fair = [(path, pixels) for path, pixels in seen if _DARKEST <= _brightness(pixels) <= _BRIGHTEST]
    chosen = max(fair or seen, key=lambda pair: detail(pair[1]), default=None)
    return chosen[0] if chosen else None


def write_poster(still: Path, into: Path) -> Path:
    """Write a picture as a JPEG of at most 640 pixels' width and 25 kB, with nothing in it but the picture.

    Raises:
        MediaError: the picture can't be read.
    """
    pixels = _read(still)
    if pixels is None:
        raise MediaError("frames_lost", detail="a still could not be read")
    smallest = b""
    for share in _NARROWER:
        width = round(min(pixels.shape[1], _POSTER_WIDTH) * share)
        height = max(round(pixels.shape[0] * width / pixels.shape[1]), 1)
        fitted = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
        for quality in _QUALITIES:
            _, encoded = cv2.imencode(".jpg", fitted, [cv2.IMWRITE_JPEG_QUALITY, quality])
            smallest = encoded.tobytes()
            if len(smallest) <= _MOST_POSTER_BYTES:
                into.write_bytes(smallest)
                return into
    into.write_bytes(smallest)
    return into


def detail(pixels: _Pixels) -> float:
    """Measure how much fine detail there is in the middling one of a picture's parts; near 0 where most are smooth."""
    rows = [row for row in np.array_split(pixels, _PARTS, axis=0) if row.size]
    parts = [part for row in rows for part in np.array_split(row, _PARTS, axis=1) if part.size]
    return float(np.median([sharpness(part) for part in parts]))


def sharpness(pixels: _Pixels) -> float:
    """Measure how much fine detail there is: the variance of the Laplacian."""
    return float(cv2.Laplacian(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY), cv2.CV_64F).var())


def changes(seen: _Pixels) -> tuple[float, ...]:
    """Measure how much each picture differs from the one before it: the mean of all points, 0 to 255."""
    grey = [cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) for pixels in seen]
    return (0.0, *(round(float(cv2.absdiff(before, after).mean()), 1) for before, after in pairwise(grey)))


def write_sheet(seen: _Pixels, into: Path, *, columns: int) -> Path:
    """Write pictures of one size beside and below each other, as one JPEG."""
    count, height, width, colours = seen.shape
    sheet = np.zeros((-(-count // columns) * height, min(count, columns) * width, colours), dtype=np.uint8)
    for place, pixels in enumerate(seen):
        top, left = place // columns * height, place % columns * width
        sheet[top : top + height, left : left + width] = pixels
    _, encoded = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, _SHEET_QUALITY])
    into.write_bytes(encoded.tobytes())
    return into


def write_notice(words: str, into: Path, *, width: int, height: int) -> tuple[int, int]:
    """Draw words on a dark, half transparent band, as plain BGRA bytes; return the band's size in pixels, both even.

    It is as wide as the picture, and as high as it takes for all the words to be read.
    """
    face = cv2.FontFace("sans")
    letter = max(round(height * _NOTICE_LETTER), _LEAST_LETTER)
    lines = _lines(words, face, letter, width - letter)
    step = round(letter * _LINE_STEP)
    band = (step * len(lines) + letter) // 2 * 2
    light = np.zeros((band, width, _COLOURS), dtype=np.uint8)
    for number, line in enumerate(lines):
        cv2.putText(light, line, (letter // 2, step * (number + 1)), _WHITE, face, letter)
    cover = np.maximum(light.max(axis=2, keepdims=True), _BAND_COVER)
    np.concatenate([light, cover], axis=2).tofile(into)
    return width, band


def _lines(words: str, face: cv2.FontFace, letter: int, width: int) -> list[str]:
    """Break words into lines that fit; one word that doesn't is left to run out of the picture."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        _, _, wide, _ = cv2.getTextSize((width, letter), longer, (0, 0), face, letter)
        if lines and wide <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _brightness(pixels: _Pixels) -> float:
    return float(cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY).mean())


def _read(path: Path) -> _Pixels | None:
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR)
    return None if pixels is None else np.asarray(pixels, dtype=np.uint8)
