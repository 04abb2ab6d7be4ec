"""Writes HLS playlists from rows: pure text, the same rows give the same playlist."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from video.segments import TICKS_PER_S

_LEAST_TARGET_S: Final = 4
_HEAD: Final = ("#EXTM3U", "#EXT-X-VERSION:7")
#: Said of a rendition before its first segment is there; too high is safe, since players then start low.
_GUESSED_BITS_PER_PIXEL: Final = 6


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One segment's row: its address, where it begins and how long it lasts in 1/90000 s, and its size."""

    uri: str
    start_ticks: int
    duration_ticks: int
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One rendition of the picture as the master playlist names it; `codecs` as `boxes.codecs` gives it."""

    uri: str
    width: int
    height: int
    codecs: str
    bandwidth: int


@dataclass(frozen=True, kw_only=True)
class Sounding:
    """The sound's own playlist."""

    uri: str
    codecs: str
    bandwidth: int


def bandwidth(pieces: Sequence[Piece], *, width: int = 0, height: int = 0) -> int:
    """Return a rendition's peak in bits a second; a guess from its size while it has no segment."""
    rates = [piece.size_bytes * 8 * TICKS_PER_S // piece.duration_ticks for piece in pieces if piece.duration_ticks > 0]
    return max(rates, default=max(width * height * _GUESSED_BITS_PER_PIXEL, 128_000))


def master(variants: Sequence[Variant], sounding: Sounding | None = None) -> str:
    """Return the playlist of playlists, lowest rendition first, so that a slow line starts at once."""
    lines = [*_HEAD, "#EXT-X-INDEPENDENT-SEGMENTS"]
    if sounding is not None:
        lines.append(
            '#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="Sound",DEFAULT=YES,AUTOSELECT=YES,'
            f'CHANNELS="2",URI="{sounding.uri}"'
        )
    for variant in sorted(variants, key=lambda variant: (variant.height, variant.bandwidth)):
        codecs = f"{variant.codecs},{sounding.codecs}" if sounding else variant.codecs
        total = variant.bandwidth + (sounding.bandwidth if sounding else 0)
        more = ',AUDIO="sound"' if sounding else ""
        size = f"{variant.width}x{variant.height}"
        lines += [f'#EXT-X-STREAM-INF:BANDWIDTH={total},CODECS="{codecs}",RESOLUTION={size}{more}', variant.uri]
    return "\n".join([*lines, ""])


def media(pieces: Sequence[Piece], *, init_uri: str, ended: bool) -> str:
    """Return one rendition's playlist: it grows at its end until `ended`.

    Give only the unbroken run from the lesson's start, in order, or for a clip the pieces that it touches: a gap in
    the lesson is a longer piece, never a missing row. A piece's length in the list is up to the next one's beginning.
    """
    lengths = [after.start_ticks - piece.start_ticks for piece, after in pairwise(pieces)]
    lengths += [piece.duration_ticks for piece in pieces[-1:]]
    # Halves go up, as players round; Python's own rounding would send 4.5 to 4.
    longest = max(((2 * length + TICKS_PER_S) // (2 * TICKS_PER_S) for length in lengths), default=0)
    lines = [
        *_HEAD,
        f"#EXT-X-TARGETDURATION:{max(longest, _LEAST_TARGET_S)}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if ended else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{init_uri}"',
    ]
    for piece, length in zip(pieces, lengths, strict=True):
        lines += [f"#EXTINF:{length / TICKS_PER_S:.6f},", piece.uri]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if ended else []), ""])


def pieces_between(pieces: Sequence[Piece], in_ms: int, out_ms: int) -> list[Piece]:
    """Return the pieces that a clip from `in_ms` to `out_ms` touches; its playlist has `ended=True`."""
    begins, ends = in_ms * TICKS_PER_S // 1000, out_ms * TICKS_PER_S // 1000
    return [piece for piece in pieces if piece.start_ticks < ends and piece.start_ticks + piece.duration_ticks > begins]


def ready_ticks(picture: Sequence[Piece], sound: Sequence[Piece] | None) -> int:
    """Say up to where a lesson can be watched: where both picture and sound exist, in 1/90000 s.

    `sound` is None for a lesson without any.
    """
    reach = [pieces[-1].start_ticks + pieces[-1].duration_ticks if pieces else 0 for pieces in (picture, sound or ())]
    return reach[0] if sound is None else min(reach)
