"""Until when a lesson is kept: forward as its teacher likes, back within what was agreed, never by an act's side."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app import clock as app_clock
from app.authz import Action, Actor, permit
from app.errors import Invalid
from app.lessons.recordings import service
from app.lessons.recordings.models import Hold, Recording
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance
from tests.app.lessons.recordings.lesson import ZONE, Lesson
from tests.app.lessons.recordings.test_acts import waiting_jobs
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("any_state")


def kept_for(lesson: Lesson, **maxima: int) -> None:
    """Set for how many days the alliance keeps lessons at most."""
    with lesson.scene.sessions.begin() as session:
        alliance = session.get_one(Alliance, session.get_one(Recording, lesson.scene.ids["recording"]).alliance_id)
        for name, days in maxima.items():
            setattr(alliance, name, days)


def private(lesson: Lesson) -> None:
    lesson.bring_into("private")
    kept_for(lesson, private_max_days=40)


def bound_says_less(lesson: Lesson) -> None:
    lesson.succeed(erase_at=lesson.now() + timedelta(days=90))
    in_force = lesson.in_force()
    with lesson.scene.sessions.begin() as session:  # the bound version says 40 days, the one in force 90
        session.execute(
            text("UPDATE protocol_version SET erase_at = :at, until_at = :at WHERE id <> :id"),
            {"at": lesson.now() + timedelta(days=40), "id": in_force},
        )


@pytest.mark.parametrize(
    "agreed",
    [
        pytest.param(bound_says_less, id="the version that it was shared under"),
        pytest.param(lambda it: it.succeed(erase_at=it.now() + timedelta(days=40)), id="the version in force"),
        pytest.param(lambda it: kept_for(it, max_days=40), id="the alliance's maximum"),
        pytest.param(private, id="what is private is kept for less"),
    ],
)
def test_never_longer_than(lesson: Lesson, agreed: Callable[[Lesson], object]) -> None:
    agreed(lesson)
    before = lesson.row.delete_at
    assert f"The latest day that was agreed is {said(lesson.day(40))}." in lesson.page()
    refused = lesson.keep(lesson.day(41))
    assert refused.status_code == 422
    last = lesson.day(40)
    assert f"The latest day that was agreed is {last.day} {last:%B %Y}. Choose that one" in refused.text
    by_script = lesson.send("keep", delete_on=lesson.day(41).isoformat())
    assert (by_script.status_code, by_script.get_json()["code"]) == (422, "delete_on_too_late")
    assert (lesson.row.delete_at, lesson.log) == (before, [])
    assert lesson.keep(lesson.day(40)).status_code == 303, "the very day that the page names"
    latest = lesson.row.delete_at
    assert latest < app_clock.end_of_day(lesson.day(40), ZONE)
    assert abs(latest - (lesson.now() + timedelta(days=40))) < timedelta(minutes=5), "to the instant that was agreed"


def said(day: date) -> str:
    """Say a day as pages do."""
    return f"{day.day} {day:%B}" + ("" if day.year == datetime.now().astimezone().year else f" {day.year}")


def test_a_day_is_kept_to_its_end_and_stands_in_the_log(lesson: Lesson) -> None:
    day = lesson.day(5)
    assert lesson.keep(day).status_code == 303
    assert lesson.row.delete_at == app_clock.end_of_day(day, ZONE)
    assert f"Kept until {said(day)}, then erased." in lesson.page()
    assert lesson.log == [("recording.kept_until", None, None, "erase_owner")]
    lesson.keep(lesson.day(6))
    assert lesson.log[1:] == [("recording.kept_until", None, None, "keep_longer_owner")]


def test_today_is_the_earliest_day(lesson: Lesson) -> None:
    refused = lesson.keep(lesson.day(-1))
    assert refused.status_code == 422
    assert "Choose today or a later day." in refused.text
    assert lesson.send("keep", delete_on=lesson.day(-1).isoformat()).get_json()["code"] == "date_past"
    assert lesson.keep(lesson.day(0)).status_code == 303


def test_it_can_always_be_brought_forward_even_where_less_was_agreed_since(lesson: Lesson) -> None:
    lesson.succeed(erase_at=lesson.now() + timedelta(days=10), until_at=lesson.now() + timedelta(days=10))
    assert lesson.keep(lesson.day(20)).status_code == 303, "narrowing needs nobody's yes"
    assert lesson.row.delete_at == app_clock.end_of_day(lesson.day(20), ZONE)
    assert lesson.keep(lesson.day(21)).status_code == 422


@pytest.mark.parametrize(
    ("state", "shorter", "longer"), [("objection", 303, 409), ("hold", 409, 409), ("past", 404, 404)]
)
def test_while_it_is_closed(lesson: Lesson, state: str, shorter: int, longer: int) -> None:
    lesson.bring_into(state)
    assert lesson.keep(lesson.day(31)).status_code == longer
    assert lesson.keep(lesson.day(3)).status_code == shorter
    assert lesson.send("keep", delete_on=lesson.day(2).isoformat()).status_code == (200 if shorter == 303 else shorter)


HOW = "Type a day, a month and a year, like 31 7 2026."
NO_SUCH_DAY = "There is no such day."


@pytest.mark.parametrize(
    ("typed", "said_so"),
    [
        pytest.param({}, HOW, id="nothing"),
        pytest.param({"delete_on": "31.7.2026"}, HOW, id="in one piece"),
        pytest.param({"delete_on-day": "30", "delete_on-month": "7"}, HOW, id="no year"),
        pytest.param({"delete_on-day": "31", "delete_on-month": "2"}, NO_SUCH_DAY, id="a day of no year"),
        pytest.param(
            {"delete_on-day": "31", "delete_on-month": "2", "delete_on-year": "2027"}, NO_SUCH_DAY, id="no such day"
        ),
    ],
)
def test_what_is_no_day_is_said_at_the_field(lesson: Lesson, typed: dict[str, str], said_so: str) -> None:
    before = lesson.row.delete_at
    answer = lesson.scene["Tom"].post(f"{lesson.at}/keep", typed)
    assert answer.status_code == 422
    assert said_so in answer.text
    assert lesson.row.delete_at == before


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "field_missing"),
        ({"delete_on": "soon"}, "field_kind"),
        ({"delete_on": "9999-12-31"}, "delete_on_too_late"),
        ({"delete_on": "0001-01-01"}, "date_past"),
        ({"delete_on": "2030-01-01", "why": "because"}, "field_unknown"),
    ],
)
def test_a_script_is_told_what_is_wrong(lesson: Lesson, body: dict[str, str], code: str) -> None:
    answer = lesson.send("keep", **body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)


def test_a_lost_answer_is_given_again(lesson: Lesson) -> None:
    day = lesson.day(4).isoformat()
    first, again = lesson.send("keep", key="k", delete_on=day), lesson.send("keep", key="k", delete_on=day)
    assert (first.get_json(), again.status_code) == (again.get_json(), 200)
    assert len(lesson.log) == 1


def test_who_may_only_shorten_never_lengthens(lesson: Lesson, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        tom = session.get_one(Person, lesson.scene.ids["Tom"])
        actor = Actor(person_id=tom.id, account_id=tom.account_id, alliance_id=tom.alliance_id)
        shorter = permit(session, actor, Action.REC_KEEP_SHORTER, Recording, lesson.scene.ids["recording"])
        with pytest.raises(Invalid) as refused:
            service.keep_until(session, shorter, delete_at=shorter.thing.delete_at + timedelta(days=1))
    assert refused.value.code == "date_later"


def test_sharing_never_keeps_it_longer_than_its_teacher_chose(lesson: Lesson) -> None:
    lesson.bring_into("private")
    chosen = lesson.now() + timedelta(days=3)
    lesson.change(delete_at=chosen)
    lesson.post("share")
    assert lesson.row.delete_at == chosen


def test_sharing_brings_it_within_what_was_agreed_and_says_so_before(lesson: Lesson) -> None:
    lesson.bring_into("private")
    agreed = lesson.now() + timedelta(days=12)
    lesson.succeed(erase_at=agreed, until_at=agreed)
    assert f"Once shared it is kept until {said(lesson.day(12))}" in lesson.page()
    lesson.post("share")
    assert lesson.row.delete_at == agreed


@pytest.mark.parametrize("verb", ["share", "carry-over"])
def test_no_lesson_is_bound_to_a_protocol_whose_day_is_over(lesson: Lesson, verb: str) -> None:
    if verb == "share":
        lesson.bring_into("private")
    over = lesson.now() - timedelta(seconds=1)
    lesson.succeed(erase_at=over, until_at=over)
    before = lesson.row
    page = lesson.page()
    assert "keeps lessons is over. Agree a new version first." in page
    assert f'action="{lesson.at}/{verb}"' not in page
    refused = lesson.send(verb)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "protocol_over")
    assert (lesson.row.state, lesson.row.delete_at) == (before.state, before.delete_at)


def test_p20_on_its_day_the_clock_begins_to_erase_and_says_by_which_rule(lesson: Lesson, clock: Clock) -> None:
    sessions = lesson.scene.sessions
    with sessions.begin() as session:
        assert service.erase_due(session) == 0
    clock.forward(days=31)
    with sessions.begin() as session:
        assert service.erase_due(session) == 2, "the decoy's lesson has reached its day too"
    assert (lesson.row.state, lesson.row.erase_cause) == ("erasing", "delete_at")
    assert lesson.log == [("recording.erasing", "shared", "erasing", "delete_at")]
    assert str(lesson.scene.ids["recording"]) in waiting_jobs(lesson)
    with sessions.begin() as session:
        assert service.erase_due(session) == 0


def test_a_hold_keeps_it_past_its_day_until_it_is_lifted(lesson: Lesson, clock: Clock) -> None:
    lesson.bring_into("hold")
    clock.forward(days=31)
    with lesson.scene.sessions.begin() as session:
        service.erase_due(session)
    assert (lesson.row.state, lesson.log) == ("shared", [])
    with lesson.scene.sessions.begin() as session:
        session.query(Hold).update({"lifted_at": app_clock.now()})
    with lesson.scene.sessions.begin() as session:
        assert service.erase_due(session) == 1
    assert lesson.row.state == "erasing"
