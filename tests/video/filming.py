"""Makes the films of `corpus`, each from how its row says that it is made, and knows what is true of it."""

import functools
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np

from tests.video.cards import body_of, strip_of
from tests.video.lessons import BITS, RATE, STRIP, Maker
from video.process import Jail, Limits

#: Containers that count milliseconds; the others hold a 25th of a second to the tick of 1/90000 s.
_COARSE = frozenset({".mkv", ".webm", ".flv", ".wmv", ".asf"})


@dataclass(frozen=True)
class Film:
    """One row of the corpus: how a film is made, and what is true of it where that isn't plain from how it is made.

    Pictures are numbered from 0, `fps` a second; a beep begins with each whole second. `chain` are filters that bend
    the picture after it was drawn, `sound_chain` the sound. `bend` is done to the finished file: it gets the maker,
    the file and where to put the other. With `fields` a frame holds two half pictures, and the later one's number is
    one more. `colour` is how far the mean patch, and the worst one, may be off, of 255. `missing` is how many pictures
    the file has lost. Only with `again` may a second try be needed.
    """

    why: str
    video: Sequence[str]
    _: KW_ONLY
    audio: Sequence[str] = ("-c:a", "aac", "-b:a", "96k")
    size: tuple[int, int] = (320, 180)
    fps: int = 25
    seconds: float = 5.0
    pixels: str = "yuv420p"
    matrix: Literal["bt601", "bt709"] = "bt601"
    tagged: bool = True
    hdr: Literal["smpte2084", "arib-std-b67"] | None = None
    chain: Sequence[str] = ()
    sound_chain: Sequence[str] = ()
    sound_s: float | None = None
    options: Sequence[str] = ()
    bend: Callable[[Maker, Path, Path], None] | None = None
    fields: bool = False
    upright: tuple[int, int] | None = None
    numbers: Sequence[int] | None = None
    times_s: Sequence[float] | None = None
    beeps_s: Sequence[float] | None = None
    colour: tuple[float, float] = (2.0, 4.0)
    notes: Sequence[str] = ()
    missing: int = 0
    vfr: bool = False
    again: bool = False

    @property
    def full(self) -> bool:
        """Say whether black is 0 and white 255."""
        return self.pixels.startswith(("yuvj", "gray"))

    @property
    def encoders(self) -> list[str]:
        """Name what an ffmpeg must have to make it."""
        said = [*self.video, *self.audio]
        return [name for option, name in pairwise(said) if option in {"-c:v", "-c:a"}]

    @property
    def frames(self) -> int:
        """How many pictures are drawn (of half pictures: pairs)."""
        return round(self.seconds * self.fps)

    @property
    def true_numbers(self) -> list[int]:
        """Every shown picture's number."""
        return list(range(self.frames)) if self.numbers is None else list(self.numbers)

    @property
    def true_times_s(self) -> list[float]:
        """When each is shown, from the first."""
        if self.times_s is not None:
            return list(self.times_s)
        return [(number - self.true_numbers[0]) / self.fps for number in self.true_numbers]

    @property
    def true_beeps_s(self) -> list[float]:
        """When each beep begins, from the first picture."""
        if self.beeps_s is not None or not self.audio:
            return list(self.beeps_s or ())
        return [float(second) for second in range(math.ceil(min(self.sound_s or self.seconds, self.seconds)))]


def film(maker: Maker, row: Film, to: Path) -> None:
    """Make one row's film."""
    made = to.with_name(f"flat-{to.name}") if row.bend else to
    strip, body = to.with_name(f"{to.name}.strip"), to.with_name(f"{to.name}.body")
    width, height = row.size
    high = height // STRIP // 2 * 2
    strip.write_bytes(strip_of(_numbers(row)))
    body.write_bytes(body_of(width, height - high))
    drawn = row.fps * (2 if row.fields else 1)
    inputs: list[str | Path] = ["-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{BITS}x2", "-r", str(drawn), "-i", strip]
    inputs += ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{width}x{height - high}", "-r", str(drawn), "-i", body]
    graph = _picture(row, width, high)
    sound: list[str] = []
    if row.audio:
        graph += ";" + ",".join([_beeps(row.sound_s or row.seconds), *row.sound_chain]) + "[a]"
        sound = ["-map", "[a]", *row.audio]
    maker.ffmpeg(*inputs, "-filter_complex", graph, "-map", "[v]", *row.video, *sound, *row.options, made)
    strip.unlink()
    body.unlink()
    if row.bend:
        row.bend(maker, made, to)
        made.unlink(missing_ok=True)


def _numbers(row: Film) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
    return (np.arange(row.frames * 2) + 1) // 2 if row.fields else np.arange(row.frames)


def _beeps(seconds: float) -> str:
    return f"aevalsrc='if(lt(mod(t,1),0.05),0.7*sin(2*PI*880*t),0)':s={RATE}:d={seconds}"


def _picture(row: Film, width: int, high: int) -> str:
    still = "[1:v]tpad=stop=-1:stop_mode=clone,format=gbrp[body]"
    strip = f"[0:v]scale={width}:{high}:flags=neighbor,format=gbrp[strip]"
    return ";".join([strip, still, ",".join(["[strip][body]vstack=shortest=1", *_colours(row), *row.chain]) + "[v]"])


def _colours(row: Film) -> list[str]:
    if row.hdr:
        # Diffuse white at 203 cd/m², where BT.2408 has it.
        given = "setparams=colorspace=gbr:color_primaries=bt709:color_trc=bt709:range=pc"
        up = f"zscale=t={row.hdr}:p=bt2020:m=bt2020nc:r=tv:npl=203"
        return [given, "zscale=t=linear:npl=203,format=gbrpf32le", up, f"format={row.pixels}"]
    if row.pixels.startswith(("gbr", "rgb")):
        return [f"format={row.pixels}"]
    spread = "pc" if row.full else "tv"
    made = f"scale=out_color_matrix={row.matrix}:out_range={spread}:flags=accurate_rnd+full_chroma_int"
    said = f"setparams=color_primaries={_SAID[row.matrix]}:color_trc={_SAID[row.matrix]}:colorspace={_SAID[row.matrix]}"
    unsaid = "setparams=color_primaries=unknown:color_trc=unknown:colorspace=unknown"
    return [made, f"format={row.pixels}", f"{said}:range={spread}" if row.tagged else unsaid]


_SAID = {"bt601": "smpte170m", "bt709": "bt709"}


def left_out(row: Film) -> str | None:
    """Name the encoder that the ffmpeg in use lacks for a film, or None."""
    there = _encoders()
    return next((name for name in row.encoders if name not in there), None)


def within_s(name: str) -> float:
    """Say how far a picture's time may be off in this kind of file."""
    return 0.001 if Path(name).suffix in _COARSE else 1 / 90_000


@functools.cache
def _encoders() -> frozenset[str]:
    with tempfile.TemporaryDirectory() as folder:
        ended = Jail.choose("off").run_ffmpeg(["-encoders"], folder=Path(folder), limits=Limits(cpu_s=10, wall_s=30.0))
    return frozenset(line.split()[1] for line in ended.out.decode().splitlines() if len(line.split()) > 1)
