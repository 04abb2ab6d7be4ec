"""Makes one plain MP4 of a stretch of a lesson, exact to the frame and to the sample, with as little work as can be.

What is served lies in fragments of two seconds that each begin with a whole picture and hold no B frames. So a stretch
that begins inside a fragment needs that fragment's rest encoded once more, from what is served and never from the film
itself; all that follows is copied bit for bit, up to the last frame before the end, since no frame leans on a later
one. Sound is copied too: an edit list says which samples of the first and last packets are heard, and one packet
before them is kept unheard, for the decoder to begin from.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from video import boxes, frames, progressive, recipe_export, samples
from video.errors import MediaError
from video.plan import CELL_MS
from video.process import Jail, Limits, nothing
from video.progressive import Strand
from video.recipe_export import Notice
from video.samples import Sample, Track
from video.segments import TICKS_PER_S
from video.sizes import Rendition

#: No export is longer: it is a stretch to show, and one file has to be carried.
LONGEST_MS: Final = 4 * 3600 * 1000
_TICKS_PER_MS: Final = TICKS_PER_S // 1000
_GIGABYTE: Final = 1024**3
#: Pixels that one core has been seen to encode in a second at the least, by the price list's own measure.
_PIXELS_PER_S: Final = 1.5e7


@dataclass(frozen=True, kw_only=True)
class Stored:
    """One rendition as it is kept: its init, and segments in their order, those of a stretch without a hole."""

    init: Path
    segments: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What an export became: its first frame's tick on the lesson's clock, its length, and its frames.

    `encoded` are those that had to be encoded once more; the others are the served ones, bit for bit.
    """

    path: Path
    first_tick: int
    duration_ms: int
    frames: int
    encoded: int


@dataclass(frozen=True)
class _Stretch:
    """The frames of a stretch: how many of the first lean on a whole picture before it, and where each begins."""

    kept: tuple[Sample, ...]
    leaning: int
    starts: tuple[int, ...]


def export(  # noqa: PLR0913 - of what, from where to where, and how: all of it named by the caller
    picture: Stored,
    sound: Stored | None,
    *,
    in_ms: int,
    out_ms: int,
    size: Rendition,
    into: Path,
    jail: Jail,
    notice: str | None = None,
    on_tick: Callable[[], None] = nothing,
) -> Exported:
    """Write `export.mp4`: from the first frame at or after `in_ms` to the last one before `out_ms`.

    It begins with that frame, at time 0, and ends at `out_ms`, picture and sound alike. With a `notice`, its words
    stand in every picture, and so every frame is encoded once more; so it is where the parameter sets would not fit.

    Raises:
        MediaError: `nothing_there` when no frame lies in the stretch; `too_costly` when it is longer than
            `LONGEST_MS`; `frames_lost`, retryable, when what is stored can't be read or ffmpeg ended badly.
    """
    if out_ms - in_ms > LONGEST_MS:
        raise MediaError("too_costly", detail=f"an export of {out_ms - in_ms} ms")
    try:
        track = samples.track_of(picture.init.read_bytes())
        stretch = _stretch(picture, in_ms * _TICKS_PER_MS, out_ms * _TICKS_PER_MS)
        job = _Job(picture, track, size, into, jail, on_tick)
        seen, encoded = job.with_notice(stretch, notice) if notice else job.as_served(stretch)
        strands = [seen]
        if sound is not None:
            strands += _heard(sound, first_tick=stretch.starts[0], end_tick=stretch.starts[-1])
    except boxes.BoxTrouble as error:
        raise MediaError("frames_lost", detail="export: a segment could not be read") from error
    made = into / "export.mp4"
    progressive.write(made, strands)
    ticks = stretch.starts[-1] - stretch.starts[0]
    return Exported(
        path=made,
        first_tick=stretch.starts[0],
        duration_ms=ticks // _TICKS_PER_MS,
        frames=len(stretch.kept),
        encoded=encoded,
    )


def _stretch(picture: Stored, begins: int, ends: int) -> _Stretch:
    found = samples.samples_of(picture.segments)
    kept = [sample for sample in found if begins <= sample.start < ends]
    if not kept:
        raise MediaError("nothing_there")
    leaning = next((place for place, sample in enumerate(kept) if sample.whole), len(kept))
    return _Stretch(tuple(kept), leaning, (*(sample.start for sample in kept), ends))


