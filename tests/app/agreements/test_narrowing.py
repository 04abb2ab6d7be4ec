"""Any second version, whatever it says, opens nothing that was shared under the first."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.agreements.protocols.models import VersionState
from tests.app.agreements.town import Town

PEOPLE = ("Amina", "Tom", "Priya")
NEWCOMERS = ("Joan", "Sam")
TEACHER = "Amina"

watching = st.frozensets(st.sampled_from(PEOPLE), min_size=1)
changes = st.fixed_dictionaries(
    {
        "download": st.sampled_from(["nobody", "owner", "watchers"]),
        "readers": st.sampled_from(["teacher", "group"]),
        "feedback_days": st.integers(1, 10),
    }
)


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(pair=st.tuples(watching, watching), asked=st.frozensets(st.sampled_from(NEWCOMERS)), said=changes)
def test_p05_watchers_afterwards_are_watchers_from_before_until_the_teacher_carries_over(
    session: Session,
    town: Town,
    pair: tuple[frozenset[str], frozenset[str]],
    asked: frozenset[str],
    said: dict[str, object],
) -> None:
    first, second = pair
    everyone = session.begin_nested()
    for name in (*PEOPLE, *NEWCOMERS):
        town[name]
    project = town.open(*PEOPLE)
    agreed = town.propose(town.draft(project, TEACHER, watcher_ids=frozenset(town[name].id for name in first)), TEACHER)
    town.sign(agreed, *PEOPLE)
    lesson = town.lesson(project, TEACHER, agreed)
    before = town.watchers(lesson)
    assert before == first | {TEACHER}
    newer = town.draft(
        project,
        TEACHER,
        watcher_ids=frozenset(town[name].id for name in second),
        asked_ids=frozenset(town[name].id for name in asked),
        **said,
    )
    if town.says(newer) != town.says(agreed):
        town.propose(newer, TEACHER)
        assert town.watchers(lesson) <= before
        town.sign(newer, *PEOPLE, *asked)
        assert newer.state == VersionState.IN_FORCE
        assert town.watchers(lesson) == {TEACHER} | (first & second), "both versions must say so"
        lesson.bound_version_id = newer.id
        session.flush()
        assert town.watchers(lesson) == {TEACHER} | second | asked
    everyone.rollback()
    town.teachers.clear()
