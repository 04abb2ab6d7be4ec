"""Laws that hold whatever the world: narrowing never gives, and nothing old opens to more people by itself."""

from collections.abc import Iterator
from datetime import datetime
from random import Random

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session, sessionmaker

from app import clock
from app.authz import Action, persons
from app.lessons.recordings.models import Recording
from app.people.accounts.models import Person
from tests.access import asking, rows
from tests.access.conftest import Block, Town
from tests.access.facts import Entry, World
from tests.access.stage import stage, version

#: What shows a lesson, or words about it, to somebody.
OPENS = [
    ("recording", "rec.list"),
    ("recording", "rec.watch"),
    ("clip", "clip.watch"),
    ("note", "note.read"),
    ("feedback", "feedback.read"),
    ("recording", "clip.make"),
    ("recording", "video.download"),
    ("recording", "feedback.release"),
    ("cycle", "brief.read"),
]
#: Acts that one person does alone, and what they leave in the rows: of every second row, so that much stays as it was.
NARROWING = {
    "pause": "UPDATE recording SET state = 'paused' WHERE state = 'shared' AND {half}",
    "withdraw": "UPDATE recording SET state = 'withdrawn' WHERE state IN ('shared', 'paused') AND {half}",
    "erase": "UPDATE recording SET state = 'erasing' WHERE {half}",
    "keep shorter": "UPDATE recording SET delete_at = LEAST(delete_at, backrow_now()) WHERE {half}",
    "object": """INSERT INTO objection (id, alliance_id, school_id, class_code, from_on, recorded_by, opened_at)
        SELECT gen_random_uuid(), alliance_id, school_id, class_code, recorded_on, owner_id, backrow_now()
        FROM recording WHERE {half}""",
    "take back a signature": "UPDATE agreement SET taken_back_at = backrow_now() WHERE {half}",
    "leave": "UPDATE roster_entry SET left_at = backrow_now() WHERE {half}",
    "suspend an account": "UPDATE account SET state = 'suspended' WHERE {half}",
    "end a membership": "UPDATE membership SET until_at = LEAST(until_at, backrow_now()) WHERE {half}",
    "end a guest's link": "UPDATE guest_link SET ended_at = backrow_now()",
    "take a pupil's consent back": "UPDATE consent SET taken_back_at = backrow_now()",
    "lock content": "UPDATE account SET content_locked_until = backrow_now() + interval '72 hours' WHERE {half}",
    "bring the end forward": "UPDATE protocol_version SET until_at = LEAST(until_at, backrow_now()) WHERE {half}",
}


@pytest.fixture
def block(town: Town) -> Block:
    """Give some worlds: of every kind a few."""
    some = town.blocks[-1]
    return Block(some.sessions, some.worlds[::2])


@pytest.mark.parametrize("act", NARROWING)
def test_p07_p14_narrowing_never_gives(block: Block, act: str) -> None:
    with block.sessions() as session:
        before = _open_to(session, block.worlds)
        session.execute(text(NARROWING[act].format(half="abs(hashtext(id::text)) % 2 = 0")))
        after = _open_to(session, block.worlds)
        session.rollback()
    assert {question: found - before[question] for question, found in after.items() if found - before[question]} == {}
    assert after != before, "the act changed nothing: it proves nothing"


def test_p04_putting_other_clauses_to_the_group_stops_everybody_but_the_teacher(block: Block) -> None:
    with block.sessions() as session:
        session.execute(text("UPDATE protocol_version SET state = 'dropped' WHERE state = 'proposed'"))
        before = _watchers(session, block.worlds)
        session.execute(text(_PROPOSE))
        after = _watchers(session, block.worlds)
        session.rollback()
    owners = {(r.owner.id, r.id) for w in block.worlds for r in w.recordings}
    assert before - owners
    assert after == before & owners


_PROPOSE = """
    UPDATE protocol_version SET state = 'proposed', kind = 'clauses' WHERE id IN (
        SELECT DISTINCT ON (project_id) id FROM protocol_version WHERE state IN ('draft', 'dropped', 'superseded'));
    INSERT INTO protocol_version (id, alliance_id, project_id, number, kind, state, author_id, template, principles,
        note_kinds, stages, feedback_days, answer_days, readers, clips_by, library, download, export, pupils, until_at,
        erase_at, after_erase, created_at, edits)
    SELECT gen_random_uuid(), alliance_id, id, 99, 'clauses', 'proposed', opened_by, 'own', '[]', '[]', '{}', 5, 5,
        'teacher', 'owner', 'no', 'nobody', 'yes', 'no', backrow_now(), backrow_now(), 'erase', backrow_now(), 1
    FROM project WHERE NOT EXISTS (
        SELECT FROM protocol_version WHERE project_id = project.id AND state = 'proposed')
"""


