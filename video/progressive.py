"""Writes a plain MP4 that any player and any editor opens: its index in front, and in it nothing but picture and sound.

ffmpeg would write it too, but moves ends to what it holds to be right: here every frame begins where it is said to,
and sound is cut to the sample by an edit list. Source of the layout: ISO/IEC 14496-12 (boxes) and -14 (MP4).
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path
from typing import Final

from video.samples import Sample, Track

#: A sample of sound is the finest that anything is cut to.
_MOVIE_TICKS_PER_S: Final = 48_000
_MATRIX: Final = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x4000_0000)
_UNDETERMINED: Final = 0x55C4
#: Picture and sound lie beside each other in stretches of about this length, so that a slow line can play them.
_STRETCH_S: Final = 1
_BLOCK_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Strand:
    """One track to write: its samples, the ticks at which each begins (the last is where the track ends), and a cut.

    `starts` count from 0 and have one more than there are samples. `skipped` are ticks at the front that are decoded
    and not heard; with it, or `shown`, an edit list says so, which is in ticks of the same clock.
    """

    track: Track
    kind: str
    samples: Sequence[Sample]
    starts: Sequence[int]
    size: tuple[int, int] = (0, 0)
    skipped: int = 0
    shown: int | None = None

    @property
    def lasts(self) -> int:
        """How long it is seen or heard, in ticks of the movie's clock."""
        ticks = self.starts[-1] if self.shown is None else self.shown
        return round(ticks * _MOVIE_TICKS_PER_S / self.track.ticks_per_s)


@dataclass(frozen=True)
class _Stretch:
    """Neighbouring samples of one strand, written one after another."""

    strand: int
    first: int
    count: int
    size: int


def write(to: Path, strands: Sequence[Strand]) -> None:
    """Write the strands as one file."""
    order = _interleaved(strands)
    size_bytes = sum(stretch.size for stretch in order)
    head = _box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41")
    # The index is as long whatever the places in it are, so that its own length can be known before they are.
    begins = len(head) + len(_moov(strands, order, 0)) + 16
    with to.open("wb") as file:
        file.write(head + _moov(strands, order, begins) + struct.pack(">I4sQ", 1, b"mdat", size_bytes + 16))
        for stretch in order:
            samples = strands[stretch.strand].samples[stretch.first : stretch.first + stretch.count]
            for block in _bytes_of(samples):
                file.write(block)


def _bytes_of(samples: Sequence[Sample]) -> Iterator[bytes]:
    """Read neighbours in one go: a lesson's sound has a packet for every 21 ms."""
    for path, group in groupby(samples, key=lambda sample: sample.path):
        with path.open("rb") as file:
            for sample in group:
                file.seek(sample.offset)
                yield file.read(sample.size)


def _interleaved(strands: Sequence[Strand]) -> list[_Stretch]:
    found: list[tuple[int, _Stretch]] = []
    for number, strand in enumerate(strands):
        step = strand.track.ticks_per_s * _STRETCH_S
        places = range(len(strand.samples))
        for cell, group in groupby(places, key=lambda place, of=strand, step=step: of.starts[place] // step):  # type: ignore[misc]  # bound as they are now
            inside = list(group)
            size = sum(strand.samples[place].size for place in inside)
            found.append((cell, _Stretch(number, inside[0], len(inside), size)))
    return [stretch for _, stretch in sorted(found, key=lambda pair: (pair[0], pair[1].strand))]


def _moov(strands: Sequence[Strand], order: Sequence[_Stretch], begins: int) -> bytes:
    places: list[list[tuple[int, int]]] = [[] for _ in strands]
    at = begins
    for stretch in order:
        places[stretch.strand].append((at, stretch.count))
        at += stretch.size
    lasts = max(strand.lasts for strand in strands)
    mvhd = struct.pack(">IIIIIH10x", 0, 0, _MOVIE_TICKS_PER_S, lasts, 0x10000, 0x100) + _MATRIX + bytes(24)
    traks = [_trak(number + 1, strand, places[number]) for number, strand in enumerate(strands)]
    return _box(b"moov", _full(b"mvhd", mvhd + struct.pack(">I", len(strands) + 1)), *traks)


def _trak(number: int, strand: Strand, places: Sequence[tuple[int, int]]) -> bytes:
    sounds = strand.kind == "soun"
    width, height = strand.size
    tkhd = struct.pack(">IIIII8xHHHH", 0, 0, number, 0, strand.lasts, 0, 0, 0x100 if sounds else 0, 0)
    tkhd += _MATRIX + struct.pack(">II", width << 16, height << 16)
    cut: list[bytes] = []
    if strand.skipped or strand.shown is not None:
        entry = struct.pack(">IIiHH", 1, strand.lasts, strand.skipped, 1, 0)
        cut.append(_box(b"edts", _full(b"elst", entry)))
    mdhd = struct.pack(">IIIIHH", 0, 0, strand.track.ticks_per_s, strand.starts[-1], _UNDETERMINED, 0)
    hdlr = struct.pack(">I4s12x", 0, strand.kind.encode()) + b"\0"
    about = _full(b"smhd", bytes(4)) if sounds else _full(b"vmhd", bytes(8), flags=1)
    here = _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _full(b"url ", b"", flags=1)))
    minf = _box(b"minf", about, here, _stbl(strand, places))
    mdia = _box(b"mdia", _full(b"mdhd", mdhd), _full(b"hdlr", hdlr), minf)
    return _box(b"trak", _full(b"tkhd", tkhd, flags=3), *cut, mdia)


def _stbl(strand: Strand, places: Sequence[tuple[int, int]]) -> bytes:
    lengths = [after - start for start, after in pairwise(strand.starts)]
    runs = [(len(list(group)), length) for length, group in groupby(lengths)]
    sizes = [sample.size for sample in strand.samples]
    wholes = [place for place, sample in enumerate(strand.samples, start=1) if sample.whole]
    counts = [count for _, count in places]
    # Each entry says from which stretch on so many samples lie in one.
    firsts = [place for place, count in enumerate(counts) if place == 0 or count != counts[place - 1]]
    tables = [
        _box(b"stsd", strand.track.description),
        _full(b"stts", _counted(f"{2 * len(runs)}I", [number for run in runs for number in run], len(runs))),
        _full(
            b"stsc", _counted(f"{3 * len(firsts)}I", [n for f in firsts for n in (f + 1, counts[f], 1)], len(firsts))
        ),
        _full(b"stsz", struct.pack(">I", 0) + _counted(f"{len(sizes)}I", sizes, len(sizes))),
        _full(b"co64", _counted(f"{len(places)}Q", [at for at, _ in places], len(places))),
    ]
    if len(wholes) < len(sizes):
        tables.append(_full(b"stss", _counted(f"{len(wholes)}I", wholes, len(wholes))))
    return _box(b"stbl", *tables)


def _counted(shape: str, numbers: Sequence[int], count: int) -> bytes:
    return struct.pack(f">I{shape}", count, *numbers)


def _full(kind: bytes, inside: bytes, *, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), inside)


def _box(kind: bytes, *inside: bytes) -> bytes:
    size = 8 + sum(map(len, inside))
    return b"".join([struct.pack(">I4s", size, kind), *inside])
