"""`python -m bench`: measure, compare with what was promised, write `bench/results.json`."""

import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from bench import memory, page, queue, upload, workers
from bench.films import film
from bench.ladder import Cost, plain
from bench.pipeline import Pipeline
from bench.results import Result, table, update, write
from bench.school import SENDER, School
from config import wire
from config.settings import Settings
from tests.left_out import chromium as find_chromium
from tests.running import Backrow, running
from video.errors import MediaError
from video.process import Jail

_FILE: Final = Path(__file__).with_name("results.json")
_POSTS: Final = 25
_FEW, _MANY, _MOST = 1, 100, 500
_LOOKS: Final = 25
_MIB: Final = 1024 * 1024
_HOUR_S: Final = 3600


@dataclass(frozen=True)
class Sizes:
    """How much is measured: lessons in seconds (one to warm up with, three to time), an upload, and a queue."""

    warm_s: int
    short_s: int
    long_s: int
    longest_s: int
    upload_mib: int
    jobs: int


_REAL, _QUICK = Sizes(4, 120, 1200, 3000, 1024, 2000), Sizes(4, 12, 60, 120, 64, 200)


@dataclass(frozen=True)
class First:
    """When the first second of a lesson could be watched, after its upload, and in how many pieces it is prepared."""

    seconds: float
    chunks: int


@dataclass
class Bench:
    """One run: everything that is measured is measured here and now, on one machine."""

    folder: Path
    sizes: Sizes
    jail: Jail
    counts_cpu: bool
    results: list[Result] = field(default_factory=list)

    def run(self) -> None:
        """Measure everything: first the product, then, when it has stopped, the plain ladder."""
        sizes = self.sizes
        _say("Filming the lessons …")
        lengths = (sizes.warm_s, sizes.short_s, sizes.long_s, sizes.longest_s)
        warm, short, long, longest = film(self.folder, self.jail, lasts_s=lengths)
        with self._product("product") as backrow:
            settings = Settings.from_env(backrow.environ)
            school, empty = self._opened(settings, warm)
            _say(f"Sending {sizes.short_s} s, and waiting until all of it is prepared …")
            before = workers.children_s()
            lesson = school.send("priya", short)
            short_s = school.first_second_s(lesson)
            school.wait_until_prepared(lesson)
            cpu_s = workers.spent_s(before, workers.children_s())
            _say(f"First watchable second after {short_s:.1f} s; all work on it took {cpu_s:.0f} s of CPU.")
            self._measure_page(school, settings, lesson, empty)
            self._measure_upload(school, settings, warm)
        first = self._first_second("longer", long, warm)
        last = self._first_second("longest", longest, warm)
        self._measure_queue(backrow.environ, last.chunks)
        _say("The plain ladder over two of the lessons, for comparison …")
        plain_short, plain_long = self._ladder(short), self._ladder(long)
        self.results[:0] = self._firsts(short_s, first, last, plain_long) + self._cpu(cpu_s, plain_short)
        self._measure_pipeline(short)

    def run_pieces(self) -> None:
        """Measure the pipeline's pieces alone."""
        _say("Filming a lesson …")
        (lesson,) = film(self.folder, self.jail, lasts_s=(self.sizes.short_s,))
        self._measure_pipeline(lesson)

    @contextmanager
    def _product(self, name: str) -> Iterator[Backrow]:
        with running(self.folder / name, BACKROW_JAIL="landlock" if self.counts_cpu else "auto") as backrow:
            yield backrow

    def _opened(self, settings: Settings, warm: Path) -> tuple[School, UUID]:
        school = School.founded(wire.tools(settings, wire.COMMAND))
        lesson = school.send("amina", warm)
        school.wait_until_prepared(lesson)
        return school, lesson

    def _first_second(self, name: str, lesson: Path, warm: Path) -> First:
        """Measure in a product of its own: in the first one, much is still to be done on another lesson."""
        _say(f"Sending {lesson.stem.removeprefix('lesson-')} …")
        with self._product(name) as backrow:
            school, _ = self._opened(Settings.from_env(backrow.environ), warm)
            sent = school.send("farid", lesson)
            first = First(school.first_second_s(sent), school.chunks(sent))
        shutil.rmtree(self.folder / name)
        _say(f"First watchable second after {first.seconds:.1f} s, of {first.chunks} chunks.")
        return first

    def _measure_pipeline(self, lesson: Path) -> None:
        if not self.counts_cpu:
            _say("Left out: what the pipeline's pieces cost (see below).")
            return
        _say("The pieces of the pipeline, one by one …")
        right_s = 10 * self.sizes.short_s
        for result in Pipeline(lesson, self.folder, self.jail, right_s).results():
            _say(f"{result.name}: {result.value:.3f}")
            self.results.append(result)

    def _ladder(self, lesson: Path) -> Cost:
        cost = plain(lesson, self.folder, self.jail)
        _say(f"Its end after {cost.wall_s:.0f} s; it took {cost.cpu_s:.0f} s of CPU.")
        return cost

    def _measure_page(self, school: School, settings: Settings, lesson: UUID, empty: UUID) -> None:
        school.share("priya")
        school.share("amina")
        reader = page.Reader(settings)
        school.note(lesson, until_there_are=_FEW, so_far=0)
        few = reader.queries(lesson, notes=_FEW)
        school.note(lesson, until_there_are=_MANY, so_far=_FEW)
        posted = self._measure_posts(settings, lesson)
        school.note(lesson, until_there_are=_MOST - posted, so_far=_MANY)
        most = reader.queries(lesson, notes=_MOST)
        for notes, count in ((_FEW, few), (_MOST, most)):
            shown = f"{notes} note{'s' if notes > 1 else ''}"
            self.results.append(Result(name=f"Queries of the lesson page with {shown}", value=count, most=12))
        full, bare = (statistics.median(each) for each in reader.times_s([lesson, empty], looks=_LOOKS))
        _say(f"The lesson page with {_MOST} notes takes {full * 1000:.0f} ms, an empty one {bare * 1000:.0f} ms.")
        name = f"Server's time for the lesson page with {_MOST} notes / with none, medians of {_LOOKS}"
        self.results.append(Result(name=name, value=full / bare, most=3))

    def _measure_posts(self, settings: Settings, lesson: UUID) -> int:
        program = find_chromium()
        if program is None:
            _say("Left out: from Post to shown (no Chromium here; install Debian's `chromium`).")
            return 0
        _say("Posting notes …")
        taken = page.posts_ms(settings.public_url, lesson, chromium=program, posts=_POSTS)
        name = f"From Post to shown, median of {_POSTS} on a lesson with {_MANY} notes, ms"
        median_ms = statistics.median(taken)
        self.results.append(Result(name=name, value=median_ms, most=100))
        _say(f"From Post to shown: median {median_ms:.0f} ms, from {min(taken):.0f} to {max(taken):.0f} ms.")
        return _POSTS

    def _measure_upload(self, school: School, settings: Settings, warm: Path) -> None:
        program = find_chromium()
        if program is None:
            _say("Left out: an upload through a browser (no Chromium here; install Debian's `chromium`).")
            return
        size = self.sizes.upload_mib
        _say(f"Sending {size} MiB, plainly and through a browser …")
        large = upload.padded(warm, self.folder / "large.mp4", size_bytes=size * _MIB)
        cycle_id, address, storage = school.agree(SENDER.key), settings.public_url, wire.storage(settings)
        before_s = upload.plain_s(address, storage, large)
        browser_s = upload.browser_s(address, SENDER, cycle_id, large, chromium=program)
        after_s = upload.plain_s(address, storage, large)
        peak_mib = max(memory.peaks_mib(b"gunicorn"))
        large.unlink()
        shown = ", ".join(f"{size / each:.0f}" for each in (before_s, browser_s, after_s))
        _say(f"MiB a second: {shown} (plain, browser, plain); no server process held more than {peak_mib:.0f} MiB.")
        name = f"Throughput of {size} MiB through a browser / of one plain PUT, mean of the ones before and after"
        self.results += [
            Result(name=name, value=(before_s + after_s) / 2 / browser_s, least=0.8),
            Result(name="Most memory of a server process at any time, MiB", value=peak_mib, most=200),
        ]

    def _measure_queue(self, environ: dict[str, str], chunks: int) -> None:
        a_second = queue.jobs_a_second(environ, jobs=self.sizes.jobs)
        longest = _length(self.sizes.longest_s)
        name = f"Jobs through the queue a second, {queue.WORKERS} workers ({chunks} make a {longest} lesson)"
        self.results.append(Result(name=name, value=a_second))
        an_hour = a_second * _HOUR_S / chunks
        _say(f"The queue passes on {a_second:.0f} jobs a second: at most {an_hour:.0f} {longest} lessons an hour.")

    def _firsts(self, short_s: float, long: First, longest: First, ladder: Cost) -> list[Result]:
        short, middle, last = (_length(each) for each in (self.sizes.short_s, self.sizes.long_s, self.sizes.longest_s))
        more = self.sizes.longest_s / self.sizes.long_s
        timed = f"end of a plain ladder, timed on the {middle} one × {more:g}"
        shares = [
            (middle, "end of a plain ladder", long.seconds / ladder.wall_s, 0.10),
            (middle, f"of a {short} lesson", long.seconds / short_s, 1.5),
            (last, timed, longest.seconds / (ladder.wall_s * more), 0.05),
            (last, f"of a {short} lesson", longest.seconds / short_s, 1.5),
        ]
        return [
            Result(name=f"First watchable second of a {length} lesson / {against}", value=value, most=most)
            for length, against, value, most in shares
        ]

    def _cpu(self, cpu_s: float, ladder: Cost) -> list[Result]:
        if not self.counts_cpu:
            _say("Left out: CPU (bubblewrap doesn't pass on what the programs within have used).")
            return []
        name = f"CPU of all work on a {_length(self.sizes.short_s)} lesson / of a plain ladder with one decode"
        return [Result(name=name, value=cpu_s / ladder.cpu_s, most=1.10)]


