"""The policy and a second reading of the rule book, asked the same: they must agree about everybody and everything."""

from collections import Counter
from random import Random

import pytest

from tests.access import asking, reading
from tests.access.asked_one_by_one import Triple, button, fair_sample, listed, loaded
from tests.access.conftest import Town
from tests.access.facts import World
from tests.access.things import said, things

SEED = 20_260_312
#: Asked one by one: of each action so many of each answer.
EACH = 8
#: No action's answers are vacuous: each is given at least so often.
AT_LEAST = 8
#: 'Later' has no meaning for what shows a thing, nor where whoever sees a thing may always do it.
NEVER_LATER = {*reading.SHOWN_BY.items(), ("protocol_version", "protocol.read")}


def test_every_action_of_the_product_is_read_a_second_time() -> None:
    assert asking.registered() == set(reading.RULES)


def test_p02_p06_p12_policy_and_second_reading_agree_about_every_triple(town: Town) -> None:
    wrong, asked, given = [], 0, 0
    for block in town.blocks[::2]:
        with block.sessions.begin() as session:
            for table, action in sorted(reading.RULES):
                due = set().union(*(asking.expected(w, table, action) for w in block.worlds))
                found = asking.pairs(session, table, asking.condition(table, action), [w.id for w in block.worlds])
                wrong += [f"{action} on a {table}: who may, of {_told(block.worlds, found ^ due)}"] * (found != due)
                asked += sum(len(w.people) * len(things(w)[table]) for w in block.worlds)
                given += len(due)
    said(f"\n{asked} triples, {given} of them yes; {len(wrong)} differences")
    assert wrong == []
    assert asked >= 10_000


def _told(worlds: list[World], pairs: asking.Pairs) -> list[tuple[str, list[str]]]:
    """Say who differs, and what was done to their world."""
    who = {person for person, _ in pairs}
    return [(p.name, w.told) for w in worlds for p in w.people.values() if p.id in who][:3]


@pytest.fixture(scope="module")
def sample(town: Town) -> dict[reading.Answer, list[Triple]]:
    """Triples that are fair to every answer; the seed gives the same ones again."""
    said(f"\nseed {SEED}")
    return fair_sample(town.worlds[::2], Random(SEED), each=EACH)  # noqa: S311 - a sample, not a secret


def test_the_sample_is_fair_to_every_answer(sample: dict[reading.Answer, list[Triple]]) -> None:
    given = {answer: Counter((t.table, t.action) for t in triples) for answer, triples in sample.items()}
    for question in reading.RULES:
        assert given["yes"][question] >= AT_LEAST, question
        if question[0] != "alliance":
            assert given["none"][question] >= AT_LEAST, question
        if question[0] in reading.SHOWN_BY and question not in NEVER_LATER:
            assert given["later"][question] >= AT_LEAST, question


def test_p02_p08_loads_and_buttons_answer_as_the_second_reading(
    town: Town, sample: dict[reading.Answer, list[Triple]]
) -> None:
    wrong, asked = [], 0
    for block in town.blocks:
        with block.sessions() as session:
            for answer, triple in ((a, t) for a, triples in sample.items() for t in triples if t.world in block.worlds):
                asked += 1
                found, shown = loaded(session, triple), button(session, triple)
                if found != answer or shown != (answer == "yes"):
                    wrong.append(f"{triple}: {answer} by reading, {found} by policy, button {shown}")
    said(f"\n{asked} triples loaded and asked for a button, {len(wrong)} differ")
    assert wrong == []
    assert asked == sum(len(triples) for triples in sample.values())


def test_p02_lists_hold_what_the_second_reading_says(town: Town) -> None:
    rng, wrong = Random(SEED), []  # noqa: S311 - a sample, not a secret
    for block in town.blocks:
        with block.sessions() as session:
            for table, action in sorted(reading.RULES):
                w = rng.choice(block.worlds)
                due = asking.expected(w, table, action)
                p = rng.choice([p for p in w.people.values() if p.account != "ended"])
                if listed(session, w, p, table, action) != {thing_id for who, thing_id in due if who == p.id}:
                    wrong.append(f"{p.name} {action} {table} after {w.told}")
    assert wrong == []


def test_p12_nobody_of_another_alliance_loads_anything(town: Town, sample: dict[reading.Answer, list[Triple]]) -> None:
    rng, found = Random(SEED), []  # noqa: S311 - a sample, not a secret
    for block in town.blocks:
        with block.sessions() as session:
            for triple in (
                t for t in sample["yes"] if t.world in block.worlds and t.table not in {"account", "device"}
            ):
                stranger = rng.choice([w for w in block.worlds if w is not triple.world])
                p = rng.choice(list(stranger.people.values()))
                foreign = Triple(stranger, p, triple.table, triple.action, triple.thing_id)
                found.append(loaded(session, foreign))
    assert len(found) >= 300
    assert set(found) == {"none"}
