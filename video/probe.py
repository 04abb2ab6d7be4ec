"""Says what a recording truly holds, from its packets and not from what its head claims, without trusting it."""

import json
import re
import sys
import tempfile
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from video.colours import Light, Matrix, full_of, light_of, matrix_of
from video.errors import MediaError
from video.process import Finished, Jail, Limits, Task, TimeUp, nothing
from video.runs import Run, runs_of, uneven

_CHILD: Final = Path(__file__).with_name("probe_child.py")
_LARGEST: Final = (8192, 4320)
#: A day at 60 a second; the probe's child stops counting just above it.
_MOST_FRAMES: Final = 5_184_000
_INTERLACED_ORDERS: Final = frozenset({2, 3, 4, 5})
_SHORT_BY_S: Final = 1.0
#: So many times longer than the stretch that it lies in, a track's sound can't be where it says that it is.
_CROWDED: Final = 2.0
#: Two samples' rounding, over all packets of a track that has no gap.
_GAPLESS_S: Final = 0.01
_LIMITS: Final = Limits(cpu_s=240, wall_s=900.0, memory_bytes=3 * 1024**3, output_bytes=0)
_MOST_OUT_BYTES: Final = 256 * 1024**2
#: How a file begins whose kind keeps an index that can be missing: MP4's boxes, and Matroska's first mark.
_INDEXED: Final = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")
#: What the library says of a picture that is larger than it would ever decode.
_NO_SUCH_SIZE: Final = re.compile(r"Picture size \d+x\d+ is invalid")
_MATROSKA: Final = b"\x1aE\xdf\xa3"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """The picture's facts: `width` and `height` as they are seen, upright and with square pixels.

    `straight`: H.264 as every browser plays it, whose packets are all shown, in their order, and whose whole pictures
    need nothing before them: it can be cut at these without being decoded.
    """

    index: int
    codec: str
    width: int
    height: int
    coded_width: int
    coded_height: int
    rotation: int
    interlaced: bool
    light: Light
    matrix: Matrix
    full: bool
    straight: bool


@dataclass(frozen=True, kw_only=True)
class Sound:
    """One sound track that has packets; its times are in seconds of the file's own clock.

    `crowded`: its packets lie on top of one another, so that their times can't be right: they are played one after
    another from `start_s`, and `end_s` is where that ends. `straight`: AAC as every browser plays it, without a gap.
    """

    index: int
    codec: str
    channels: int
    rate: int
    start_s: float
    end_s: float
    crowded: bool
    straight: bool


@dataclass(frozen=True, kw_only=True)
class Probe:
    """All that is known of a recording before it is prepared; times are integers in `time_base`."""

    format: str
    size_bytes: int
    time_base: Fraction
    picture: Picture
    sounds: tuple[Sound, ...]
    runs: tuple[Run, ...]
    step: int
    vfr: bool
    whole: bool

    @property
    def frames(self) -> int:
        """How many frames are shown."""
        return sum(len(run.pts) for run in self.runs)

    @property
    def duration_ms(self) -> int:
        """How long the picture lasts, from its first frame's beginning to its last one's end."""
        ticks = sum(run.end - run.pts[0] for run in self.runs)
        return round(ticks * self.time_base * 1000)

    @property
    def notes(self) -> tuple[str, ...]:
        """Codes of what the teacher should be told though the lesson can be watched."""
        found = [] if self.whole else ["partial"]
        if not self.sounds:
            found.append("no_audio")
        elif len(self.runs) == 1:
            end_s = float(self.runs[0].end * self.time_base)
            if max(sound.end_s for sound in self.sounds) < end_s - _SHORT_BY_S:
                found.append("short_audio")
        return tuple(found)


def probe(source: Path, *, jail: Jail, on_tick: Callable[[], None] = nothing, only_s: float | None = None) -> Probe:
    """Read what `source` holds, inside the jail, and refuse what Backrow can't show.

    With `only_s` the look ends as many seconds after the picture's first packet: what it says of the end is then the
    look's, not the film's.

    Raises:
        MediaError: `empty`, `not_video`, `no_video`, `incomplete`, `too_big`, `too_costly` or `clock_broken`; nothing
            is kept of the file in any case.
    """
    size_bytes = source.stat().st_size
    if size_bytes == 0:
        raise MediaError("empty")
    with tempfile.TemporaryDirectory() as folder:
        argv = (sys.executable, "-I", str(_CHILD), "{0}", *([] if only_s is None else [str(only_s)]))
        task = Task(argv=argv, folder=Path(folder), limits=_LIMITS, inputs=(source,), most_out_bytes=_MOST_OUT_BYTES)
        try:
            ended = jail.run(task, on_tick=on_tick)
        except TimeUp as error:
            raise MediaError("too_costly", detail="the probe did not end in time") from error
    try:
        return _understood(ended, source, size_bytes)
    except MediaError as error:
        if error.code in {"not_video", "incomplete"} and _NO_SUCH_SIZE.search(ended.err):
            raise MediaError("too_big") from error
        raise


