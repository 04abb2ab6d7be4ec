"""Cuts what ffmpeg wrote into the files that are kept: one init for each rendition, and segments of about 4 s."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from video import boxes
from video.boxes import Fragment

#: Times and lengths of segments are in ticks of this clock, whatever the track's own.
TICKS_PER_S: Final = 90_000
_TICKS_PER_MS: Final = 90


@dataclass(frozen=True, kw_only=True)
class SegmentFile:
    """One segment, ready to be stored: `index` counts 4 s cells from the lesson's start, for sound its own pieces.

    `start_ticks` is the first frame's time on the lesson's clock in 1/90000 s; `duration_ticks` reaches to the next
    segment's first frame, so that the sum of all is where the lesson ends.
    """

    rendition: str
    index: int
    path: Path
    start_ticks: int
    duration_ticks: int
    frames: int
    size_bytes: int
    sha256: str

    @property
    def start_ms(self) -> int:
        """The first frame's time on the lesson's clock, cut down to the millisecond."""
        return self.start_ticks // _TICKS_PER_MS


@dataclass(frozen=True, kw_only=True)
class InitFile:
    """What a player must read before any segment of a rendition; the same for all chunks of a lesson."""

    rendition: str
    path: Path
    size_bytes: int
    sha256: str
    codecs: str


def cut_init(made: Path, size: int, *, rendition: str) -> InitFile:
    """Copy the init out of the file that ffmpeg made, beside it."""
    path = made.with_name(f"{rendition}-init.mp4")
    with made.open("rb") as file:
        data = file.read(size)
    path.write_bytes(data)
    return InitFile(
        rendition=rendition,
        path=path,
        size_bytes=size,
        sha256=hashlib.sha256(data).hexdigest(),
        codecs=boxes.codecs(data),
    )


def cut_segment(
    made: Path, fragments: Sequence[Fragment], *, rendition: str, index: int, ticks: tuple[int, int]
) -> SegmentFile:
    """Copy neighbouring fragments out of the file that ffmpeg made, as one segment beside it.

    `ticks` are where it begins and where the next one does.
    """
    path = made.with_name(f"{rendition}-{index:06}.m4s")
    digest = hashlib.sha256()
    size_bytes = 0
    with made.open("rb") as file, path.open("wb") as segment:
        for fragment in fragments:
            file.seek(fragment.offset)
            data = file.read(fragment.size)
            digest.update(data)
            size_bytes += segment.write(data)
    return SegmentFile(
        rendition=rendition,
        index=index,
        path=path,
        start_ticks=ticks[0],
        duration_ticks=ticks[1] - ticks[0],
        frames=sum(fragment.samples for fragment in fragments),
        size_bytes=size_bytes,
        sha256=digest.hexdigest(),
    )


def cut_run(source: Path, into: Path, *, from_byte: int | None, to_byte: int | None) -> Path:
    """Return the source itself, or a copy of those of its bytes that one recording of several fills."""
    if not from_byte and to_byte is None:
        return source
    begins = from_byte or 0
    run = into / f"run-{begins}"
    with source.open("rb") as file, run.open("wb") as copy:
        file.seek(begins)
        if to_byte is None:
            shutil.copyfileobj(file, copy, 1024 * 1024)
            return run
        left = to_byte - begins
        while left > 0 and (read := file.read(min(left, 1024 * 1024))):
            copy.write(read)
            left -= len(read)
    return run
