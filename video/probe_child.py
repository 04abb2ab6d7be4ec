"""Reads a stranger's file with PyAV, inside the jail; run as a file, never imported by the rest.

Standard output: one line of JSON with what the head says, then the picture's packets as four little-endian 64-bit
numbers each (pts, duration, position, flags), then each sound track's first and end as JSON on the last line.
"""

from __future__ import annotations

import json
import math
import os
import sys
from array import array
from typing import Any, Final

import av
import av.error
import av.logging
from av.audio.codeccontext import AudioCodecContext
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

#: Containers that hold their own bytes; none that names other files or addresses.
FORMATS: Final = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,mpeg,avi,flv,asf,ogg,mxf"
KEY, CUT, HEADLESS = 1, 2, 4
#: Somewhat above a day at 60 pictures a second; more is a bomb.
_MOST_PACKETS: Final = 5_400_000
_LARGEST: Final = (8192, 4320)
_NOT_KNOWN: Final = -(2**63)
_ATTACHED_PICTURE: Final = 0x400
_SUPERFRAME: Final = 0xC0
#: Kinds of H.264 that every browser plays, where its head says how long the lengths are, and the slices of a picture
#: after which nothing looks back. Field orders: not known, and whole pictures.
_PLAYED: Final = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
_LENGTH_AT, _INSTANT_REFRESH = 4, 5
_WHOLE_PICTURES: Final = frozenset({0, 1})


