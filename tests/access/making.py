"""Worlds for the second reading: each from a seed, so that a failure can be made again."""

from datetime import datetime
from random import Random

from tests.access import changes_of_lessons, changes_of_people
from tests.access.changing import CHANGES
from tests.access.facts import World
from tests.access.stage import stage

LOADED = changes_of_lessons, changes_of_people


def random_world(seed: int, now: datetime) -> World:
    """Make a world in which a few things have changed, at random."""
    rng = Random(seed)  # noqa: S311 - worlds, not secrets
    return changed(stage(rng, now), rng, rng.choices(list(CHANGES), k=rng.choice([1, 2, 3, 4, 6])))


def world_with(seed: int, now: datetime, *names: str) -> World:
    """Make a world in which nothing but what is named has changed, with every clause at its widest."""
    rng = Random(f"{seed} {names}")  # noqa: S311 - worlds, not secrets
    return changed(stage(rng, now, generous=True), rng, list(names))


def changed(w: World, rng: Random, names: list[str]) -> World:
    """Change a world; it remembers how."""
    for name in names:
        CHANGES[name](w, rng)
    w.told = names
    return w
