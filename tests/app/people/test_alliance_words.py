"""What an alliance calls itself, its schools and its new teachers: changed by its administrator alone."""

from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Role
from tests.app.people.conftest import Town, signed_in
from tests.browser import Browser

AT = "/alliance/words"


@pytest.fixture
def oakfield(town: Town) -> School:
    return town.school("Oakfield")


@pytest.fixture
def amina(app: Flask, town: Town) -> Browser:
    return signed_in(app, town.founded.account.email)


def form(town: Town, oakfield: School, **changes: str) -> dict[str, str]:
    """Give the whole form as the page shows it, but for what somebody changes."""
    shown = {
        "alliance": "Vale Alliance",
        "new_teacher_word": "ECT",
        f"school-{town.founded.school.id}": "Hillside",
        f"school-{oakfield.id}": "Oakfield",
    }
    return shown | changes


def test_names_and_the_word_are_changed_and_stand_in_the_log(
    amina: Browser, town: Town, oakfield: School, session: Session
) -> None:
    assert AT in amina.get("/alliance").text
    assert AT in amina.get("/alliance/schools").text
    page = amina.get(AT).text
    for shown in ("Vale Alliance", "ECT", "Hillside", "Oakfield"):
        assert f'value="{shown}"' in page
    changes = {"alliance": "Dale <b>Alliance</b>", "new_teacher_word": "NQT", f"school-{oakfield.id}": "Oak Park"}
    answer = amina.post(AT, form(town, oakfield) | changes)
    assert (answer.status_code, answer.location) == (303, "/alliance")
    alliance = session.get_one(Alliance, town.founded.alliance.id)
    assert (alliance.name, alliance.new_teacher_word) == ("Dale <b>Alliance</b>", "NQT")
    assert set(session.scalars(select(School.name))) == {"Hillside", "Oak Park"}
    assert "Dale &lt;b&gt;Alliance&lt;/b&gt;" in amina.get("/alliance").text
    told = session.execute(
        select(AuditEvent.what, AuditEvent.thing_id, AuditEvent.actor_id).where(AuditEvent.what.like("%renamed"))
    ).all()
    assert {tuple(row) for row in told} == {
        ("alliance_renamed", alliance.id, town.founder.person_id),
        ("school_renamed", oakfield.id, town.founder.person_id),
    }


def test_keeping_everything_as_it_is_writes_nothing(
    amina: Browser, town: Town, oakfield: School, session: Session
) -> None:
    assert amina.post(AT, form(town, oakfield)).status_code == 303
    assert session.scalars(select(AuditEvent.what).where(AuditEvent.what.like("%renamed"))).all() == []


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.PUPIL, Role.ALLIANCE_ADMINISTRATOR)])
def test_nobody_elses_role_changes_a_name(
    app: Flask, town: Town, oakfield: School, session: Session, role: Role
) -> None:
    town.person("tom@oakfield.example", role, school=oakfield)
    tom = signed_in(app, "tom@oakfield.example")
    assert tom.get(AT).status_code == 404
    assert tom.post(AT, form(town, oakfield, alliance="Mine")).status_code == 404
    assert AT not in tom.get("/alliance").text
    assert session.get_one(Alliance, town.founded.alliance.id).name == "Vale Alliance"


def test_a_school_of_another_alliance_does_not_exist(
    amina: Browser, town: Town, decoy: Town, oakfield: School, session: Session
) -> None:
    for stranger in (decoy.founded.school.id, uuid4(), "nonsense"):
        sent = form(town, oakfield, alliance="Dale") | {f"school-{stranger}": "Taken over"}
        assert amina.post(AT, sent).status_code == 404
    assert session.get_one(School, decoy.founded.school.id).name == "Hillside"
    assert session.get_one(Alliance, town.founded.alliance.id).name == "Vale Alliance", "nothing was kept halfway"


def test_all_that_is_to_be_mended_is_said_in_one_round(
    amina: Browser, town: Town, oakfield: School, session: Session
) -> None:
    own, other = f"school-{town.founded.school.id}", f"school-{oakfield.id}"
    page = amina.post(AT, {"alliance": " ", "new_teacher_word": "x" * 40, own: "", other: "Oakfield"})
    assert page.status_code == 422
    for field in ("alliance", "new_teacher_word", own):
        assert f'href="#{field}"' in page.text, field
    twins = amina.post(AT, form(town, oakfield) | {own: "oakfield"})
    assert "Another school of your alliance is called oakfield." in twins.text
    assert session.get_one(School, town.founded.school.id).name == "Hillside"
    swapped = amina.post(AT, form(town, oakfield) | {own: "Oakfield", other: "Hillside"})
    assert swapped.status_code == 303, "two may change places"


def test_the_time_zone_by_which_days_were_signed_stays(
    amina: Browser, town: Town, oakfield: School, session: Session
) -> None:
    assert "The time zone stays Europe/London" in amina.get(AT).text
    amina.post(AT, form(town, oakfield) | {"time_zone": "Europe/Berlin"})
    assert session.get_one(Alliance, town.founded.alliance.id).time_zone == "Europe/London"
