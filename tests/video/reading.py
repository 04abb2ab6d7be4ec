"""Reads back what was encoded, with another decoder than the one that made it: numbers, times and beeps."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tests.video.lessons import number_in
from video.segments import InitFile, SegmentFile

_RATE = 48_000
_LOUD = 3000


def joined(to: Path, init: InitFile, segments: Sequence[SegmentFile]) -> Path:
    """Put an init and its segments into one file, as a player's buffer holds them."""
    to.write_bytes(init.path.read_bytes() + b"".join(segment.path.read_bytes() for segment in segments))
    return to


def pictures(film: Path) -> list[tuple[int, Fraction]]:
    """Return each shown picture's number and time in seconds."""
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.time_base is not None
        return [
            (number_in(frame.to_ndarray(format="gray")), (frame.pts or 0) * stream.time_base)
            for frame in container.decode(stream)
        ]


def size_of(film: Path) -> tuple[int, int]:
    """Return a film's width and height."""
    with av.open(str(film)) as container:
        context = container.streams.video[0].codec_context
        return context.width, context.height


def peak(film: Path) -> float:
    """Return the loudest sample, of 1."""
    with av.open(str(film)) as container:
        return max(float(np.abs(frame.to_ndarray()).max()) for frame in container.decode(audio=0))


def beeps(film: Path) -> list[float]:
    """Return when each beep begins, in seconds on the film's own clock."""
    starts: list[float] = []
    quiet_until = -1.0
    with av.open(str(film)) as container:
        stream = container.streams.audio[0]
        for frame in container.decode(stream):
            assert frame.pts is not None
            assert stream.time_base is not None
            begins = float(frame.pts * stream.time_base)
            loudest = np.abs(frame.to_ndarray()).max(axis=0) * 32768
            for place in np.flatnonzero(loudest > _LOUD):
                at = begins + float(place) / _RATE
                if at > quiet_until:
                    starts.append(at)
                quiet_until = at + 0.2
    return starts
