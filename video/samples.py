"""Reads the frames, one by one, of the fragments that we keep: where each lies, when it begins, whether it is whole."""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from video import boxes
from video.boxes import BoxTrouble

_FLAG: Final = {"offset": 0x01, "first": 0x04, "duration": 0x100, "size": 0x200, "flags": 0x400, "shift": 0x800}
_DEFAULTS: Final = {"duration": 0x08, "size": 0x10, "flags": 0x20}
_BASE, _DESCRIPTION = 0x01, 0x02
#: Of a sample's flags: it needs another one before it.
_LEANS: Final = 0x0001_0000


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One frame of picture or packet of sound in a file; `start` and `duration` are in ticks of its track's clock.

    `whole` is whether decoding can begin with it; `first` whether it is its fragment's first.
    """

    path: Path
    offset: int
    size: int
    start: int
    duration: int
    whole: bool
    first: bool

    @property
    def end(self) -> int:
        """Where the next one begins, if it comes at once."""
        return self.start + self.duration

    def read(self) -> bytes:
        """Read its bytes."""
        with self.path.open("rb") as file:
            file.seek(self.offset)
            return file.read(self.size)


@dataclass(frozen=True, kw_only=True)
class Track:
    """What stands in an init of ours: the track's ticks a second, and its sample description as bytes of a box."""

    ticks_per_s: int
    description: bytes

    @property
    def parameters(self) -> bytes:
        """Give the parameter sets (picture) or the decoder's set-up (sound): what all samples must have in common."""
        found = [inside for kind, inside in boxes.boxes(_box(b"stsd", self.description)) if kind in _PARAMETERS]
        return b"".join(found)


_PARAMETERS: Final = frozenset({b"avcC", b"esds"})


def track_of(init: bytes) -> Track:
    """Read an init.

    Raises:
        BoxTrouble: it is none of ours.
    """
    found = dict(boxes.boxes(init))
    try:
        mdhd, description = found[b"mdhd"], found[b"stsd"]
    except KeyError as error:
        raise BoxTrouble("an init without its track") from error
    return Track(ticks_per_s=struct.unpack_from(">I", mdhd, 20 if mdhd[0] else 12)[0], description=description)


def samples_of(files: Sequence[Path]) -> list[Sample]:
    """List the samples of fragments in their order.

    Raises:
        BoxTrouble: these are no fragments of ours.
    """
    return [sample for path in files for sample in _in_file(path)]


def _in_file(path: Path) -> Iterator[Sample]:
    with path.open("rb") as file:
        for fragment in boxes.layout(path).fragments:
            file.seek(fragment.offset)
            (size,) = struct.unpack(">I", file.read(4))
            file.seek(fragment.offset)
            yield from _in_fragment(path, fragment.offset, fragment.start, file.read(size))


def _in_fragment(path: Path, at: int, start: int, moof: bytes) -> Iterator[Sample]:
    defaults: dict[str, int] = {}
    first = True
    offset = at
    for kind, inside in boxes.boxes(moof):
        if kind == b"tfhd":
            defaults = _defaults(inside)
        elif kind == b"trun":
            begins, rows = _run(inside, defaults)
            offset = offset if begins is None else at + begins
            for row in rows:
                whole = not row["flags"] & _LEANS
                yield Sample(
                    path=path,
                    offset=offset,
                    size=row["size"],
                    start=start,
                    duration=row["duration"],
                    whole=whole,
                    first=first,
                )
                offset, start, first = offset + row["size"], start + row["duration"], False


def _defaults(tfhd: bytes) -> dict[str, int]:
    flags = int.from_bytes(tfhd[1:4], "big")
    at = 8 + (8 if flags & _BASE else 0) + (4 if flags & _DESCRIPTION else 0)
    found = dict.fromkeys(_DEFAULTS, 0)
    for name, flag in _DEFAULTS.items():
        if flags & flag:
            (found[name],) = struct.unpack_from(">I", tfhd, at)
            at += 4
    return found


def _run(trun: bytes, defaults: dict[str, int]) -> tuple[int | None, list[dict[str, int]]]:
    """Give where the run's bytes begin, counted from its `moof`, and a row for each sample."""
    flags = int.from_bytes(trun[1:4], "big")
    (count,) = struct.unpack_from(">I", trun, 4)
    at, begins, first_flags = 8, None, None
    if flags & _FLAG["offset"]:
        (begins,) = struct.unpack_from(">i", trun, at)
        at += 4
    if flags & _FLAG["first"]:
        (first_flags,) = struct.unpack_from(">I", trun, at)
        at += 4
    fields = [name for name in ("duration", "size", "flags", "shift") if flags & _FLAG[name]]
    rows: list[dict[str, int]] = []
    for _ in range(count):
        row = defaults | dict(zip(fields, struct.unpack_from(f">{len(fields)}I", trun, at), strict=True))
        if first_flags is not None and not rows:
            row["flags"] = first_flags
        at += 4 * len(fields)
        rows.append(row)
    return begins, rows


def _box(kind: bytes, inside: bytes) -> bytes:
    return struct.pack(">I4s", len(inside) + 8, kind) + inside
