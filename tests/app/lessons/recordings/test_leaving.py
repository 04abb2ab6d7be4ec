"""When a teacher goes, nobody is left who could close their lessons: so they are closed."""

import pytest

from app.agreements.cycles.models import CycleState
from app.lessons.recordings import service
from tests.app.lessons.recordings.lesson import Lesson


@pytest.mark.parametrize("state", ["shared", "paused"])
def test_leaving_the_project_takes_ones_lessons_back(lesson: Lesson, state: str) -> None:
    lesson.bring_into(state)
    assert lesson.scene["Tom"].post(f"/projects/{lesson.scene.ids['project']}/leave").status_code == 303
    assert lesson.row.state == "withdrawn"
    assert lesson.log == [("recording.withdrawn", state, "withdrawn", "owner_left")]
    assert lesson.sees("Tom", "Amina", "Priya") == {"Tom": True, "Amina": False, "Priya": False}
    assert (lesson.post("share").status_code, lesson.post("resume").status_code) == (409, 409)


@pytest.mark.usefixtures("any_state")
def test_what_was_never_open_stays_as_it_was(lesson: Lesson) -> None:
    lesson.bring_into("private")
    lesson.scene["Tom"].post(f"/projects/{lesson.scene.ids['project']}/leave")
    assert (lesson.row.state, lesson.log) == ("private", [])


def test_a_colleagues_leaving_touches_nobody_elses_lesson(lesson: Lesson) -> None:
    lesson.scene["Amina"].post(f"/projects/{lesson.scene.ids['project']}/leave")
    assert (lesson.row.state, lesson.log) == ("shared", [])
    assert lesson.sees("Amina", "Priya") == {"Amina": False, "Priya": True}


@pytest.mark.parametrize("where", ["school_id", "other"])
def test_the_end_of_ones_time_at_a_school_closes_what_was_filmed_there_alone(lesson: Lesson, where: str) -> None:
    row = lesson.row
    school_id = row.school_id if where == "school_id" else row.project_id
    with lesson.scene.sessions.begin() as session:
        service.withdraw_at_school(session, row.owner_id, school_id)
    closed = where == "school_id"
    assert lesson.row.state == ("withdrawn" if closed else "shared")
    assert [rule for *_, rule in lesson.log] == (["membership_ended"] if closed else [])
    assert lesson.cycle_state() == (CycleState.RECORDED if closed else CycleState.OBSERVING)