def main() -> int:
    """Probe the file named by the first argument, or only as many seconds of it as the second says.

    Returns 0 when it opened, 3 when it didn't.
    """
    # The library's own words go to standard error: they alone name a picture too large for it to take at all.
    av.logging.restore_default_callback()
    av.logging.set_level(av.logging.ERROR)
    path, only_s = sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else math.inf  # noqa: PLR2004 - it is there
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    try:
        container = av.open(f"file:{path}", options=options, metadata_errors="ignore")
    except (av.error.FFmpegError, ValueError) as error:
        _say({"opened": False, "trouble": type(error).__name__})
        return 3
    with container:
        pictures = [s for s in container.streams.video if not s.disposition.value & _ATTACHED_PICTURE]
        picture = pictures[0] if pictures else None
        head: dict[str, Any] = {"opened": True, "format": container.format.name, "picture": None}
        if picture is not None:
            head["picture"] = _facts(picture)
        head["sounds"] = [_sound_facts(sound) for sound in container.streams.audio]
        if picture is None or head["picture"]["too_big"]:
            _say(head)
            return 0
        head["guessed"] = _guessed(container, picture)
        straight = _Straight(container, picture)
        table, ends, head["whole"] = _packets(container, picture, only_s, straight, by_decoding=head["guessed"])
        head["picture"]["straight"] = straight.so_far
    head |= {"packets": len(table) // 4, "ends": ends, "look": _look(path, head["picture"]["index"], options)}
    _say(head)
    sys.stdout.buffer.write(table.tobytes())
    return 0


def _say(head: dict[str, Any]) -> None:
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")


def _facts(picture: VideoStream) -> dict[str, Any]:
    context = picture.codec_context
    width, height = context.width, context.height
    ratio = picture.sample_aspect_ratio
    base = picture.time_base
    return {
        "index": picture.index,
        "codec": context.name,
        "width": width,
        "height": height,
        "too_big": max(width, height) > max(_LARGEST) or min(width, height) > min(_LARGEST),
        "sar": [ratio.numerator, ratio.denominator] if ratio else [1, 1],
        "time_base": [base.numerator, base.denominator] if base else [1, 1000],
        "transfer": int(context.color_trc),
        "matrix": int(context.colorspace),
        "range": int(context.color_range),
        "field_order": int(context.field_order),
        "pix_fmt": context.pix_fmt,
        "straight": False,
    }


def _sound_facts(sound: AudioStream) -> dict[str, Any]:
    context: AudioCodecContext | None = sound.codec_context
    if context is None:  # a kind of sound that nothing here can read
        return {"index": sound.index, "codec": "", "channels": 0, "rate": 0, "plain": False}
    return {
        "index": sound.index,
        "codec": context.name,
        "channels": context.channels,
        "rate": context.sample_rate,
        "plain": context.name == "aac" and sound.profile == "LC",
    }


def _guessed(container: InputContainer, picture: VideoStream) -> bool:
    """AVI says when a picture is decoded, and never when it is shown; libraries guess, and not all the same."""
    return container.format.name == "avi" and picture.codec_context.name in {"h264", "hevc"}


class _Straight:
    """Whether a picture's packets can be cut at whole pictures and served as they are, by all that came so far."""

    def __init__(self, container: InputContainer, picture: VideoStream) -> None:
        context = picture.codec_context
        head = context.extradata or b""
        self.so_far = (
            container.format.name.startswith("mov")
            and context.name == "h264"
            and context.pix_fmt == "yuv420p"
            and picture.profile in _PLAYED
            and int(context.field_order) in _WHOLE_PICTURES
            and len(head) > _LENGTH_AT
            and head[0] == 1
        )
        self._length_bytes = (head[_LENGTH_AT] & 3) + 1 if self.so_far else 0
        self._last = -math.inf

    def met(self, packet: Packet[Stream]) -> None:
        """Look at the next packet; those of whole pictures alone are looked into."""
        if not self.so_far:
            return
        pts = packet.pts
        shown = pts is not None and pts == packet.dts and pts > self._last
        self.so_far = shown and not packet.is_discard and (not packet.is_keyframe or self._closed(bytes(packet)))
        self._last = pts if pts is not None else self._last

    def _closed(self, data: bytes) -> bool:
        """Tell whether nothing after this picture leans on one before it: H.264 says so by the kind of its slices."""
        at, kinds = 0, set()
        while at + self._length_bytes < len(data):
            size = int.from_bytes(data[at : at + self._length_bytes], "big")
            kinds.add(data[at + self._length_bytes] & 0x1F)
            at += self._length_bytes + size
        return _INSTANT_REFRESH in kinds


def _packets(
    container: InputContainer, picture: VideoStream, only_s: float, straight: _Straight, *, by_decoding: bool
) -> tuple[array[int], list[list[float | int]], bool]:
    """Walk through every packet, decoding nothing; the last is whether the walk came to the file's end unhurt."""
    table: array[int] = array("q")
    sounds: dict[int, list[int]] = {}
    shown = _SHOWN.get(picture.codec_context.name)
    wanted, most_ticks = picture.index, only_s / float(picture.time_base or 1)
    whole = True
    met, keys = 0, 0
    try:
        for packet in container.demux():  # hundreds of thousands: what is done for each is felt
            if packet.is_corrupt:
                whole = False
            if packet.stream_index != wanted:
                _stretch(sounds, packet)
                continue
            met += 1
            if packet.size:
                straight.met(packet)
            keys += packet.is_keyframe
            if not packet.is_discard and packet.size and (shown is None or shown(packet)):
                _keep(table, packet, 0 if keys else HEADLESS, by_decoding=by_decoding)
                if len(table) > 4 * _MOST_PACKETS or (table and table[-4] - table[0] > most_ticks):
                    break
    except (av.error.FFmpegError, ValueError):
        whole = False  # what came before it is good
    ends = [
        [sound.index, *(ticks * float(sound.time_base or 0) for ticks in sounds[sound.index])]
        for sound in container.streams.audio
        if sound.index in sounds
    ]
    # The head's own count is only a hint, but fewer than it says means that the tail is missing. AVI counts pictures
    # that were left out, too, and has its time in pictures.
    met = max(met, table[-4] + 1) if table and container.format.name == "avi" else met
    return table, ends, whole and met >= picture.frames


def _keep(table: array[int], packet: Packet[Stream], flags: int, *, by_decoding: bool) -> None:
    pts = packet.dts if by_decoding or packet.pts is None else packet.pts
    if pts is None:
        return
    flags |= (KEY if packet.is_keyframe else 0) | (CUT if packet.is_corrupt else 0)
    table.extend((pts, packet.duration or 0, packet.pos if packet.pos is not None else _NOT_KNOWN, flags))


def _stretch(sounds: dict[int, list[int]], packet: Packet[Stream]) -> None:
    """Make its track's stretch, from the earliest to the latest tick, reach over a packet; add up how long they are."""
    start = packet.pts
    if start is None or not packet.size:
        return
    end = start + (packet.duration or 0)
    row = sounds.get(packet.stream_index)
    if row is None:
        sounds[packet.stream_index] = [start, end, end - start]
        return
    row[0] = min(row[0], start)
    row[1] = max(row[1], end)
    row[2] += end - start


def _vp9_shown(packet: Packet[Stream]) -> bool:
    """VP9 and VP8 keep pictures that are only referred to; alone in a packet they give no frame."""
    data = bytes(packet)
    if data[-1] & 0xE0 == _SUPERFRAME:
        return True  # a superframe: its last picture is shown
    profile = (data[0] >> 5 & 1) | (data[0] >> 4 & 1) << 1
    head = data[0] << 1 if profile == 3 else data[0]  # noqa: PLR2004 - profile 3 has one bit more in front
    return bool(head & 0x08 or head & 0x02)


def _vp8_shown(packet: Packet[Stream]) -> bool:
    return bool(bytes(packet)[0] & 0x10)


_SHOWN: Final = {"vp9": _vp9_shown, "libvpx-vp9": _vp9_shown, "vp8": _vp8_shown, "libvpx": _vp8_shown}


def _look(path: str, index: int, options: dict[str, str]) -> dict[str, Any] | None:
    """Decode one picture for what only a picture tells: how it is turned, its true size, interlacing, brightness."""
    try:
        with av.open(f"file:{path}", options=options, metadata_errors="ignore") as container:
            stream = container.streams[index]
            stream.codec_context.thread_count = 1
            for frame in container.decode(stream):
                if isinstance(frame, av.VideoFrame) and isinstance(stream.codec_context, VideoCodecContext):
                    return {
                        "width": frame.width,
                        "height": frame.height,
                        "rotation": frame.rotation,
                        "interlaced": bool(frame.interlaced_frame),
                        "transfer": int(frame.color_trc),
                        "matrix": int(frame.colorspace),
                        "range": int(frame.color_range),
                        "format": frame.format.name,
                        "depth": stream.codec_context.reorder_depth,
                        "first": frame.pts,
                    }
    except (av.error.FFmpegError, ValueError, MemoryError):
        return None  # it may still be read further on: the transcode tells
    return None


if __name__ == "__main__":
    os.environ["AV_LOG_FORCE_NOCOLOR"] = "1"
    sys.exit(main())
