"""What the pieces of the pipeline cost beside each other: the pipeline's own functions, in the jail, without the rest.

CPU is this process's and that of all programs it ran: both sides of a ratio are measured in one run.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.films import FilmTrouble, right_film, still_film
from bench.results import Result
from config import children
from video import recipe_export, repackage, storyboard
from video.export import Stored, export
from video.plan import Plan, plan
from video.probe import probe
from video.process import Jail, Limits
from video.segments import InitFile, SegmentFile
from video.sound import encode_sound
from video.transcode import Encoded, encode_chunk

_LIMITS: Final = Limits(cpu_s=7200, wall_s=7200.0)
_EXPORT_S: Final = 60
_PAIRS: Final = 5
_SPAN_S: Final = 32.0
_KIB_A_MIB: Final = 1024
#: Run as a process of its own, so that the kernel counts nobody else's memory.
_ONE_CHUNK: Final = """
import resource, sys, tempfile
from pathlib import Path
from video.plan import plan
from video.probe import probe
from video.process import Jail
from video.transcode import encode_chunk
film, jail = Path(sys.argv[1]), Jail.choose(sys.argv[2])
planned = plan(probe(film, jail=jail))
with tempfile.TemporaryDirectory() as into:
    encode_chunk(film, planned.chunks[-1], renditions=planned.renditions, into=Path(into), jail=jail)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@dataclass(frozen=True)
class Made:
    """A film as workers leave it: what each chunk became, and its sound."""

    planned: Plan
    chunks: list[Encoded]
    sound: list[tuple[InitFile, SegmentFile]]


@dataclass(frozen=True)
class Pipeline:
    """One film to try everything on, of one to three minutes, and where to work."""

    film: Path
    folder: Path
    jail: Jail
    right_s: int

    def results(self) -> Iterator[Result]:
        """Measure everything that counts CPU; the jail must be one in which the kernel counts it."""
        with TemporaryDirectory(dir=self.folder) as into:
            planned = plan(probe(self.film, jail=self.jail))
            made = _made(self.film, planned, Path(into), self.jail)
            yield self._export(made)
            yield self._storyboard(made)
        yield self._two_workers(planned)
        yield self._jail(planned)
        yield self._copied()
        yield self._memory()

    def _export(self, made: Made) -> Result:
        """Save a minute from the middle, beside encoding all of that minute once more."""
        size = made.planned.renditions[-1]
        segments = [segment for chunk in made.chunks for segment in chunk.segments if segment.rendition == size.name]
        init = next(init for init in made.chunks[0].inits if init.rendition == size.name)
        begins_ms = made.planned.duration_ms // 3 + 1234
        ends_ms = min(begins_ms + _EXPORT_S * 1000, made.planned.duration_ms)
        touched = [one.path for one in segments if one.start_ms < ends_ms and _end_ms(one) > begins_ms]
        picture = Stored(init=init.path, segments=tuple(touched))
        heard = [piece for _, piece in made.sound if piece.start_ms < ends_ms and _end_ms(piece) > begins_ms]
        sound = Stored(init=made.sound[0][0].path, segments=tuple(piece.path for piece in heard))
        with TemporaryDirectory(dir=self.folder) as into:
            saved = partial(export, picture, sound, in_ms=begins_ms, out_ms=ends_ms, size=size)
            exported = cpu_s(lambda: saved(into=Path(into), jail=self.jail))
            whole = Path(into) / "whole.mp4"
            whole.write_bytes(b"".join(path.read_bytes() for path in [init.path, *touched]))
            args = recipe_export.again(size, first=begins_ms * 90, end=ends_ms * 90)
            again = cpu_s(lambda: _ran(self.jail, args, whole, Path(into)))
        name = f"CPU of an exact export of {_EXPORT_S} s / of encoding these again"
        return Result(name=name, value=exported / again, most=0.10)

    def _storyboard(self, made: Made) -> Result:
        """Make the small pictures of the smallest size, beside decoding the film once."""
        size = made.planned.renditions[0]
        segments = [segment for chunk in made.chunks for segment in chunk.segments if segment.rendition == size.name]
        init = next(init for init in made.chunks[0].inits if init.rendition == size.name)
        with TemporaryDirectory(dir=self.folder) as into:

            def work() -> None:
                film = Path(into) / "whole-pictures.mp4"
                pieces = [storyboard.first_fragment(segment.path) for segment in segments]
                film.write_bytes(init.path.read_bytes() + b"".join(pieces))
                storyboard.make_storyboard(
                    film,
                    size=(size.width, size.height),
                    pictures=len(pieces),
                    into=Path(into),
                    jail=self.jail,
                )

            made_s = cpu_s(work)
            args = ["-v", "error", "-threads", "1", "-i", "{0}", "-map", "0:v", "-f", "null", "-"]
            decoded_s = cpu_s(lambda: _ran(self.jail, args, self.film, Path(into)))
        return Result(name="CPU of a storyboard / of one decode of the film", value=made_s / decoded_s, most=0.10)

    def _two_workers(self, planned: Plan) -> Result:
        """Encode a film with one worker and with two, each with a program of its own."""

        def work(workers: int) -> float:
            with TemporaryDirectory(dir=self.folder) as into, ThreadPoolExecutor(workers) as pool:
                began = time.monotonic()
                _encoded(self.film, planned, Path(into), self.jail, pool)
                return time.monotonic() - began

        alone = work(1)
        return Result(name="Time for a film with two workers / with one", value=work(2) / alone, most=0.60)

    def _jail(self, planned: Plan) -> Result:
        """Encode one whole span in the jail and outside it, in turns."""
        span = max(planned.chunks, key=lambda chunk: chunk.frames)
        outside = Jail.choose("off")
        taken: dict[bool, list[float]] = {True: [], False: []}
        for turn in range(2 * _PAIRS):
            shut = turn % 2 == 0
            with TemporaryDirectory(dir=self.folder) as into:
                jail = Jail.choose() if shut else outside
                began = time.monotonic()
                encode_chunk(self.film, span, renditions=planned.renditions[:1], into=Path(into), jail=jail)
                taken[shut].append(time.monotonic() - began)
        name = f"Time for a span of {(span.out_ms - span.in_ms) / 1000:.0f} s in the jail / outside, best of {_PAIRS}"
        return Result(name=name, value=min(taken[True]) / min(taken[False]), most=1.03)

    def _copied(self) -> Result:
        """Prepare a film that is right as it came, beside encoding it."""
        film = right_film(self.folder, self.jail, lasts_s=self.right_s)
        found = probe(film, jail=self.jail)
        encoded = plan(found)
        copied = repackage.as_it_came(found, encoded)
        if copied is None:
            raise FilmTrouble("the film that was to be right isn't")
        copying_s, encoding_s = (self._prepared_s(film, each) for each in (copied, encoded))
        film.unlink()
        name = f"CPU of preparing a right film of {self.right_s} s as it came / of encoding it"
        return Result(name=name, value=copying_s / encoding_s, most=0.03)

    def _prepared_s(self, film: Path, planned: Plan) -> float:
        with TemporaryDirectory(dir=self.folder) as into:
            return cpu_s(lambda: _made(film, planned, Path(into), self.jail))

    def _memory(self) -> Result:
        """Encode one span of a film in 4K HEVC, and see how much the largest program held."""
        film = still_film(self.folder, self.jail, lasts_s=int(_SPAN_S / 4))
        argv = [sys.executable, "-c", _ONE_CHUNK, str(film), self.jail.rung]
        code, said = children.run(argv, timeout_s=600)
        film.unlink()
        if code != 0:
            raise FilmTrouble(said[-500:])
        return Result(
            name="Most memory of a span of 4K HEVC, MiB", value=sum(map(int, said.split())) / _KIB_A_MIB, most=600
        )


