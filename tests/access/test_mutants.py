"""Each condition of the policy matters: spoil any one of them, and a world tells the difference.

Those that no world can tell are listed with the reason in `equivalent_mutants.txt`, and are reviewed there.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from pathlib import Path

import pytest

from tests.access import reading
from tests.access.asking import condition
from tests.access.conftest import Town
from tests.access.hunting import Ground, survivors
from tests.access.mutants import Mutant, mutants
from tests.access.things import said

HEART = ("recording", "rec.watch")
#: The database works while one waits: as many at once as the smallest machine has cores.
HUNTERS = 2
LISTED = Path(__file__).with_name("equivalent_mutants.txt")


def _questions() -> list[tuple[str, str]]:
    """Give every question, the heart first and sharing next: what others repeat of them is spoilt there."""
    first = [HEART, ("recording", "rec.share")]
    return first + sorted(set(reading.RULES) - set(first))


def _every() -> Iterator[Mutant]:
    """Make every mutant; what the list excuses in one place alone is made again elsewhere."""
    return mutants(_questions(), {name for name, reason in _equivalent().items() if reason.startswith("Only there")})


def _equivalent() -> dict[str, str]:
    """Read the reviewed list: a reason, and below it the names of those that it excuses."""
    found: dict[str, str] = {}
    reason = ""
    for line in LISTED.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            reason = line.removeprefix("## ")
        elif line and not line.startswith("#"):
            found[line] = reason
    return found


@pytest.mark.slow
@pytest.mark.timeout(2400)
def test_p02_p05_p06_every_mutant_of_the_policy_is_caught(town: Town) -> None:
    made, listed = list(_every()), _equivalent()
    hunted = [mutant for mutant in made if mutant.name not in listed]
    blocks = [(block.sessions, block.worlds) for block in town.blocks]
    with ThreadPoolExecutor(HUNTERS) as hunters:
        shares = [hunted[at::HUNTERS] for at in range(HUNTERS)]
        survived = sorted(chain(*hunters.map(partial(survivors, blocks), shares)))
    caught = len(hunted) - len(survived)
    said(f"\n{len(made)} mutants: {caught} caught, {len(made) - len(hunted)} equivalent by review")
    said("\n".join(survived))
    assert survived == []
    assert len(hunted) >= 1_000


def test_the_reviewed_list_names_only_mutants_that_there_are() -> None:
    there = {mutant.name for mutant in _every()}
    assert sorted(set(_equivalent()) - there) == [], "The policy changed: review these anew, or take them off."


def test_every_reviewed_mutant_has_a_reason() -> None:
    assert [name for name, reason in _equivalent().items() if len(reason) < 20] == []


def test_an_unspoilt_policy_is_not_caught_and_an_open_one_is(town: Town) -> None:
    block = town.blocks[0]
    with block.sessions.begin() as session:
        ground = Ground(session, tuple(block.worlds))
        assert ground.differs(Mutant(*HEART, "nothing", f"({_heart()})")) is None
        assert ground.differs(Mutant(*HEART, "open to all", "true")) is not None


def _heart() -> str:
    return condition(*HEART)
