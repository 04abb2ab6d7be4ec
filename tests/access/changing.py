"""How a world is changed: changes by name, so that a failure can say what was done, and whom they fall on."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

from tests.access.facts import Project, Recording, Someone, Version, World
from tests.access.short import current
from tests.access.stage import DAY

Change = Callable[[World, Random], None]
CHANGES: dict[str, Change] = {}
MOMENT = timedelta(microseconds=1)


def change(made: Change) -> Change:
    """Keep a change under its name."""
    CHANGES[made.__name__] = made
    return made


def around(w: World, rng: Random) -> datetime:
    """Choose an instant round now: limits must be judged to the microsecond."""
    return w.now + rng.choice([-DAY, -MOMENT, timedelta(), timedelta(), MOMENT, DAY])


def some_project(w: World, rng: Random) -> Project:
    """Choose a project: mostly the larger one."""
    return rng.choice([w.projects[0], w.projects[0], *w.projects])


def some_recording(w: World, rng: Random) -> Recording:
    """Choose a recording: mostly the first."""
    return rng.choice([w.recordings[0], w.recordings[0], *w.recordings])


def anyone(w: World, rng: Random) -> Someone:
    """Choose a person: an owner, somebody on a roster, or anyone at all."""
    entries = [each.person for v in some_project(w, rng).versions for each in v.entries]
    return rng.choice([some_recording(w, rng).owner, rng.choice(entries), rng.choice(list(w.people.values()))])


def agreed(w: World, rng: Random) -> Version:
    """Choose a version that binds somebody: the current one, or the one that a recording is bound to."""
    r = some_recording(w, rng)
    return rng.choice([v for v in (current(r.project), r.bound) if v] or r.project.versions)
