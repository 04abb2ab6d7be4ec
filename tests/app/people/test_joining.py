"""Inviting and joining: an explicit yes, once, by whoever was meant."""

import re

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.notify.models import Mail
from app.people.accounts.models import Account, Person
from app.people.memberships.models import Invitation, Membership, Role
from tests.app.people.conftest import Town, signed_in
from tests.browser import PASSWORD, Browser
from tests.conftest import Clock

EMAIL = "tom@oakfield.example"
YES = {"name": "Tom Ashby", "password": PASSWORD, "yes": "y"}


def test_the_page_says_who_invites_to_what_and_one_yes_lets_in(browser: Browser, town: Town, session: Session) -> None:
    path = f"/join/{town.invite(EMAIL, Role.TEACHER, Role.MENTOR).token}"
    page = browser.get(path)
    for words in ("Amina Rahman", "Vale Alliance", "Hillside", EMAIL):
        assert words in page.text
    assert "checked" not in page.text, "nothing is ticked beforehand"
    assert browser.post(path, YES).location == "/"
    membership = session.scalars(select(Membership).order_by(Membership.from_at.desc())).first()
    assert membership is not None
    assert membership.roles == ["teacher", "mentor"]
    assert session.get_one(Person, membership.person_id).name == "Tom Ashby"
    assert "Tom Ashby" in browser.get("/me").text
    assert "joined" in session.scalars(select(AuditEvent.what)).all()


def test_the_letter_names_who_invites(town: Town, session: Session) -> None:
    town.invite(EMAIL)
    body = session.scalars(select(Mail.body)).one()
    assert body.startswith("Dear Tom Ashby,\n\nAmina Rahman invites you to Vale Alliance, as part of Hillside.\n")


def test_whoever_founded_it_adds_a_school_first_and_then_invites_from_it(app: Flask, town: Town) -> None:
    browser = signed_in(app, "amina@hillside.example")
    assert "Add a second school" in browser.get("/").text
    town.school("Oakfield")
    assert "Invite one colleague from another school" in browser.get("/").text


def test_what_the_page_promises_is_there(app: Flask, town: Town) -> None:
    browser, token = Browser.of(app), town.invite(EMAIL).token
    page = browser.get(f"/join/{token}").text
    links = re.findall(r'href="(/[^"]*)"', page[page.index("<h1>") :])
    assert "/privacy" in links
    assert {link: browser.get(link).status_code for link in links if not link.startswith("/static")}["/privacy"] == 200
    browser.post(f"/join/{token}", YES)
    people = signed_in(app, "amina@hillside.example").get("/alliance/people").text
    assert "End their time at Hillside" in people, "who administers the school can do so"
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    for promised in ("/projects/<uuid:project_id>/leave", "pause", "withdraw"):
        assert any(rule.endswith(promised) for rule in rules), promised


@pytest.mark.parametrize(
    ("change", "field"),
    [
        pytest.param({"yes": ""}, "yes", id="without the tick"),
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"password": "short"}, "password", id="an easy password"),
    ],
)
def test_what_is_to_be_mended_leaves_the_link_working(
    browser: Browser, town: Town, change: dict[str, str], field: str
) -> None:
    path = f"/join/{town.invite(EMAIL).token}"
    answer = browser.post(path, YES | change)
    assert answer.status_code == 422
    assert f'id="{field}-mend"' in answer.text
    assert browser.post(path, YES).status_code == 303


def test_a_link_passed_on_joins_nobody_else_where_there_is_an_account(
    app: Flask, town: Town, decoy: Town, session: Session
) -> None:
    path = f"/join/{town.invite('zoe@other.example').token}"
    thief = Browser.of(app)
    assert "use its password" in thief.get(path).text
    assert thief.post(path, YES | {"password": "three geese on a tram"}).status_code == 422
    assert Browser.of(app).post(path, YES).location == "/choose"
    assert session.scalar(select(func.count()).select_from(Account)) == 2
    assert session.scalar(select(func.count()).where(Person.account_id == decoy.founded.account.id)) == 2


def test_where_no_mail_is_sent_the_link_is_shown_once(browser: Browser, town: Town) -> None:
    browser.sign_in("amina@hillside.example")
    form = {"name": "Tom Ashby", "email": EMAIL, "school_id": town.founded.school.id, "roles": "teacher"}
    answer = browser.post("/alliance/people", form)
    assert answer.status_code == 200
    assert "<br-copy" in answer.text
    link = answer.text.split('br-copy value="http://localhost')[1].split('"')[0]
    again = browser.get("/alliance/people").text
    assert link not in again
    assert "waits for an answer" in again
    assert Browser.of(browser.app).get(link).status_code == 200


def test_a_new_link_makes_the_old_one_worth_nothing(browser: Browser, town: Town, clock: Clock) -> None:
    invited = town.invite(EMAIL)
    browser.sign_in("amina@hillside.example")
    clock.forward(days=8)
    browser.sign_in("amina@hillside.example")
    assert "has run out" in browser.get("/alliance/people").text
    answer = browser.post(f"/alliance/people/invitations/{invited.invitation.id}/resend")
    link = answer.text.split('br-copy value="http://localhost')[1].split('"')[0]
    newcomer = Browser.of(browser.app)
    assert newcomer.get(f"/join/{invited.token}").status_code == 410
    assert newcomer.post(link, YES).status_code == 303
    assert browser.post(f"/alliance/people/invitations/{invited.invitation.id}/resend").status_code == 410


def test_an_ended_invitation_lets_nobody_in(browser: Browser, town: Town) -> None:
    invited = town.invite(EMAIL)
    browser.sign_in("amina@hillside.example")
    assert browser.post(f"/alliance/people/invitations/{invited.invitation.id}/end").status_code == 303
    assert Browser.of(browser.app).post(f"/join/{invited.token}", YES).status_code == 410


def test_inviting_again_stands_in_for_the_first_time(browser: Browser, town: Town, session: Session) -> None:
    first, second = town.invite(EMAIL), town.invite(EMAIL)
    assert browser.get(f"/join/{first.token}").status_code == 410
    assert browser.get(f"/join/{second.token}").status_code == 200
    assert session.scalar(select(func.count()).where(Invitation.ended_at.is_(None))) == 1


def test_who_is_there_already_is_not_invited_again(browser: Browser, town: Town) -> None:
    town.person(EMAIL)
    browser.sign_in("amina@hillside.example")
    form = {"name": "Tom", "email": EMAIL.upper(), "school_id": town.founded.school.id, "roles": "teacher"}
    assert browser.post("/alliance/people", form).status_code == 409
