"""Encodes the whole lesson's sound in one pass, and hands each piece over as soon as it lies on the disk."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from video import boxes, loudness, recipe, recipe_copy
from video.errors import MediaError
from video.plan import SoundPlan
from video.process import Jail, Limits, nothing
from video.segments import TICKS_PER_S, InitFile, SegmentFile, cut_init, cut_run, cut_segment

#: The name of the sound's rendition.
SOUND: Final = "sound"
#: How ffmpeg ends, at its very end, when more than two thirds of what it decoded was damaged (its `max_error_rate`).
_MOSTLY_DAMAGED: Final = 69
_RATE: Final = 48_000
#: Nobody reaches for the volume for so little: sound that is right otherwise is kept as it came.
_AS_LOUD_DB: Final = 2.0
_GIGABYTE: Final = 1024**3


@dataclass(frozen=True, kw_only=True)
class EncodedSound:
    """What the sound became; all its pieces have been handed over by then. None of them: nothing could be heard."""

    init: InitFile | None
    pieces: int
    duration_ticks: int


def encode_sound(  # noqa: PLR0913 - what to do, with what, where and how long: all of it named by the caller
    source: Path,
    sound: SoundPlan,
    *,
    into: Path,
    jail: Jail,
    on_segment: Callable[[InitFile, SegmentFile], None],
    on_tick: Callable[[], None] = nothing,
    voices_masked: bool = False,
) -> EncodedSound:
    """Encode the sound from time 0 to the picture's end; `on_segment` is called in order, while the pass still runs.

    A piece's file may be deleted once `on_segment` has returned. The loudest track is taken where there are several,
    and brought to where a voice is heard; with `voices_masked`, as a whisper.

    Raises:
        MediaError: `frames_lost`, retryable: ffmpeg ended badly; pieces handed over so far are of no use.
    """
    runs = [cut_run(source, into, from_byte=part.from_byte, to_byte=part.to_byte) for part in sound.parts]
    heard = loudness.choose(runs[0], sound, into=into, jail=jail, on_tick=on_tick)
    ends = round(sound.parts[-1].end_s * TICKS_PER_S)
    kept = abs(heard.gain_db) <= _AS_LOUD_DB and not voices_masked
    copied_rate = sound.copied_rate if kept else None
    growing = _Growing(into / f"{SOUND}.mp4", on_segment, ends=ends, rate=copied_rate or _RATE)

    def tick() -> None:
        growing.hand_over()
        on_tick()

    limits = _limits(sound)
    crowded_from_s = sound.crowded.get(heard.track)
    args = recipe.sound(
        heard.track,
        sound.parts,
        gain_db=heard.gain_db,
        crowded_from_s=crowded_from_s,
        voices_masked=voices_masked,
    )
    if copied_rate:
        args = recipe_copy.sound(heard.track, sound.parts[0], rate=copied_rate)
    ended = jail.run_ffmpeg(args, inputs=runs, folder=into, limits=limits, on_tick=tick)
    if ended.code not in {0, _MOSTLY_DAMAGED}:
        raise MediaError("frames_lost", detail=f"sound: ffmpeg ended with {ended.code}")
    growing.hand_over(last=True)
    return EncodedSound(init=growing.init, pieces=growing.pieces, duration_ticks=growing.duration_ticks)


def _limits(sound: SoundPlan) -> Limits:
    lasts_s = sound.duration_ms / 1000
    return Limits(cpu_s=int(300 + lasts_s / 2), wall_s=600 + lasts_s, memory_bytes=2 * _GIGABYTE)


class _Growing:
    """The file that ffmpeg is still writing: what of it is whole is cut off and handed over."""

    def __init__(
        self, made: Path, on_segment: Callable[[InitFile, SegmentFile], None], *, ends: int, rate: int
    ) -> None:
        self._made, self._on_segment, self._ends = made, on_segment, ends
        self._ticks_per_sample = TICKS_PER_S / rate
        self._read_to = 0
        self.init: InitFile | None = None
        self.pieces = 0
        self.duration_ticks = 0

    def hand_over(self, *, last: bool = False) -> None:
        """Cut off what has become whole since the last call; the newest fragment waits for the next, or the end."""
        if not self._made.exists():
            return
        layout = boxes.layout(self._made, after=self._read_to)
        if self.init is None and layout.init_size:
            self.init = cut_init(self._made, layout.init_size, rendition=SOUND)
        if self.init is None:
            return
        for fragment in layout.fragments:
            start = round(fragment.start * self._ticks_per_sample)
            end = round((fragment.start + fragment.duration) * self._ticks_per_sample)
            self._read_to = fragment.offset + fragment.size
            if start > self._ends:
                continue  # where nothing at all could be decoded, ffmpeg ends the silence with a moment from nowhere
            piece = cut_segment(self._made, [fragment], rendition=SOUND, index=self.pieces, ticks=(start, end))
            self.pieces += 1
            self.duration_ticks = end
            self._on_segment(self.init, piece)
        if last and not self.pieces:
            self.init = None  # a head without any sound
