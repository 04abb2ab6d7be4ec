"""Cuts a film as it came, without encoding: from the whole picture at or before one moment to another.

Nothing that was shown from the later moment on is kept. A picture may lean on one that is shown after it, so packets
are kept in the order in which they are stored, up to the first one that is shown too late: the film ends a few
pictures early rather than with one that was to be cut away, and it never has a hole. At the other end the cut has to
lie at a whole picture; what is stored after that one and shown before it leans on what is gone, and goes too.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from video import recipe_cut
from video.errors import MediaError
from video.process import Jail, Limits, nothing

_LIST: Final = "packets.txt"
_TIME_BASE: Final = re.compile(r"^#tb 0: (\d+)/(\d+)$", re.MULTILINE)
#: Stream, decoding time, time, length, size, checksum, and then in some files what else is known of the packet.
_ROW: Final = re.compile(r"^0, *(-?\d+), *(-?\d+), *(\d+), *\d+, 0x[0-9a-f]+(.*)$", re.MULTILINE)
_FLAGS: Final = re.compile(r", F=0x([0-9A-Fa-f]+)")
_KEY, _HIDDEN = 1, 4
_NO_TIME: Final = -(2**63)
_GIGABYTE: Final = 1024**3
#: A disk reads so much in a second at the least.
_BYTES_PER_S: Final = 10_000_000


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which stretch is kept, in ms from the film's first picture; `kind` is what the probe calls the file's format."""

    kind: str
    in_ms: int
    out_ms: int


@dataclass(frozen=True)
class Cut:
    """What was cut: the file, and how many packets of the picture are in it."""

    path: Path
    packets: int


@dataclass(frozen=True)
class _Packet:
    """One packet of the picture; `at` is when it is shown, in the stream's time base."""

    at: int
    lasts: int
    key: bool
    hidden: bool


def cut(source: Path, wanted: Wanted, *, into: Path, jail: Jail, on_tick: Callable[[], None] = nothing) -> Cut:
    """Write a stretch of `source` as a file in `into`, of a kind that holds the same pictures and sounds.

    Raises:
        MediaError: `nothing_there` where the film is over before the stretch; `frames_lost`, retryable, where ffmpeg
            ended badly; what lies in `into` is then of no use.
    """
    limits = _limits(source)
    listed = jail.run_ffmpeg(recipe_cut.packets(_LIST), inputs=[source], folder=into, limits=limits, on_tick=on_tick)
    base, packets = _read(into / _LIST)
    if not packets:
        raise MediaError("frames_lost", detail=f"no packets were listed, ffmpeg ended with {listed.code}")
    stretch = _stretch(packets, base, wanted)
    args = recipe_cut.copy(stretch, kind=wanted.kind)
    ended = jail.run_ffmpeg(args, inputs=[source], folder=into, limits=limits, on_tick=on_tick)
    made = into / recipe_cut.name_for(wanted.kind)
    if ended.code != 0 or not made.is_file() or not made.stat().st_size:
        raise MediaError("frames_lost", detail=f"the cut ended with {ended.code}")
    return Cut(made, stretch.packets)


def _read(listing: Path) -> tuple[Fraction, list[_Packet]]:
    text = listing.read_text(encoding="ascii", errors="replace") if listing.is_file() else ""
    base = _TIME_BASE.search(text)
    if base is None:
        return Fraction(1), []
    packets: list[_Packet] = []
    for row in _ROW.finditer(text):
        found = _FLAGS.search(row[4])
        flags = int(found[1], 16) if found else _KEY
        at = int(row[2]) if int(row[2]) != _NO_TIME else int(row[1])
        packets.append(_Packet(at, int(row[3]), bool(flags & _KEY), bool(flags & _HIDDEN)))
    return Fraction(int(base[1]), int(base[2])), packets


def _stretch(packets: list[_Packet], base: Fraction, wanted: Wanted) -> recipe_cut.Stretch:
    first_key = next((place for place, packet in enumerate(packets) if packet.key), 0)
    from_key = packets[first_key:]
    begins = min((packet.at for packet in from_key if not packet.hidden), default=from_key[0].at)
    begin, end = begins + Fraction(wanted.in_ms, 1000) / base, begins + Fraction(wanted.out_ms, 1000) / base
    if all(packet.at + packet.lasts <= begin for packet in packets):
        raise MediaError("nothing_there")
    keys = [place for place, packet in enumerate(packets) if packet.key and packet.at <= begin]
    first = keys[-1] if keys else first_key
    until = next((place for place in range(first + 1, len(packets)) if packets[place].at >= end), len(packets))
    key = packets[first]
    # An AVI doesn't say when a picture is shown, so there nothing can be told to lean on what is gone.
    kept = [packet for packet in packets[first:until] if packet.at >= key.at or wanted.kind == "avi"]
    return recipe_cut.Stretch(
        first=first,
        last=until - 1,
        packets=len(kept),
        leading=wanted.kind != "avi",
        key_s=float(key.at * base),
        heard_from_s=float(max(key.at, begins) * base),
        heard_until_s=float(max(packet.at + packet.lasts for packet in kept) * base),
    )


def _limits(source: Path) -> Limits:
    size_bytes = source.stat().st_size
    work_s = size_bytes / _BYTES_PER_S
    return Limits(cpu_s=int(120 + work_s), wall_s=300 + 4 * work_s, output_bytes=size_bytes + _GIGABYTE)
