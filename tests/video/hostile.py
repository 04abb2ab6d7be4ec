"""Files that must be refused: broken ones, disguised ones, and those that would have the machine do their bidding."""

import struct
from collections.abc import Callable

import numpy as np

from tests.video.lessons import AAC, RATE, Maker


def _mkv_of(width: int, height: int) -> bytes:
    """Write by hand a Matroska head that claims a picture of any size, which no encoder would make."""

    def part(mark: bytes, inside: bytes) -> bytes:
        return mark + struct.pack(">Q", 1 << 56 | len(inside)) + inside

    size = part(b"\xb0", width.to_bytes(4, "big")) + part(b"\xba", height.to_bytes(4, "big"))
    entry = part(b"\xd7", b"\1") + part(b"\x73\xc5", b"\1") + part(b"\x83", b"\1") + part(b"\x86", b"V_MJPEG")
    tracks = part(b"\x16\x54\xae\x6b", part(b"\xae", entry + part(b"\xe0", size)))
    cluster = part(b"\x1f\x43\xb6\x75", part(b"\xe7", b"\0") + part(b"\xa3", b"\x81\0\0\x80" + b"\xff\xd8\xff\xd9"))
    head = part(b"\x1a\x45\xdf\xa3", part(b"\x42\x82", b"matroska"))
    return head + part(b"\x18\x53\x80\x67", tracks + cluster)


def _truncated_index(maker: Maker) -> bytes:
    data = maker.lesson("plain.mp4").path.read_bytes()
    return data[: data.index(b"moov") + 900]


def _without_index(maker: Maker) -> bytes:
    data = maker.lesson("one-key.mp4").path.read_bytes()  # its index comes last
    return data[: len(data) * 8 // 10]


def _sound_alone(maker: Maker) -> bytes:
    to = maker.folder / "sound-alone.m4a"
    maker.ffmpeg("-f", "lavfi", "-i", f"sine=440:d=2:r={RATE}", *AAC, to)
    return to.read_bytes()


def _photograph(maker: Maker) -> bytes:
    to = maker.folder / "photograph.jpg"
    maker.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=320x240", "-frames:v", "1", "-update", "1", to)
    return to.read_bytes()


#: name → (the code that it must be refused with, its bytes); every one wears the name of a film.
REFUSED: dict[str, tuple[str, Callable[[Maker], bytes]]] = {
    "empty": ("empty", lambda _: b""),
    "text": ("not_video", lambda _: b"Dear colleagues, here is my lesson plan.\n" * 200),
    "noise": ("not_video", lambda _: np.random.default_rng(7).bytes(100_000)),
    "photograph": ("not_video", _photograph),
    "hls": ("not_video", lambda _: b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"),
    "hls-in-avi": ("not_video", lambda _: b"RIFF\xff\xff\xff\x7fAVI JUNK\x08\0\0\0" + bytes(8) + b"#EXTM3U\nx\n"),
    "dash": ("not_video", lambda _: b"<?xml version='1.0'?><MPD xmlns='urn:mpeg:dash:schema:mpd:2011'><Period/></MPD>"),
    "concat": ("not_video", lambda _: b"ffconcat version 1.0\nfile '/etc/passwd'\n"),
    "sdp": ("not_video", lambda _: b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=video 9 RTP/AVP 96\n"),
    "svg": ("not_video", lambda _: b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"),
    "subtitles": ("not_video", lambda _: b"WEBVTT\n\n00:00.000 --> 01:00.000\n<script>alert(1)</script>\n"),
    "huge": ("too_big", lambda _: _mkv_of(30_000, 30_000)),
    "sound-alone": ("no_video", _sound_alone),
    "truncated-index": ("incomplete", _truncated_index),
    "without-index": ("incomplete", _without_index),
}  # fmt: skip
