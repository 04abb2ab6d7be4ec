"""The reader of our own MP4 files: whole boxes only, and no surprise from broken ones."""

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.boxes import BoxTrouble, boxes, codecs, layout


def box(kind: bytes, inside: bytes) -> bytes:
    return struct.pack(">I4s", len(inside) + 8, kind) + inside


def fragment(start: int, lengths: list[int]) -> bytes:
    tfhd = box(b"tfhd", bytes.fromhex("00020000") + struct.pack(">I", 1))
    tfdt = box(b"tfdt", b"\1\0\0\0" + struct.pack(">Q", start))
    trun = box(b"trun", bytes.fromhex("00000100") + struct.pack(f">I{len(lengths)}I", len(lengths), *lengths))
    return box(b"moof", box(b"traf", tfhd + tfdt + trun)) + box(b"mdat", b"pictures")


def test_a_growing_file_shows_only_what_is_whole(tmp_path: Path) -> None:
    film = tmp_path / "growing.mp4"
    head = box(b"ftyp", b"isom") + box(b"moov", b"")
    first, second = fragment(0, [100, 200]), fragment(300, [100])
    film.write_bytes(head + first + second[:-1])
    found = layout(film)
    assert found.init_size == len(head)
    assert [(f.start, f.duration, f.samples, f.offset, f.size) for f in found.fragments] == [
        (0, 300, 2, len(head), len(first))
    ]
    film.write_bytes(head + first + second)
    after = layout(film, after=len(head) + len(first))
    assert [(f.start, f.duration, f.samples) for f in after.fragments] == [(300, 100, 1)]


def test_a_head_without_a_known_codec_is_refused() -> None:
    with pytest.raises(BoxTrouble):
        codecs(box(b"moov", box(b"trak", b"")))


@given(st.binary(max_size=200))
def test_broken_bytes_are_refused_and_nothing_else(data: bytes) -> None:
    try:
        for kind, inside in boxes(data):
            assert len(kind) == 4
            assert len(inside) < len(data)
    except BoxTrouble:
        pass
