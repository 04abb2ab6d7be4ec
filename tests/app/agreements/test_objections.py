"""Objections: one act closes every lesson that may show the class on those days."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from app.agreements.consents.queries import open_objections
from app.agreements.consents.service import record_objection
from app.authz import Action, permit
from app.errors import Invalid, NotFound
from app.people.alliances.models import School
from tests.app.agreements.town import Town

DAY = date(2026, 3, 12)


def _object(session: Session, town: Town, class_code: str, from_on: date, until_on: date | None) -> None:
    joan = town["Amina"]
    may_record = permit(session, joan.actor, Action.OBJECTION_RECORD, School, joan.school_id)
    record_objection(session, may_record, class_code=class_code, from_on=from_on, until_on=until_on)


@pytest.mark.parametrize(
    ("class_code", "on", "found"),
    [
        pytest.param("8F2", DAY, 1, id="that class, that day"),
        pytest.param(" 8f2 ", DAY, 1, id="however it is typed"),
        pytest.param("8F1", DAY, 0, id="another class"),
        pytest.param("8F2", DAY - timedelta(days=1), 0, id="the day before"),
        pytest.param("8F2", DAY + timedelta(days=7), 1, id="the last day counts"),
        pytest.param("8F2", DAY + timedelta(days=8), 0, id="a day too late"),
    ],
)
def test_class_and_days_say_which_lessons_are_meant(
    session: Session, town: Town, class_code: str, on: date, found: int
) -> None:
    _object(session, town, "8F2", DAY, DAY + timedelta(days=7))
    assert len(open_objections(session, town["Amina"].school_id, class_code, on)) == found


def test_p14_an_objection_closes_a_shared_lesson_to_everybody_but_its_teacher(session: Session, town: Town) -> None:
    project, version = town.agree("Amina", "Tom")
    lesson = town.lesson(project, "Amina", version)
    lesson.class_code = "8F2"
    session.flush()
    assert town.watchers(lesson) == {"Amina", "Tom"}
    _object(session, town, "8f2", lesson.recorded_on, None)
    assert town.watchers(lesson) == {"Amina"}


def test_days_the_wrong_way_round_are_refused(session: Session, town: Town) -> None:
    with pytest.raises(Invalid) as refused:
        _object(session, town, "8F2", DAY, DAY - timedelta(days=1))
    assert "until_on" in refused.value.fields


def test_only_staff_of_that_school_record_an_objection(session: Session, town: Town, elsewhere: Town) -> None:
    hillside = town["Amina"].school_id
    for other in (town["Tom"], elsewhere["Amina"]):
        with pytest.raises(NotFound):
            permit(session, other.actor, Action.OBJECTION_RECORD, School, hillside)
