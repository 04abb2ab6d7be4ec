"""Chunks share out every frame, once, on the grid, whatever the times are."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from video.errors import MediaError
from video.plan import Chunk, Plan, SoundPlan, plan, span_starts
from video.probe import Picture, Probe, Sound
from video.runs import Run
from video.sizes import Rendition, renditions

_PICTURE = Picture(
    index=0, codec="h264", width=640, height=480, coded_width=640, coded_height=480, rotation=0,
    interlaced=False, light="sdr", matrix="bt601", full=False, straight=False,
)  # fmt: skip
_SOUND = Sound(index=1, codec="aac", channels=2, rate=48_000, start_s=0.0, end_s=1e9, crowded=False, straight=False)


def probed(*runs: tuple[int, ...], base: Fraction = Fraction(1, 90_000), kind: str = "mpegts") -> Probe:
    """A probe of frames at these times, a whole picture each tenth."""
    made = tuple(
        Run(pts=pts, keys=pts[::10], end=pts[-1] + 3000, first_byte=place * 1000) for place, pts in enumerate(runs)
    )
    return Probe(
        format=kind, size_bytes=10**9, time_base=base, picture=_PICTURE, sounds=(_SOUND,), runs=made, step=3000,
        vfr=False, whole=True,
    )  # fmt: skip


def shown_by(planned: Plan, probe: Probe) -> list[list[int]]:
    """List what ffmpeg's trim lets through for each chunk."""
    pts = [time for run in probe.runs for time in run.pts]
    return [[time for time in pts if chunk.first <= time < chunk.end] for chunk in planned.chunks]


times = st.lists(st.integers(min_value=1, max_value=900_000), min_size=1, max_size=120).map(
    lambda steps: tuple(sum(steps[: place + 1]) for place in range(len(steps)))
)


@settings(max_examples=150)
@given(pts=times, start=st.integers(min_value=-(2**33), max_value=2**33))
def test_each_frame_lies_in_exactly_one_chunk(pts: tuple[int, ...], start: int) -> None:
    probe = probed(tuple(time + start for time in pts))
    planned = plan(probe)
    shown = shown_by(planned, probe)
    assert [time for frames in shown for time in frames] == list(probe.runs[0].pts)
    for chunk, frames in zip(planned.chunks, shown, strict=True):
        assert len(frames) == chunk.frames > 0
        assert chunk.first == frames[0] == chunk.keys[0]
        assert chunk.in_ms % 4000 == 0
        assert chunk.in_ms <= chunk.at_s(frames[0]) * 1000
        assert chunk.seek is None or chunk.seek <= chunk.first
        cells = [int(chunk.at_s(key) // 2) for key in chunk.keys]
        assert cells == sorted({int(chunk.at_s(time) // 2) for time in frames})
    assert planned.chunks[0].at_s(planned.chunks[0].first) == 0


@settings(max_examples=50)
@given(pts=times)
def test_a_chunk_ends_where_the_next_begins(pts: tuple[int, ...]) -> None:
    planned = plan(probed(pts))
    for chunk, after in zip(planned.chunks, planned.chunks[1:], strict=False):
        assert chunk.until == chunk.end == after.first
    assert planned.chunks[-1].until == pts[-1] + 3000
    assert planned.chunks[-1].out_ms == planned.duration_ms


def test_spans_are_short_at_first() -> None:
    assert list(islice(span_starts(), 7)) == [0, 4000, 12_000, 28_000, 60_000, 92_000, 124_000]


def test_the_same_probe_gives_the_same_plan() -> None:
    probe = probed(tuple(range(0, 9_000_000, 3000)))
    assert plan(probe) == plan(probe)


def test_two_clocks_follow_each_other_on_the_grid() -> None:
    half = tuple(range(500_000, 500_000 + 90_000 * 5, 3000))
    planned = plan(probed(half, half))
    second = next(chunk for chunk in planned.chunks if chunk.from_byte)
    assert second.at_s(second.first) == 8
    assert (second.in_ms, second.from_byte, second.to_byte) == (4000, 1000, None)
    assert planned.duration_ms == 13_000
    assert planned.sound is not None
    assert [(part.start_s, part.end_s) for part in planned.sound.parts] == [(0.0, 5.0), (8.0, 13.0)]


def test_two_clocks_in_a_file_that_cannot_be_taken_apart_are_refused() -> None:
    with pytest.raises(MediaError) as refused:
        plan(probed((0, 3000), (0, 3000), kind="matroska,webm"))
    assert refused.value.code == "clock_broken"


def test_plans_come_back_from_a_database_row() -> None:
    planned = plan(probed(tuple(range(0, 9_000_000, 3000))))
    for chunk in planned.chunks:
        assert Chunk.from_json(json.loads(json.dumps(chunk.to_json()))) == chunk
    for size in planned.renditions:
        assert Rendition.from_json(json.loads(json.dumps(size.to_json()))) == size
    assert planned.sound is not None
    for sound in (planned.sound, replace(planned.sound, crowded={3: 0.5})):
        assert SoundPlan.from_json(json.loads(json.dumps(sound.to_json()))) == sound


@pytest.mark.parametrize(
    ("width", "height", "sizes"),
    [
        pytest.param(1920, 1080, ["426x240", "854x480", "1280x720"], id="full HD"),
        pytest.param(1080, 1920, ["136x240", "270x480", "404x720"], id="upright phone"),
        pytest.param(640, 360, ["426x240"], id="small"),
        pytest.param(321, 241, ["320x240"], id="odd"),
        pytest.param(99, 75, ["98x74"], id="smaller than the smallest"),
        pytest.param(1, 1, ["2x2"], id="one pixel"),
    ],
)
def test_renditions_are_even_and_never_taller_than_the_recording(width: int, height: int, sizes: list[str]) -> None:
    assert [f"{size.width}x{size.height}" for size in renditions(width, height)] == sizes
