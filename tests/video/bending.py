"""What is done to a finished film so that it becomes one of those that only life makes."""

import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from tests.video.lessons import AAC, RATE, Maker

Bend = Callable[[Maker, Path, Path], None]
_TS_PACKET: Final = 188


def remade(*before: str, after: Sequence[str] = ()) -> Bend:
    """Copy the streams into another file, with these options before the input and after it."""
    return lambda maker, film, to: maker.ffmpeg(*before, "-i", film, "-map", "0", "-c", "copy", *after, to)


def turned(degrees: int = 0, *, mirrored: bool = False) -> Bend:
    """Set a display matrix: by how many degrees a player turns it, clockwise, after it has mirrored it."""
    turn = ["-display_rotation:v:0", str(-degrees)] if degrees else []
    return remade(*turn, *(["-display_hflip:v:0"] if mirrored else []))


def sounds_beside(*beside: str) -> Bend:
    """Put other sound tracks, each of a generator, before the film's own."""

    def bend(maker: Maker, film: Path, to: Path) -> None:
        others = [part for source in beside for part in ("-f", "lavfi", "-i", source)]
        maps = [part for number in range(1, len(beside) + 1) for part in ("-map", f"{number}:a")]
        maker.ffmpeg("-i", film, *others, "-map", "0:v", *maps, "-map", "0:a", "-c:v", "copy", *AAC, to)

    return bend


#: A track that heard nothing.
SILENCE: Final = f"anullsrc=r={RATE}:cl=stereo:d=5"


def appended(maker: Maker, film: Path, to: Path) -> None:
    """Put the same recording behind itself, in one file: its clock starts again."""
    del maker
    to.write_bytes(film.read_bytes() * 2)


def clock_jumps(seconds: float) -> Bend:
    """Put the same recording behind itself, with a clock that has gone on so far in between."""

    def bend(maker: Maker, film: Path, to: Path) -> None:
        later = to.with_name(f"later-{to.name}")
        maker.ffmpeg("-copyts", "-i", film, "-c", "copy", "-output_ts_offset", str(seconds), "-muxdelay", "0", later)
        to.write_bytes(film.read_bytes() + later.read_bytes())
        later.unlink()

    return bend


def packets_lost(share: float, count: int) -> Bend:
    """Leave out a few packets of a transport stream, from so far into it: a disc with a scratch."""

    def bend(maker: Maker, film: Path, to: Path) -> None:
        del maker
        data = film.read_bytes()
        at = int(len(data) / _TS_PACKET * share) * _TS_PACKET
        to.write_bytes(data[:at] + data[at + count * _TS_PACKET :])

    return bend


def joined_late(share: float) -> Bend:
    """Leave out the beginning of a transport stream but for its first three packets, which say what is in it."""

    def bend(maker: Maker, film: Path, to: Path) -> None:
        del maker
        data = film.read_bytes()
        to.write_bytes(data[: 3 * _TS_PACKET] + data[int(len(data) / _TS_PACKET * share) * _TS_PACKET :])

    return bend


def followed_by(*how: str) -> Bend:
    """Put the same recording behind itself, encoded once more in another way, on one clock."""

    def bend(maker: Maker, film: Path, to: Path) -> None:
        later = to.with_name(f"later-{to.name}")
        on = ["-output_ts_offset", "5", "-muxdelay", "0"]
        maker.ffmpeg("-copyts", "-i", film, *how, "-fps_mode", "passthrough", "-c:a", "copy", *on, later)
        to.write_bytes(film.read_bytes() + later.read_bytes())
        later.unlink()

    return bend


def with_cover(maker: Maker, film: Path, to: Path) -> None:
    """Put a still picture in front of the film's own: what some programs show in a list of films."""
    cover = to.with_name(f"{to.name}.jpg")
    maker.ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", cover)
    order = ["-map", "1", "-map", "0", "-c", "copy", "-disposition:v:0", "attached_pic"]
    maker.ffmpeg("-i", film, "-i", cover, *order, to)
    cover.unlink()


def with_words(maker: Maker, film: Path, to: Path) -> None:
    """Put subtitles, chapters and where it was filmed into a film."""
    words, facts = to.with_name(f"{to.name}.srt"), to.with_name(f"{to.name}.txt")
    words.write_text("1\n00:00:01,000 --> 00:00:02,000\nGood morning\n")
    facts.write_text(";FFMETADATA1\nlocation=+47+015/\n[CHAPTER]\nTIMEBASE=1/1\nSTART=1\nEND=3\ntitle=one\n")
    maps = ["-map", "0", "-map", "1", "-map_metadata", "2", "-c", "copy", "-c:s", "srt"]
    maker.ffmpeg("-i", film, "-i", words, "-i", facts, *maps, to)
    words.unlink()
    facts.unlink()


def index_lies(maker: Maker, film: Path, to: Path) -> None:
    """Have an AVI's index name only each second of its chunks, as a camera that ran out of power leaves it."""
    del maker
    data = film.read_bytes()
    at = data.rindex(b"idx1")
    (size,) = struct.unpack_from("<I", data, at + 4)
    entries = [data[at + 8 + place : at + 24 + place] for place in range(0, size, 16)]
    kept = b"".join(entries[: len(entries) // 2])
    made = bytearray(data[:at] + b"idx1" + struct.pack("<I", len(kept)) + kept)
    struct.pack_into("<I", made, 4, len(made) - 8)
    to.write_bytes(made)


def index_missing(maker: Maker, film: Path, to: Path) -> None:
    """Leave an AVI's index out, and what its head says of its length: the power failed."""
    del maker
    data = film.read_bytes()
    to.write_bytes(data[: data.rindex(b"idx1")])
