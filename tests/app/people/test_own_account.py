"""One's own address and password: a change is told, locks lessons for a while, and ends other devices."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.projects.models import Capacity
from app.authz import Action, Actor, may, permit
from app.lessons.recordings import policy as _policy  # noqa: F401 - says who may watch
from app.lessons.recordings.models import Recording
from app.notify.models import Mail
from app.people.accounts.models import Account
from app.people.accounts.moving import change_address
from app.people.accounts.passwords import hash_password
from tests.app.people.conftest import Town, signed_in
from tests.browser import PASSWORD, Browser
from tests.conftest import Clock
from tests.world import World


def test_p30_a_changed_address_tells_the_old_one_and_locks_lessons_for_72_hours(
    app: Flask, town: Town, session: Session, clock: Clock
) -> None:
    from app.people.policy import unlocked  # noqa: PLC0415 - the condition that every rule about content holds

    tom = town.person("tom@hillside.example")
    theirs = signed_in(app, "tom@hillside.example")

    def open_to(who: Actor) -> bool:
        session.rollback()
        return bool(session.scalar(select(unlocked(who.who))))

    wrong = theirs.post("/me/settings/address", {"email": "t@new.example", "address_password": "not mine at all"})
    assert wrong.status_code == 422
    assert open_to(tom)
    done = theirs.post("/me/settings/address", {"email": "t@new.example", "address_password": PASSWORD})
    assert done.status_code == 303
    assert not open_to(tom)
    told = session.scalars(select(Mail).where(Mail.to_address == "tom@hillside.example")).all()
    assert any("address was changed" in mail.subject for mail in told)
    clock.forward(hours=71, minutes=59)
    assert not open_to(tom)
    clock.forward(minutes=2)
    assert open_to(tom)
    assert Browser.of(app).sign_in("t@new.example").status_code == 303
    taken = theirs.post("/me/settings/address", {"email": "amina@hillside.example", "address_password": PASSWORD})
    assert taken.status_code in {303, 409}


def test_p30_after_a_change_even_one_s_own_lesson_is_not_found_until_the_lock_ends(
    session: Session, clock: Clock
) -> None:
    world = World(session)
    world.person("Amina")
    world.account("Amina").password_hash = hash_password(PASSWORD)
    project = world.project("Amina", Amina=Capacity.TEACHER)
    lesson, amina = world.recording(world.cycle(project, "Amina")), world.actor("Amina")
    assert permit(session, amina, Action.REC_WATCH, Recording, lesson.id).thing is lesson
    mine = permit(session, amina, Action.ACCOUNT_OWN, Account, amina.account_id)
    change_address(session, mine, email="a@new.example", password=PASSWORD)
    session.commit()
    for hours, opens in ((0, False), (71, False), (1.01, True)):
        clock.forward(hours=hours)
        assert may(session, amina, Action.REC_WATCH, Recording, lesson.id) is opens
        session.rollback()


@pytest.mark.usefixtures("town")
def test_a_new_password_ends_the_other_devices(app: Flask) -> None:
    here, there = signed_in(app, "amina@hillside.example"), signed_in(app, "amina@hillside.example")
    form = {"old_password": PASSWORD, "new_password": "three geese on a tram"}
    assert here.post("/me/settings/password", form | {"old_password": "not mine at all"}).status_code == 422
    assert here.post("/me/settings/password", form).status_code == 303
    assert here.get("/me").status_code == 200
    assert there.get("/me").status_code == 303
    assert here.post("/me/settings/name", {"name": "Amina R."}).status_code == 303
    assert "Amina R." in here.get("/me").text