@pytest.fixture
def by_themselves(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """Worlds of this test alone."""
    with sessions() as session:
        yield session


def test_p03_only_when_all_have_signed_does_anybody_watch(by_themselves: Session) -> None:
    worlds = [w for size in range(2, 7) for w in _every_subset(by_themselves, size)]
    rows.write(by_themselves, worlds)
    watching = _watchers(by_themselves, worlds)
    for w in worlds:
        v = w.projects[0].versions[0]
        others = {(who, what) for who, what in watching if what == w.recordings[0].id and who != w.people["Olu"].id}
        assert bool(others) is (len(v.signatures) == len(v.entries)), w.told


def _every_subset(session: Session, size: int) -> Iterator[World]:
    for signed in range(2**size):
        w = stage(Random(0), _now(session), generous=True)  # noqa: S311 - nothing is left to chance in it
        v = w.projects[0].versions[0]
        v.entries = [each for each in v.entries if each.capacity in {"teacher", "observer", "mentor", "moderator"}][
            :size
        ]
        v.signatures = {each.person: True for at, each in enumerate(v.entries) if signed >> at & 1}
        w.told = [f"{size} on the roster, signed by {[p.name for p in v.signatures]}"]
        yield w


def test_p05_a_newer_version_opens_nothing_old_to_anybody_new(by_themselves: Session) -> None:
    now = _now(by_themselves)
    pairs_of_worlds = [(_agreed(seed, now, newer=False), _agreed(seed, now, newer=True)) for seed in range(60)]
    rows.write(by_themselves, [w for pair in pairs_of_worlds for w in pair])
    gained, lost = 0, 0
    for old, new in pairs_of_worlds:
        before, after = _by_name(by_themselves, old), _by_name(by_themselves, new)
        assert after <= before, new.told
        gained, lost = gained + len(after), lost + len(before - after)
    assert gained
    assert lost, "no pair of versions narrowed anything: nothing was proved"


def _agreed(seed: int, now: datetime, *, newer: bool) -> World:
    """Make a world, and the same world with a version in force that names and allows others."""
    w = stage(Random(seed), now)  # noqa: S311 - worlds, not secrets
    if newer:
        rng, x = Random(seed), w.projects[0]  # noqa: S311 - worlds, not secrets
        x.versions[0].state = "superseded"
        v = version(w, rng, x, "in_force", "clauses")
        for each in v.entries:
            each.watches = each.watches if rng.random() < 0.7 else not each.watches
            if each.capacity != "detective" and rng.random() < 0.2:  # a pupil's guards go by the version in force (2.3)
                each.capacity = rng.choice(["observer", "mentor", "guest"])
        v.entries.append(Entry(w.people["Una"], "observer", watches=True))
        v.signatures = {each.person: True for each in v.entries if not each.left}
    w.told = [f"seed {seed}"]
    return w


def test_p09_the_policy_in_reverse_names_whom_the_policy_lets_in(block: Block) -> None:
    with block.sessions() as session:
        for w in block.worlds[:12]:
            due = _watchers(session, [w])
            for r in w.recordings[:2]:
                named = {p.id for p in session.scalars(persons(Action.REC_WATCH, Recording, r.id, Person))}
                assert named == {who for who, what in due if what == r.id}, w.told


def _now(session: Session) -> datetime:
    return session.scalars(select(clock.now())).one()


def _watchers(session: Session, worlds: list[World]) -> asking.Pairs:
    return asking.pairs(session, "recording", asking.condition("recording", "rec.watch"), [w.id for w in worlds])


def _open_to(session: Session, worlds: list[World]) -> dict[tuple[str, str], asking.Pairs]:
    ids = [w.id for w in worlds]
    return {question: asking.pairs(session, question[0], asking.condition(*question), ids) for question in OPENS}


def _by_name(session: Session, w: World) -> set[tuple[str, int]]:
    """Give who watches which lesson, in words that are the same in two worlds."""
    names = {p.id: p.name for p in w.people.values()}
    numbers = {r.id: at for at, r in enumerate(w.recordings)}
    return {(names[who], numbers[what]) for who, what in _watchers(session, [w])}