def _understood(ended: Finished, source: Path, size_bytes: int) -> Probe:
    line, _, table = ended.out.partition(b"\n")
    try:
        head: dict[str, Any] = json.loads(line) if line else {"opened": False}
        if not head["opened"] or not (head["picture"] or head["sounds"]):
            raise MediaError("incomplete" if _has_an_index(source) else "not_video")
        if head["picture"] is None:
            raise MediaError("no_video")
        if head["picture"]["too_big"]:
            raise MediaError("too_big")
        if head["packets"] > _MOST_FRAMES:
            raise MediaError("too_costly", detail="more frames than a day holds")
        rows = array("q", table[: len(table) // 32 * 32])
        if sys.byteorder == "big":
            rows.byteswap()
        return _probe_of(head, rows, size_bytes)
    except (ValueError, KeyError, TypeError, IndexError, ZeroDivisionError) as error:
        raise MediaError("not_video", detail=f"the probe made no sense ({type(error).__name__})") from error


def _has_an_index(source: Path) -> bool:
    with source.open("rb") as file:
        begins = file.read(12)
    return begins[4:8] in _INDEXED or begins[:4] == _MATROSKA


def _probe_of(head: dict[str, Any], rows: "array[int]", size_bytes: int) -> Probe:
    base = Fraction(*head["picture"]["time_base"])
    look = head["look"] or {}
    depth, first = (int(look.get("depth", 0)), None) if head["guessed"] else (0, look.get("first"))
    runs, step, lost_tail = runs_of(rows, base, kind=str(head["format"]), depth=depth, first=first)
    if not runs:
        raise MediaError("incomplete" if head["format"].startswith("mov") else "not_video", detail="no frames")
    picture = _picture(head["picture"], look)
    return Probe(
        format=str(head["format"]),
        size_bytes=size_bytes,
        time_base=base,
        picture=picture,
        sounds=_sounds(head["sounds"], head["ends"]),
        runs=runs,
        step=step,
        vfr=uneven([run.pts for run in runs], step, base),
        # Where two recordings were pasted together one packet is always torn: that is no loss of the lesson.
        whole=(bool(head["whole"]) or len(runs) > 1) and not lost_tail,
    )


def _picture(facts: dict[str, Any], look: dict[str, Any]) -> Picture:
    coded_width, coded_height = int(look.get("width", facts["width"])), int(look.get("height", facts["height"]))
    ratio = Fraction(*facts["sar"]) or Fraction(1)
    # A head may hold nonsense here (a real file claims thousands of quarter turns): only quarter turns are believed.
    turned = int(look.get("rotation", 0))
    rotation = turned % 360 if turned % 90 == 0 and abs(turned) <= 360 else 0  # noqa: PLR2004 - degrees
    width, height = max(round(coded_width * ratio), 1), coded_height
    if rotation in {90, 270}:
        width, height = height, width
    if max(coded_width, coded_height) > max(_LARGEST) or min(coded_width, coded_height) > min(_LARGEST):
        raise MediaError("too_big")  # the head had said less than the picture itself does
    if not (coded_width > 0 and coded_height > 0):
        raise MediaError("not_video", detail="the picture has no size")
    light = light_of(facts, look)
    return Picture(
        index=int(facts["index"]),
        codec=str(facts["codec"]),
        width=width,
        height=height,
        coded_width=coded_width,
        coded_height=coded_height,
        rotation=rotation,
        interlaced=bool(look.get("interlaced")) or int(facts["field_order"]) in _INTERLACED_ORDERS,
        light=light,
        matrix=matrix_of(facts, look, light=light),
        full=full_of(facts, look),
        straight=bool(facts["straight"]),
    )


def _sounds(facts: list[dict[str, Any]], ends: list[list[float]]) -> tuple[Sound, ...]:
    stretches = {int(index): (float(start), float(end), float(long)) for index, start, end, long in ends}
    return tuple(
        _sound(fact, *stretches[fact["index"]]) for fact in facts if fact["index"] in stretches and fact["codec"]
    )


def _sound(fact: dict[str, Any], start_s: float, end_s: float, long_s: float) -> Sound:
    crowded = long_s > _CROWDED * (end_s - start_s)
    return Sound(
        index=int(fact["index"]),
        codec=str(fact["codec"]),
        channels=int(fact["channels"]),
        rate=int(fact["rate"]),
        start_s=start_s,
        end_s=start_s + long_s if crowded else end_s,
        crowded=crowded,
        straight=bool(fact["plain"]) and abs(long_s - (end_s - start_s)) <= _GAPLESS_S,
    )