def cpu_s(work: Callable[[], object]) -> float:
    """Do some work, and say how many seconds of all cores together it took, here and in programs that have ended."""
    before = _used_s()
    work()
    return _used_s() - before


def _used_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _made(film: Path, planned: Plan, into: Path, jail: Jail) -> Made:
    with ThreadPoolExecutor(1) as pool:
        chunks, sound = _encoded(film, planned, into, jail, pool)
    return Made(planned, chunks, sound)


def _encoded(
    film: Path, planned: Plan, into: Path, jail: Jail, pool: ThreadPoolExecutor
) -> tuple[list[Encoded], list[tuple[InitFile, SegmentFile]]]:
    pieces: list[tuple[InitFile, SegmentFile]] = []
    waiting = []
    for chunk in planned.chunks:
        folder = into / str(chunk.index)
        folder.mkdir()
        waiting.append(pool.submit(encode_chunk, film, chunk, renditions=planned.renditions, into=folder, jail=jail))
    if planned.sound is not None:
        folder = into / "sound"
        folder.mkdir()
        heard = pool.submit(
            encode_sound, film, planned.sound, into=folder, jail=jail, on_segment=lambda *piece: pieces.append(piece)
        )
        heard.result()
    return [each.result() for each in waiting], pieces


def _end_ms(segment: SegmentFile) -> int:
    return (segment.start_ticks + segment.duration_ticks) // 90


def _ran(jail: Jail, args: list[str], film: Path, into: Path) -> None:
    ended = jail.run_ffmpeg(args, inputs=[film], folder=into, limits=_LIMITS)
    if ended.code != 0:
        raise FilmTrouble(ended.err[-500:])
