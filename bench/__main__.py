"""`python -m bench`: measure, compare with what was promised, write `bench/results.json`."""

import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from bench import page, workers
from bench.films import film
from bench.ladder import Cost, plain
from bench.results import Result, table, write
from bench.school import School
from config import wire
from config.settings import Settings
from tests.left_out import chromium as find_chromium
from tests.running import running
from video.errors import MediaError
from video.process import Jail

_FILE: Final = Path(__file__).with_name("results.json")
_POSTS: Final = 25
_FEW, _MANY, _MOST = 1, 100, 300


@dataclass(frozen=True)
class Lengths:
    """How long the lessons are, in seconds: one to warm up with, a short one, and a long one."""

    warm_s: int
    short_s: int
    long_s: int


_REAL, _QUICK = Lengths(4, 120, 1200), Lengths(4, 12, 60)


@dataclass
class Bench:
    """One run: everything that is measured is measured here and now, on one machine."""

    folder: Path
    lengths: Lengths
    jail: Jail
    counts_cpu: bool
    results: list[Result] = field(default_factory=list)

    def run(self) -> None:
        """Measure everything: first the product, then, when it has stopped, the plain ladder."""
        lengths = self.lengths
        _say("Filming the lessons …")
        warm, short, long = film(self.folder, self.jail, lasts_s=(lengths.warm_s, lengths.short_s, lengths.long_s))
        jail = "landlock" if self.counts_cpu else "auto"
        with running(self.folder / "product", BACKROW_JAIL=jail) as backrow:
            settings = Settings.from_env(backrow.environ)
            school = School.founded(wire.tools(settings, wire.COMMAND))
            school.wait_until_prepared(school.send("amina", warm))
            _say(f"Sending {lengths.short_s} s, and waiting until all of it is prepared …")
            before = workers.children_s()
            lesson = school.send("priya", short)
            short_s = school.first_second_s(lesson)
            school.wait_until_prepared(lesson)
            cpu_s = workers.spent_s(before, workers.children_s())
            _say(f"First watchable second after {short_s:.1f} s; all work on it took {cpu_s:.0f} s of CPU.")
            self._measure_page(school, settings, lesson)
            _say(f"Sending {lengths.long_s} s …")
            long_s = school.first_second_s(school.send("farid", long))
            _say(f"First watchable second after {long_s:.1f} s.")
        _say("The plain ladder over both lessons, for comparison …")
        plain_short, plain_long = self._ladder(short), self._ladder(long)
        self._compare(short_s, long_s, cpu_s, (plain_short, plain_long))

    def _ladder(self, lesson: Path) -> Cost:
        cost = plain(lesson, self.folder, self.jail)
        _say(f"Its end after {cost.wall_s:.0f} s; it took {cost.cpu_s:.0f} s of CPU.")
        return cost

    def _measure_page(self, school: School, settings: Settings, lesson: UUID) -> None:
        school.share("priya")
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

    def _compare(self, short_s: float, long_s: float, cpu_s: float, ladders: tuple[Cost, Cost]) -> None:
        short, long = (f"{_length(each)} lesson" for each in (self.lengths.short_s, self.lengths.long_s))
        plain_short, plain_long = ladders
        first = "First watchable second of a"
        compared = [
            Result(name=f"{first} {long} / end of a plain ladder", value=long_s / plain_long.wall_s, most=0.10),
            Result(name=f"{first} {long} / of a {short}", value=long_s / short_s, most=1.5),
        ]
        if self.counts_cpu:
            name = f"CPU of all work on a {short} / of a plain ladder with one decode"
            compared.append(Result(name=name, value=cpu_s / plain_short.cpu_s, most=1.10))
        else:
            _say("Left out: CPU (bubblewrap doesn't pass on what the programs within have used).")
        self.results[:0] = compared


@click.command()
@click.option("--quick", is_flag=True, help="Short lessons, to see that the bench itself works; writes nothing.")
def main(*, quick: bool) -> None:
    """Measure what Backrow promises about time, on this machine; ends with 1 if a promise isn't kept."""
    folder = Path(tempfile.mkdtemp(prefix="backrow-bench-"))
    try:
        jail, counts_cpu = _jail()
        bench = Bench(folder, _QUICK if quick else _REAL, jail, counts_cpu)
        bench.run()
    finally:
        shutil.rmtree(folder)
    _say(f"\n{table(bench.results)}")
    if not quick:
        write(bench.results, _FILE)
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
