"""`python -m tests.fleet.soak --minutes 5`: many films at once, through a fleet whose processes are killed at random.

On 127.0.0.1 alone; it ends by itself, and stops only what it has started.
"""

import random
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from http.client import HTTPException
from pathlib import Path
from typing import Final
from uuid import UUID

import click

from config import wire
from config.settings import Settings
from tests.e2e.town import AMINA, TOM, Town, settled
from tests.fleet import checking
from tests.fleet.calling import Caller
from tests.fleet.fleet import Fleet, grounded, left_running
from tests.running import until
from tests.video.lessons import Maker, Shot
from workers.handlers.keeping import sweep_now

#: Three pages, two streams, four workers, two clocks.
LARGE: Final = {"web": 3, "live": 2, "worker": 4, "clock": 2}
SMALL: Final = {"web": 2, "live": 1, "worker": 2, "clock": 1}
_BETWEEN_S: Final = (0.4, 2.5)
_REST_S: Final = 1200.0
#: What somebody gets who may not watch: it isn't there, or nobody is well enough to answer.
_NOTHING: Final = {404, 503}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much of everything; the seed repeats the same kills."""

    sizes: dict[str, int]
    films: int
    lasts_s: float
    kills_for_s: float
    seed: int


@dataclass
class Watch:
    """Asks again and again, while everything is being killed, what nobody but the teacher may see."""

    outsider: Caller
    lesson: UUID
    answers: Counter[int] = field(default_factory=Counter)
    _over: threading.Event = field(default_factory=threading.Event)

    def go_round(self) -> None:
        """Ask until told that it is over; silence of a killed process is no answer."""
        lesson = self.lesson
        paths = [f"/recordings/{lesson}", f"/media/{lesson}/master.m3u8", f"/api/v1/recordings/{lesson}/play"]
        while not self._over.wait(0.05):
            try:
                answer = self.outsider.once("GET", random.choice(paths))  # noqa: S311 - no secret
            except (OSError, HTTPException):
                continue
            self.answers[answer.status] += 1

    def end(self) -> None:
        """Say that it is over."""
        self._over.set()


@dataclass(frozen=True)
class Outcome:
    """What came of it."""

    kills: Counter[str]
    answers: Counter[int]
    problems: list[str]


def soak(folder: Path, plan: Plan) -> Outcome:
    """Send films at once, kill for a while, let it come to rest; compare with an undisturbed lesson."""
    film = filmed(folder / "film.mp4", plan.lasts_s)
    with grounded(folder) as fleet, settled(fleet) as town:
        _begin(fleet, plan.sizes)
        callers = {email: Caller(fleet, town.key(email)) for email in (AMINA, TOM)}
        turns = [town.turn() for _ in range(plan.films + 1)]
        first = callers[AMINA].send(film, turns.pop())
        _rest(fleet, town, [first])
        with town.sessions() as session:
            exact = checking.rows(session, first)
        watch = Watch(callers[TOM], first)
        with ThreadPoolExecutor(plan.films + 1) as threads:
            watching = threads.submit(watch.go_round)
            sent = [threads.submit(callers[AMINA].send, film, turn) for turn in turns]
            kills = _kill(fleet, random.Random(plan.seed), sent, plan.kills_for_s)  # noqa: S311 - no secret
            lessons = [first, *(one.result() for one in sent)]
            _rest(fleet, town, lessons)
            watch.end()
            watching.result()
        tools = wire.tools(Settings.from_env(fleet.environ), wire.COMMAND)
        sweep_now(replace(tools, sessions=town.sessions))
        found = checking.problems(town.sessions, town.storage, lessons, exact)
        wrong = {status: count for status, count in watch.answers.items() if status not in _NOTHING}
        found += [f"{count} answers {status} to somebody who may not watch" for status, count in wrong.items()]
    until(lambda: not left_running(folder), "no process is left", patience_s=30)
    return Outcome(kills, watch.answers, found)


def filmed(to: Path, lasts_s: float) -> bytes:
    """Film a lesson of moving, numbered pictures with beeps."""
    return Maker(to.parent).film(to, Shot(width=640, height=360, seconds=lasts_s)).path.read_bytes()


def _begin(fleet: Fleet, sizes: dict[str, int]) -> None:
    for kind, count in sizes.items():
        fleet.start(kind, count)
    fleet.wait_until_served()


def _kill(fleet: Fleet, chance: random.Random, sent: list[Future[UUID]], lasts_s: float) -> Counter[str]:
    """Kill some process or other every now and then; each is started again at once."""
    kills: Counter[str] = Counter()
    over = time.monotonic() + lasts_s
    while time.monotonic() < over:
        if any(one.done() and one.exception() for one in sent):
            break  # a refusal is worth looking at, not burying
        member = chance.choice(fleet.members)
        fleet.kill(member)
        kills[member.kind] += 1
        time.sleep(chance.uniform(*_BETWEEN_S))
    return kills


def _rest(fleet: Fleet, town: Town, lessons: list[UUID]) -> None:
    def rested() -> bool:
        assert all(member.alive for member in fleet.members), [m.name for m in fleet.members if not m.alive]
        with town.sessions() as session:
            return checking.prepared(session, lessons)

    until(rested, f"{len(lessons)} lessons are prepared", patience_s=_REST_S)


@click.command()
@click.option("--minutes", type=float, default=5.0, show_default=True, help="How long processes are killed.")
@click.option("--films", type=int, default=20, show_default=True)
@click.option("--seconds", type=float, default=12.0, show_default=True, help="How long each film lasts.")
@click.option("--seed", type=int, default=None, help="Repeat the same kills.")
def main(*, minutes: float, films: int, seconds: float, seed: int | None) -> None:
    """Carry films through a fleet that is being killed; ends with 1 if anything is lost, doubled or left over."""
    seed = random.randrange(10**6) if seed is None else seed  # noqa: S311 - no secret
    click.echo(f"Seed {seed}.")
    with tempfile.TemporaryDirectory(prefix="backrow-soak-") as folder:
        began = time.monotonic()
        plan = Plan(sizes=LARGE, films=films, lasts_s=seconds, kills_for_s=minutes * 60, seed=seed)
        came = soak(Path(folder), plan)
        click.echo(
            f"{films} films in {time.monotonic() - began:.0f} s; {came.kills.total()} kills: {dict(came.kills)}."
        )
    click.echo(f"Answers to somebody who may not watch: {dict(came.answers)}.")
    click.echo("\n".join(came.problems) or "0 lost, 0 doubled, 0 left over.")
    sys.exit(1 if came.problems else 0)


if __name__ == "__main__":
    main()
