"""How loud a lesson's sound is, and what brings it to where a voice is heard without reaching for the volume.

A room's microphone is often 20 dB below what one is used to. The sound is encoded in one pass whose first piece is
wanted at once, so that its loudness can't be measured on all of it before: it is measured on short stretches from the
beginning to the end, as EBU R 128 asks (ITU-R BS.1770-4), and one gain is used for the whole lesson, which keeps quiet
moments quieter than loud ones.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from video import recipe
from video.plan import SoundPlan
from video.process import Jail, Limits, nothing

#: Louder than television's -23 LUFS, as for small loudspeakers.
TARGET_LUFS: Final = -18.0
#: What is quieter than this is a room in which nobody speaks; to raise it would be to play noise.
_SILENCE_LUFS: Final = -55.0
_MOST_GAIN_DB: Final = 20.0
_STRETCHES, _STRETCH_S = 8, 10.0
_INTEGRATED: Final = re.compile(r"^\s+I:\s+(-?[\d.]+) LUFS", re.MULTILINE)
_LIMITS: Final = Limits(cpu_s=120, wall_s=240.0, memory_bytes=2 * 1024**3)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """The track to hear, and by how many dB it is raised or lowered."""

    track: int
    gain_db: float


def choose(run: Path, sound: SoundPlan, *, into: Path, jail: Jail, on_tick: Callable[[], None] = nothing) -> Heard:
    """Choose the loudest track, since some cameras put a silent one first, and measure it."""
    places = _places(sound)
    found: dict[int, float] = {}
    for track in sound.tracks:
        args = recipe.loudness(track, places, lasts_s=_STRETCH_S if places[0] is not None else _STRETCHES * _STRETCH_S)
        ended = jail.run_ffmpeg(args, inputs=[run], folder=into, limits=_LIMITS, on_tick=on_tick)
        measured = _INTEGRATED.findall(ended.err)
        found[track] = float(measured[-1]) if measured else float("-inf")
    track = max(sound.tracks, key=lambda each: found[each])
    return Heard(track=track, gain_db=gain_db(found[track]))


def gain_db(lufs: float) -> float:
    """Say by how much a sound of this loudness is raised, or lowered if it is negative; silence is left as it is."""
    return 0.0 if lufs < _SILENCE_LUFS else round(min(TARGET_LUFS - lufs, _MOST_GAIN_DB), 1)


def _places(sound: SoundPlan) -> list[float | None]:
    """Say where to listen, in seconds from the file's beginning; None: from the beginning, without seeking."""
    lasts_s = sound.duration_ms / 1000
    if len(sound.parts) > 1 or sound.crowded or lasts_s <= _STRETCHES * _STRETCH_S:
        return [None]
    return [lasts_s * (number + 0.5) / _STRETCHES - _STRETCH_S / 2 for number in range(_STRETCHES)]