@dataclass(frozen=True)
class _Job:
    """One export's picture: what of it is encoded once more, and how."""

    picture: Stored
    track: Track
    size: Rendition
    into: Path
    jail: Jail
    on_tick: Callable[[], None]

    def as_served(self, stretch: _Stretch) -> tuple[Strand, int]:
        """Give the strand in which only what leans on an earlier picture was encoded once more."""
        if not stretch.leaning:
            return self._strand(self.track, stretch.kept, stretch), 0
        head = stretch.kept[: stretch.leaning]
        track, again = self._encode(head, (0,))
        if track.parameters != self.track.parameters:
            # One index has one set of parameters: where a newer encoder writes others, nothing can be joined to them.
            return self.with_notice(stretch, None)
        return self._strand(self.track, (*again, *stretch.kept[stretch.leaning :]), stretch), len(head)

    def with_notice(self, stretch: _Stretch, notice: str | None) -> tuple[Strand, int]:
        """Give the strand in which every frame was encoded once more, with words in it if there are any."""
        origin = stretch.starts[0]
        keys = [sample.start - origin for sample in stretch.kept if sample.whole]
        track, again = self._encode(stretch.kept, (0, *keys), notice)
        return self._strand(track, again, stretch), len(again)

    def _strand(self, track: Track, kept: Sequence[Sample], stretch: _Stretch) -> Strand:
        starts = [start - stretch.starts[0] for start in stretch.starts]
        return Strand(track=track, kind="vide", samples=kept, starts=starts, size=(self.size.width, self.size.height))

    def _encode(
        self, wanted: Sequence[Sample], keys: Sequence[int], notice: str | None = None
    ) -> tuple[Track, list[Sample]]:
        source = self._source(wanted)
        inputs, drawn = [source], None
        if notice:
            words = self.into / "notice.bgra"
            width, height = frames.write_notice(notice, words, width=self.size.width, height=self.size.height)
            inputs, drawn = [source, words], Notice(width=width, height=height)
        args = recipe_export.again(
            self.size, first=wanted[0].start, end=wanted[-1].start + 1, keys=sorted(set(keys)), notice=drawn
        )
        limits = self._limits(len(wanted) + CELL_MS // 10)
        ended = self.jail.run_ffmpeg(args, inputs=inputs, folder=self.into, limits=limits, on_tick=self.on_tick)
        for path in inputs:
            path.unlink()
        made = self.into / f"{self.size.name}.mp4"
        again = samples.samples_of([made]) if ended.code == 0 and made.exists() else []
        if len(again) != len(wanted):
            raise MediaError("frames_lost", detail=f"export: {len(again)} frames of {len(wanted)}, ended {ended.code}")
        with made.open("rb") as file:
            return samples.track_of(file.read(boxes.layout(made).init_size)), again

    def _source(self, wanted: Sequence[Sample]) -> Path:
        """Join the fragments that the wanted frames need, as a file of its own."""
        needed = {sample.path for sample in wanted}
        source = self.into / "export-source.mp4"
        with source.open("wb") as file:
            file.write(self.picture.init.read_bytes())
            for path in self.picture.segments:
                if path in needed:
                    for fragment in boxes.layout(path).fragments:
                        if fragment.start + fragment.duration > wanted[0].start and fragment.start <= wanted[-1].start:
                            file.write(_cut(path, fragment))
        return source

    def _limits(self, count: int) -> Limits:
        work_s = count * self.size.width * self.size.height / _PIXELS_PER_S
        return Limits(cpu_s=int(120 + work_s * 4), wall_s=240 + work_s * 8, memory_bytes=2 * _GIGABYTE)


def _cut(path: Path, fragment: boxes.Fragment) -> bytes:
    with path.open("rb") as file:
        file.seek(fragment.offset)
        return file.read(fragment.size)


def _heard(sound: Stored, *, first_tick: int, end_tick: int) -> list[Strand]:
    """Give the strand of sound that fits the picture to the sample; none where the sound is over by then."""
    track = samples.track_of(sound.init.read_bytes())
    per_tick = Fraction(track.ticks_per_s, TICKS_PER_S)
    begins, ends = round(first_tick * per_tick), round(end_tick * per_tick)
    found = samples.samples_of(sound.segments)
    inside = [place for place, sample in enumerate(found) if sample.start < ends and sample.end > begins]
    if not inside:
        return []
    # A packet is half of what is heard while the next one is: without the one before, the first would be wrong.
    kept = found[max(inside[0] - 1, 0) : inside[-1] + 1]
    origin = kept[0].start
    starts = [*(sample.start - origin for sample in kept), kept[-1].end - origin]
    skipped = max(begins - origin, 0)
    shown = min(ends - begins, starts[-1] - skipped)
    return [Strand(track=track, kind="soun", samples=kept, starts=starts, skipped=skipped, shown=shown)]
