"""Reads the boxes of the MP4 files that our own ffmpeg wrote: where fragments lie, when they begin, what they hold."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

_HEAD: Final = 8
_LONG_HEAD: Final = 16
_INSIDE: Final = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"moof", b"traf"})
#: How far into these the boxes within them begin: past the sample entry's own fields.
_ENTRIES: Final = {b"stsd": 8, b"avc1": 78, b"mp4a": 28}
_TFHD_DURATION, _TFHD_BASE, _TFHD_DESCRIPTION = 0x08, 0x01, 0x02
_TRUN_OFFSET, _TRUN_FIRST_FLAGS, _TRUN_DURATION = 0x01, 0x04, 0x100
_TRUN_FIELDS: Final = (0x100, 0x200, 0x400, 0x800)


class BoxTrouble(ValueError):
    """These bytes are not the MP4 that our own ffmpeg writes."""


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """One `moof` with its `mdat`: where it lies in the file, its time and length in ticks, and its samples."""

    offset: int
    size: int
    start: int
    duration: int
    samples: int


@dataclass(frozen=True, kw_only=True)
class Layout:
    """What lies in a file so far: the init bytes at its front, and the fragments that are whole."""

    init_size: int
    fragments: tuple[Fragment, ...]


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield each box's kind and inside, going into those that hold boxes.

    Raises:
        BoxTrouble: a box claims to be longer than what there is.
    """
    at = 0
    while at + _HEAD <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        head = _HEAD
        if size == 1 and at + _LONG_HEAD <= len(data):
            (size,) = struct.unpack_from(">Q", data, at + _HEAD)
            head = _LONG_HEAD
        if size < head or at + size > len(data):
            raise BoxTrouble(f"a box of {size} bytes in {len(data) - at}")
        inside = data[at + head : at + size]
        yield kind, inside
        if kind in _INSIDE:
            yield from boxes(inside)
        elif kind in _ENTRIES:
            yield from boxes(inside[_ENTRIES[kind] :])
        at += size


def layout(path: Path, *, after: int = 0) -> Layout:
    """Read where the whole boxes of a file lie, which may still be growing; `after` skips bytes read before.

    Raises:
        BoxTrouble: these are no fragments.
    """
    fragments: list[Fragment] = []
    init_size = 0
    with path.open("rb") as file:
        at, head = after, b""
        moof_at = -1
        for kind, size in _tops(file, after):
            if kind == b"moov":
                init_size = at + size
            elif kind == b"moof":
                moof_at = at
                file.seek(at)
                head = file.read(size)
            elif kind == b"mdat" and moof_at >= 0:
                fragments.append(_fragment(head, moof_at, at + size - moof_at))
                moof_at = -1
            at += size
    return Layout(init_size=init_size, fragments=tuple(fragments))


def _tops(file: BinaryIO, at: int) -> Iterator[tuple[bytes, int]]:
    file.seek(0, 2)
    end = file.tell()
    while at + _HEAD <= end:
        file.seek(at)
        size, kind = struct.unpack(">I4s", file.read(_HEAD))
        if size == 1:
            long = file.read(8)
            size = struct.unpack(">Q", long)[0] if len(long) == 8 else end  # noqa: PLR2004 - a 64-bit number
        if size < _HEAD or at + size > end:
            return  # not whole yet
        yield kind, size
        at += size


def _fragment(moof: bytes, offset: int, size: int) -> Fragment:
    start = default = -1
    samples = duration = 0
    for kind, inside in boxes(moof):
        if kind == b"tfdt":
            start = struct.unpack_from(">Q" if inside[0] else ">I", inside, 4)[0]
        elif kind == b"tfhd":
            default = _default_duration(inside)
        elif kind == b"trun":
            count, length = _trun(inside, default)
            samples += count
            duration += length
    if start < 0:
        raise BoxTrouble("a fragment without its time")
    return Fragment(offset=offset, size=size, start=start, duration=duration, samples=samples)


def _flags(inside: bytes) -> int:
    return int.from_bytes(inside[1:4], "big")


def _default_duration(tfhd: bytes) -> int:
    flags = _flags(tfhd)
    at = 8 + (8 if flags & _TFHD_BASE else 0) + (4 if flags & _TFHD_DESCRIPTION else 0)
    return int(struct.unpack_from(">I", tfhd, at)[0]) if flags & _TFHD_DURATION else -1


def _trun(inside: bytes, default: int) -> tuple[int, int]:
    flags = _flags(inside)
    (count,) = struct.unpack_from(">I", inside, 4)
    at = 8 + (4 if flags & _TRUN_OFFSET else 0) + (4 if flags & _TRUN_FIRST_FLAGS else 0)
    if not flags & _TRUN_DURATION:
        return count, count * max(default, 0)
    step = sum(4 for field in _TRUN_FIELDS if flags & field)
    return count, sum(struct.unpack_from(">I", inside, at + step * sample)[0] for sample in range(count))


def codecs(init: bytes) -> str:
    """Return what a playlist's CODECS says of an init segment: "avc1.4D401E", "mp4a.40.2".

    Raises:
        BoxTrouble: it is neither H.264 nor AAC.
    """
    for kind, inside in boxes(init):
        if kind == b"avcC":
            return f"avc1.{inside[1:4].hex().upper()}"
        if kind == b"esds":
            return "mp4a.40.2"
    raise BoxTrouble("neither H.264 nor AAC")
