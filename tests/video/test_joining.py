"""However uneven a film's times are, and wherever it is cut into spans: joined again it is what it would be uncut."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, count, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.video import reading
from tests.video.filming import Film, film
from tests.video.lessons import Maker
from tests.video.test_plan import probed, shown_by
from tests.video.test_transcode import prepare
from video import plan as planning
from video import transcode
from video.plan import plan
from video.process import Jail

_TICKS_PER_MS = 90
#: Steps between frames, in ticks of 1/90000 s: a camera's, one that hurries or drags, one that slept.
steps = st.one_of(st.just(3000), st.integers(900, 9000), st.integers(90_000, 600_000))
patterns = st.lists(steps, min_size=2, max_size=110).map(lambda found: tuple(accumulate(found, initial=0)))
#: In whole segments: how long each of the first spans is, and then all others.
spans = st.lists(st.integers(1, 4), min_size=1, max_size=4)
segments_ms = st.sampled_from([1000, 2000, 4000, 6000])
#: How many frames lie between whole pictures.
gaps = st.sampled_from([1, 12, 250])


def cut(change: pytest.MonkeyPatch, lengths: Sequence[int], segment_ms: int) -> None:
    """Have lessons cut otherwise than they are: in spans of so many segments, the last length for all that follow."""
    openings = tuple(accumulate((length * segment_ms for length in lengths[:-1]), initial=0))
    change.setattr(planning, "_OPENING_MS", openings)
    change.setattr(planning, "_SPAN_MS", lengths[-1] * segment_ms)
    change.setattr(planning, "SEGMENT_MS", segment_ms)
    change.setattr(transcode, "SEGMENT_MS", segment_ms)
    change.setattr(planning, "CELL_MS", segment_ms // 2)


@settings(max_examples=150, deadline=None)
@given(pts=patterns, start=st.integers(-(2**33), 2**33), lengths=spans, segment_ms=segments_ms)
def test_each_frame_lies_in_one_chunk_and_each_key_in_its_cell(
    pts: tuple[int, ...], start: int, lengths: list[int], segment_ms: int
) -> None:
    with pytest.MonkeyPatch.context() as change:
        cut(change, lengths, segment_ms)
        probe = probed(tuple(time + start for time in pts))
        planned = plan(probe)
    shown = shown_by(planned, probe)
    assert [time for frames in shown for time in frames] == list(probe.runs[0].pts)
    borders = set(borders_ms(lengths, segment_ms, planned.duration_ms))
    for chunk, frames in zip(planned.chunks, shown, strict=True):
        assert chunk.frames == len(frames) > 0
        assert chunk.in_ms in borders
        assert chunk.in_ms <= chunk.at_s(frames[0]) * 1000
        cells = [int(chunk.at_s(time) * 2000 // segment_ms) for time in frames]
        assert chunk.keys == tuple(frames[cells.index(cell)] for cell in sorted(set(cells)))
    for chunk, after in pairwise(planned.chunks):
        assert chunk.at_s(chunk.end) * 1000 > chunk.in_ms
        assert chunk.until == after.first
        assert chunk.at_s(frames_before(after.first, probe.runs[0].pts)) * 1000 < after.in_ms


def frames_before(first: int, pts: tuple[int, ...]) -> int:
    """Find the frame before one."""
    return max(time for time in pts if time < first)


def borders_ms(lengths: Sequence[int], segment_ms: int, ends_ms: int) -> Iterator[int]:
    """Yield where spans begin."""
    at_ms = 0
    for number in count():
        if at_ms > ends_ms:
            return
        yield at_ms
        at_ms += lengths[min(number, len(lengths) - 1)] * segment_ms


@pytest.mark.slow
@settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pts=patterns, start=st.integers(0, 2**33 - 2**26), lengths=spans, segment_ms=segments_ms, gap=gaps)
def test_joined_chunks_show_what_one_piece_shows(  # noqa: PLR0913, PLR0917 - what hypothesis chooses are its arguments
    maker: Maker, jail: Jail, pts: tuple[int, ...], start: int, lengths: list[int], segment_ms: int, gap: int
) -> None:
    with TemporaryDirectory(dir=maker.folder) as folder:
        source = timed(maker, Path(folder) / "source.ts", [start + time for time in pts], gap)
        whole = served(source, Path(folder) / "whole", jail, [10**6], 4000)
        joined = served(source, Path(folder) / "joined", jail, lengths, segment_ms)
    assert [number for number, _ in whole] == list(range(len(pts)))
    assert [at for _, at in whole] == [Fraction(time, 90_000) for time in pts]
    assert joined == whole


def timed(maker: Maker, to: Path, pts: Sequence[int], gap: int) -> Path:
    """Give a film's pictures these times, and leave out those for which there is none."""
    even = maker.folder / f"even-{gap}.mp4"
    if not even.exists():
        codec = ["-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", "-g", str(gap), "-x264-params", "scenecut=0"]
        film(maker, Film("a film like any other", codec, audio=(), size=(160, 96), seconds=6.0), even)
    with av.open(str(even)) as read, av.open(str(to), "w", format="mpegts") as write:
        stream: Any = read.streams.video[0]
        copy = write.add_stream_from_template(stream)
        for packet, time in zip(read.demux(stream), pts, strict=False):
            packet.time_base = Fraction(1, 90_000)
            packet.pts = packet.dts = time
            packet.stream = copy
            write.mux(packet)
    return to


def served(source: Path, into: Path, jail: Jail, lengths: Sequence[int], segment_ms: int) -> list[tuple[int, Fraction]]:
    """Prepare a film in spans of these lengths; return the pictures that are served."""
    into.mkdir()
    with pytest.MonkeyPatch.context() as change:
        cut(change, lengths, segment_ms)
        change.setattr(transcode, "_seeks", lambda chunk: iter((chunk.seek,)))  # at the first try
        made = prepare(source, into, jail)
    assert made.missing == 0
    assert all(len(digests) == 1 for digests in made.inits.values())
    return reading.pictures(made.films["240p"])