@click.command()
@click.option("--quick", is_flag=True, help="Short lessons, to see that the bench itself works; writes nothing.")
@click.option("--pieces", is_flag=True, help="The pipeline's pieces alone; other results stay as they were measured.")
def main(*, quick: bool, pieces: bool) -> None:
    """Measure what Backrow promises about time, on this machine; ends with 1 if a promise isn't kept."""
    folder = Path(tempfile.mkdtemp(prefix="backrow-bench-"))
    try:
        jail, counts_cpu = _jail()
        bench = Bench(folder, _QUICK if quick else _REAL, jail, counts_cpu)
        if pieces:
            bench.run_pieces()
        else:
            bench.run()
    finally:
        shutil.rmtree(folder)
    _say(f"\n{table(bench.results)}")
    if not quick:
        (update if pieces else write)(bench.results, _FILE)
    sys.exit(0 if all(result.holds for result in bench.results) else 1)


def _jail() -> tuple[Jail, bool]:
    """Choose a jail in which the kernel tells a worker what its programs have used, where there is one."""
    try:
        return Jail.choose("landlock"), True
    except MediaError:
        return Jail.choose(), False


def _length(lasts_s: int) -> str:
    minutes, seconds = divmod(lasts_s, 60)
    return f"{lasts_s}-second" if seconds else f"{minutes}-minute"


def _say(words: str) -> None:
    click.echo(words)


if __name__ == "__main__":
    main()
