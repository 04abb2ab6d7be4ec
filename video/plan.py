"""Turns what a probe found into work: chunks that can be encoded apart and joined without losing a frame."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Final, Self

from video import price
from video.colours import Light, Matrix
from video.errors import MediaError
from video.probe import Probe, Sound
from video.runs import STREAMS, Run, last_at_or_before
from video.sizes import Rendition, renditions

#: Every segment lies on this grid; a fragment is half of one, and begins with a whole picture.
SEGMENT_MS: Final = 4000
CELL_MS: Final = 2000
#: The first spans are short, so that the beginning can be watched at once; then every 32 s.
_OPENING_MS: Final = (0, 4000, 12_000, 28_000)
_SPAN_MS: Final = 32_000
#: Each sound track is listened to before one is chosen; a file may claim thousands.
_MOST_TRACKS: Final = 8


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """One span of the picture, whole in itself: all that encoding it needs to know about its file.

    `in_ms` and `out_ms` are on the lesson's clock. `t0`, `first`, `end`, `until`, `keys` and `seek` are in the
    stream's time base: time 0 of the lesson; the first frame; past the last frame; where the next picture begins;
    the first frame of each 2 s cell; the whole picture from which decoding must start. `from_byte` and `to_byte`
    are set where the file is several recordings in one. `matrix` is None in a plan that was made before colours were
    looked at: all of such a lesson's chunks say what the file says.
    """

    index: int
    in_ms: int
    out_ms: int
    frames: int
    t0: int
    first: int
    end: int
    until: int
    keys: tuple[int, ...]
    seek: int | None
    base: tuple[int, int]
    stream: int
    interlaced: bool
    light: Light
    from_byte: int | None = None
    to_byte: int | None = None
    matrix: Matrix | None = None
    full: bool = False

    @property
    def time_base(self) -> Fraction:
        """Seconds in one tick of the stream."""
        return Fraction(*self.base)

    def at_s(self, pts: int) -> Fraction:
        """Say when, on the lesson's clock and in seconds, a frame of this chunk is shown."""
        return (pts - self.t0) * self.time_base

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a database row."""
        return asdict(self) | {"keys": list(self.keys), "base": list(self.base)}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(**(row | {"keys": tuple(row["keys"]), "base": tuple(row["base"])}))


@dataclass(frozen=True, kw_only=True)
class SoundPart:
    """The sound of one run: `t0_s` is the lesson's time 0 on the file's clock; it ends at `end_s` of the lesson."""

    t0_s: float
    start_s: float
    end_s: float
    from_byte: int | None = None
    to_byte: int | None = None


@dataclass(frozen=True, kw_only=True)
class SoundPlan:
    """Which tracks there are to choose from, and the parts that follow each other on the lesson's clock.

    `crowded` tracks begin at the second named for each, of the file's clock, and are played through from there
    whatever their packets' times say. With `copied_rate`, samples a second, the sound may be kept as it came where it
    is as loud as it should be.
    """

    tracks: tuple[int, ...]
    parts: tuple[SoundPart, ...]
    crowded: dict[int, float]
    copied_rate: int | None = None

    @property
    def duration_ms(self) -> int:
        """How long the sound lasts: as long as the picture."""
        return round(self.parts[-1].end_s * 1000)

    def to_json(self) -> dict[str, Any]:
        """Return plain values for a database row."""
        crowded = [[track, start_s] for track, start_s in self.crowded.items()]
        parts = [asdict(part) for part in self.parts]
        return {"tracks": list(self.tracks), "parts": parts, "crowded": crowded, "copied_rate": self.copied_rate}

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> Self:
        """Read what `to_json` gave."""
        parts = tuple(SoundPart(**part) for part in row["parts"])
        crowded, rate = dict(row.get("crowded", ())), row.get("copied_rate")
        return cls(tracks=tuple(row["tracks"]), parts=parts, crowded=crowded, copied_rate=rate)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All the work that one recording is; chunks are in the lesson's order, and none is empty."""

    duration_ms: int
    frames: int
    renditions: tuple[Rendition, ...]
    chunks: tuple[Chunk, ...]
    sound: SoundPlan | None
    notes: tuple[str, ...]
    cost_s: float


def plan(probe: Probe) -> Plan:
    """Plan a recording; pure, so that the same probe always gives the same chunks.

    Raises:
        MediaError: `too_costly`, or `clock_broken` where the file's clock starts again in a kind of file that can't
            be taken apart there.
    """
    sizes = renditions(probe.picture.width, probe.picture.height)
    cost_s = price.afforded_s(probe, made_pixels=sum(size.width * size.height for size in sizes))
    if len(probe.runs) > 1 and probe.format not in STREAMS:
        raise MediaError("clock_broken")
    chunks, parts = _runs(probe)
    sounds = probe.sounds[:_MOST_TRACKS]
    return Plan(
        duration_ms=chunks[-1].out_ms,
        frames=probe.frames,
        renditions=sizes,
        chunks=tuple(chunks),
        sound=_sound(sounds, parts) if sounds else None,
        notes=probe.notes,
        cost_s=cost_s,
    )


