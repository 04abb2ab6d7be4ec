"""Tells, for each stretch of a lesson, whether it is quiet, one voice is heard, or many: for its teacher alone.

One voice has pauses: its loudness rises and falls with every phrase. Many at once fill each other's pauses, and the
loudness stays even. That is the method of Owens et al., "Classroom sound can be used to classify teaching practices
in college science courses", PNAS 114 (2017): mean and spread of loudness, no words, no voices told apart. It says
what could be heard, never who, and never whether that was good.
"""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np

from video import recipe
from video.errors import MediaError
from video.process import Jail, Limits, nothing

#: Each letter of a strip stands for so long.
CELL_MS: Final = 2000
_RATE: Final = 8000
_FRAME_S: Final = 0.1
_FRAMES_A_CELL: Final = int(CELL_MS / 1000 / _FRAME_S)
#: A cell is judged with what lies round it: phrases and the pauses between them last some seconds.
_ROUND_CELLS: Final = 2
#: Of full scale; lessons are brought to -18 LUFS before, so that a voice lies near -20 dB.
_QUIET_DB: Final = -42.0
#: A pause is so much softer than what is loud around it.
_PAUSE_DB: Final = 12.0
#: One voice pauses for at least this share of its time.
_PAUSING: Final = 0.15
_LOUD_SHARE, _HEARD_SHARE = 90, 75
_FULL_SCALE: Final = 32768.0
_FLOOR: Final = 1e-5

_Levels = np.ndarray[tuple[int, ...], np.dtype[np.float64]]


class Heard(StrEnum):
    """What can be heard in a cell; the letters are kept."""

    QUIET = "q"
    ONE_VOICE = "o"
    MANY_VOICES = "m"


def make_strip(sound: Path, *, lasts_ms: int, into: Path, jail: Jail, on_tick: Callable[[], None] = nothing) -> str:
    """Return a letter of `Heard` for each two seconds of a lesson's served sound.

    Raises:
        MediaError: `frames_lost`, retryable, when the sound can't be read.
    """
    lasts_s = lasts_ms / 1000
    limits = Limits(cpu_s=int(120 + lasts_s / 10), wall_s=240 + lasts_s / 5, output_bytes=int(lasts_s + 60) * _RATE * 2)
    ended = jail.run_ffmpeg(recipe.samples(_RATE), inputs=[sound], folder=into, limits=limits, on_tick=on_tick)
    made = into / recipe.SAMPLES
    if ended.code != 0 or not made.exists():
        raise MediaError("frames_lost", detail=f"sound strip: ffmpeg ended with {ended.code}")
    try:
        return strip_of(levels(made))
    finally:
        made.unlink()


def levels(samples: Path) -> _Levels:
    """Measure the loudness of each tenth of a second, in dB of full scale."""
    a_frame = int(_RATE * _FRAME_S)
    heard = np.fromfile(samples, dtype="<i2")
    heard = heard[: len(heard) // a_frame * a_frame].reshape(-1, a_frame)
    # A row at a time: the whole in floats would take four times the room.
    power = np.fromiter((np.mean((row / _FULL_SCALE) ** 2) for row in heard), dtype=np.float64, count=len(heard))
    return 10 * np.log10(np.maximum(power, _FLOOR**2))


def strip_of(level_db: _Levels) -> str:
    """Judge each cell by the levels in and round it."""
    letters = []
    for begins in range(0, len(level_db), _FRAMES_A_CELL):
        ends, side = begins + _FRAMES_A_CELL, _ROUND_CELLS * _FRAMES_A_CELL
        letters.append(_judge(level_db[max(begins - side, 0) : ends + side], level_db[begins:ends]))
    return "".join(letters)


def _judge(around: _Levels, cell: _Levels) -> Heard:
    if np.percentile(cell, _HEARD_SHARE) < _QUIET_DB:
        return Heard.QUIET
    loud = np.percentile(around, _LOUD_SHARE)
    pausing = float(np.mean(around < loud - _PAUSE_DB))
    return Heard.ONE_VOICE if pausing >= _PAUSING else Heard.MANY_VOICES


def stretches(strip: str) -> list[tuple[int, int, Heard]]:
    """Join equal neighbours: from and until when, in ms, what can be heard."""
    found: list[tuple[int, int, Heard]] = []
    for place, letter in enumerate(strip):
        begins, ends = place * CELL_MS, (place + 1) * CELL_MS
        if found and found[-1][2] == letter:
            found[-1] = (found[-1][0], ends, found[-1][2])
        else:
            found.append((begins, ends, Heard(letter)))
    return found


def calm(strip: str, *, least_ms: int) -> list[tuple[int, int, Heard]]:
    """Give the stretches of a strip, with those shorter than `least_ms` taken into the one before."""
    found: list[tuple[int, int, Heard]] = []
    for begins, ends, heard in stretches(strip):
        if found and (ends - begins < least_ms or found[-1][2] == heard):
            found[-1] = (found[-1][0], ends, found[-1][2])
        else:
            found.append((begins, ends, heard))
    return found
