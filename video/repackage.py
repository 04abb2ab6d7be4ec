"""Finds films that are right as they came: their pictures are served as they are, without being encoded again.

Right is what every browser shows, what begins anew on our grid of segments, and what any line that plays our own sizes
can play. One size is enough then; and where the sound is right as well, preparing such a lesson is hardly more than
copying it.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final

from video.plan import SEGMENT_MS, Chunk, Plan
from video.probe import Probe, Sound
from video.sizes import Rendition

#: What our own middle size needs on average; there is no smaller one beside a film that is copied.
_MOST_BITS_PER_S: Final = 1_000_000
_TALLEST: Final = 720
#: A shorter film costs nothing, and says little of where its pictures begin anew.
_LEAST_MS: Final = 10_000
#: How many spans at the beginning are left short, and how many of the others become one.
_ALONE, _TOGETHER = 3, 15
#: About what copying takes of what decoding and encoding would.
_COPIED_COST: Final = 0.02
_SOUND_RATES: Final = (44_100, 48_000)
#: An encoder's first packets lie before time 0, and are left out; what comes later than this would be a gap.
_EARLIEST_S, _LATEST_S = -0.1, 0.05


def as_it_came(probe: Probe, planned: Plan) -> Plan | None:
    """Plan the same film without encoding its picture, nor its sound where that is right, too; None where it isn't."""
    size = right(probe)
    if size is None:
        return None
    sound = planned.sound and replace(planned.sound, copied_rate=sound_rate(probe))
    chunks = tuple(_joined(group) for group in _groups(planned.chunks))
    return replace(planned, renditions=(size,), chunks=chunks, sound=sound, cost_s=planned.cost_s * _COPIED_COST)


def right(probe: Probe) -> Rendition | None:
    """Give the one rendition that is the film as it came; None where it has to be encoded."""
    picture = probe.picture
    lasts_ms = probe.duration_ms
    fits = lasts_ms >= _LEAST_MS and probe.size_bytes * 8000 <= _MOST_BITS_PER_S * lasts_ms
    if not (fits and picture.straight and probe.whole and len(probe.runs) == 1):
        return None
    even = picture.coded_width % 2 == 0 and picture.coded_height % 2 == 0
    upright = (picture.width, picture.height, picture.rotation) == (picture.coded_width, picture.coded_height, 0)
    shown_everywhere = picture.light == "sdr" and picture.matrix in {"bt709", "bt601"} and not picture.full
    if not (even and upright and shown_everywhere and picture.height <= _TALLEST and _on_the_grid(probe)):
        return None
    return Rendition(
        name=f"{picture.height}p",
        width=picture.width,
        height=picture.height,
        crf=24,
        profile="high",
        level="4.0",
        copied=True,
    )


def sound_rate(probe: Probe) -> int | None:
    """Give the samples a second of a sound that can be copied; None where it has to be encoded."""
    if len(probe.sounds) != 1 or len(probe.runs) != 1:
        return None
    (sound,), (run,) = probe.sounds, probe.runs
    begins_s, ends_s = float(run.pts[0] * probe.time_base), float(run.end * probe.time_base)
    in_place = _EARLIEST_S <= sound.start_s - begins_s <= _LATEST_S and abs(sound.end_s - ends_s) <= -_EARLIEST_S
    return sound.rate if in_place and _plain(sound) else None


def _groups(chunks: Sequence[Chunk]) -> list[Sequence[Chunk]]:
    """Leave the short first spans as they are, and join later ones: copying takes no time, but starting does."""
    first, rest = chunks[:_ALONE], chunks[_ALONE:]
    return [[chunk] for chunk in first] + [rest[at : at + _TOGETHER] for at in range(0, len(rest), _TOGETHER)]


def _joined(chunks: Sequence[Chunk]) -> Chunk:
    last = chunks[-1]
    return replace(
        chunks[0],
        index=min(chunks[0].index, _ALONE) + max(chunks[0].index - _ALONE, 0) // _TOGETHER,
        out_ms=last.out_ms,
        frames=sum(chunk.frames for chunk in chunks),
        end=last.end,
        until=last.until,
        keys=tuple(key for chunk in chunks for key in chunk.keys),
    )


def _plain(sound: Sound) -> bool:
    return sound.straight and not sound.crowded and sound.rate in _SOUND_RATES and 1 <= sound.channels <= 2  # noqa: PLR2004 - stereo


def _on_the_grid(probe: Probe) -> bool:
    """Tell whether the first picture of every segment is a whole one."""
    (run,) = probe.runs
    keys = set(run.keys)
    last = -1
    for pts in run.pts:
        cell = int((pts - run.pts[0]) * probe.time_base / Fraction(SEGMENT_MS, 1000))
        if cell != last and pts not in keys:
            return False
        last = cell
    return run.late == 0