def _sound(sounds: Sequence[Sound], parts: Iterable[SoundPart]) -> SoundPlan:
    return SoundPlan(
        tracks=tuple(sound.index for sound in sounds),
        parts=tuple(parts),
        crowded={sound.index: sound.start_s for sound in sounds if sound.crowded},
    )


def _runs(probe: Probe) -> tuple[list[Chunk], list[SoundPart]]:
    """Lay the file's runs one after another on the lesson's clock."""
    chunks: list[Chunk] = []
    parts: list[SoundPart] = []
    starts_s = Fraction(0)
    for place, run in enumerate(probe.runs):
        t0 = run.pts[0] - round(starts_s / probe.time_base)
        span = _bytes_of(probe, place)
        end_s = (run.end - t0) * probe.time_base
        # The next recording begins on the grid: no segment then holds frames of two clocks.
        next_s = -(-end_s * 1000 // SEGMENT_MS) * Fraction(SEGMENT_MS, 1000)
        until = run.end if place + 1 == len(probe.runs) else t0 + round(next_s / probe.time_base)
        chunks += _chunks(probe, run, t0=t0, index=len(chunks), span=span, run_until=until)
        parts.append(
            SoundPart(
                t0_s=float((t0 - run.late) * probe.time_base),
                start_s=float(starts_s),
                end_s=float(end_s),
                from_byte=span[0],
                to_byte=span[1],
            )
        )
        starts_s = next_s
    return chunks, parts


def span_starts() -> Iterator[int]:
    """Yield where spans begin, in ms: 0, 4000, 12000, 28000, and then every 32 s."""
    yield from _OPENING_MS
    at_ms = _OPENING_MS[-1]
    while True:
        at_ms += _SPAN_MS
        yield at_ms


def _bytes_of(probe: Probe, place: int) -> tuple[int | None, int | None]:
    if len(probe.runs) == 1:
        return None, None
    begins = probe.runs[place].first_byte if place else 0
    ends = probe.runs[place + 1].first_byte if place + 1 < len(probe.runs) else None
    return begins, ends


def _chunks(  # noqa: PLR0913 - one run, and where it lies in the lesson
    probe: Probe, run: Run, *, t0: int, index: int, span: tuple[int | None, int | None], run_until: int
) -> Iterator[Chunk]:
    groups = list(_spans(run, t0, probe.time_base))
    for place, (in_ms, out_ms, frames) in enumerate(groups):
        after = groups[place + 1] if place + 1 < len(groups) else None
        first = frames[0]
        until = after[2][0] if after else run_until
        yield Chunk(
            index=index,
            in_ms=in_ms,
            out_ms=out_ms if after else round((run.end - t0) * probe.time_base * 1000),
            frames=len(frames),
            t0=t0,
            first=first,
            end=until if after else frames[-1] + probe.step + 1,
            until=until,
            keys=_cells(frames, t0, probe.time_base),
            seek=None if index == 0 or first == run.pts[0] else last_at_or_before(run.keys, first - run.late),
            base=(probe.time_base.numerator, probe.time_base.denominator),
            stream=probe.picture.index,
            interlaced=probe.picture.interlaced,
            light=probe.picture.light,
            from_byte=span[0],
            to_byte=span[1],
            matrix=probe.picture.matrix,
            full=probe.picture.full,
        )
        index += 1


def _spans(run: Run, t0: int, base: Fraction) -> Iterator[tuple[int, int, list[int]]]:
    """Yield each span that holds frames: where it begins and ends, in ms, and its frames' pts."""
    starts = span_starts()
    in_ms, out_ms = next(starts), next(starts)
    limit = t0 + _ticks(out_ms, base)
    frames: list[int] = []
    for pts in run.pts:
        while pts >= limit:
            if frames:
                yield in_ms, out_ms, frames
                frames = []
            in_ms, out_ms = out_ms, next(starts)
            limit = t0 + _ticks(out_ms, base)
        frames.append(pts)
    yield in_ms, out_ms, frames


def _ticks(at_ms: int, base: Fraction) -> int:
    """Return the first whole tick at or after `at_ms`: a lesson has a hundred thousand frames to compare with it."""
    return math.ceil(Fraction(at_ms, 1000) / base)


def _cells(frames: list[int], t0: int, base: Fraction) -> tuple[int, ...]:
    found: dict[int, int] = {}
    up, down = base.numerator * 1000, base.denominator * CELL_MS  # whole numbers: as exact as fractions, and quick
    for pts in frames:
        found.setdefault((pts - t0) * up // down, pts)
    return tuple(found.values())
