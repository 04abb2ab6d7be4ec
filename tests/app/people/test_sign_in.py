"""Getting in: hard to guess, and trying tells a stranger nothing."""

import re
import statistics
import time

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from app.errors import Invalid
from app.people.accounts import passwords, throttling
from app.people.accounts.models import Account, AccountState, Device, Throttle
from tests.app.people.conftest import Town
from tests.browser import PASSWORD, Browser
from tests.conftest import Clock

WRONG = "not the one at all 1"


def _without_tokens(page: str) -> str:
    page = re.sub(r'(nonce|value)="[^"]*"', "", page)
    return re.sub(r"<code>[0-9A-F]+</code>", "", page)


def _set_state(sessions: sessionmaker[Session], town: Town, state: AccountState) -> None:
    with sessions.begin() as session:
        session.execute(update(Account).where(Account.id == town.founded.account.id).values(state=state.value))


def test_p26_unknown_wrong_and_suspended_get_the_same_bytes(app: Flask, town: Town) -> None:
    unknown = Browser.of(app).sign_in("nobody@hillside.example", WRONG)
    wrong = Browser.of(app).sign_in("amina@hillside.example", WRONG)
    _set_state(town.sessions, town, AccountState.SUSPENDED)
    suspended = Browser.of(app).sign_in("amina@hillside.example", PASSWORD)
    assert unknown.status_code == wrong.status_code == suspended.status_code == 422
    assert _without_tokens(unknown.text) == _without_tokens(wrong.text) == _without_tokens(suspended.text)
    names = [{name for name, _ in each.headers} for each in (unknown, wrong, suspended)]
    assert names[0] == names[1] == names[2]


def test_p26_unknown_and_known_take_the_same_time(town: Town) -> None:
    kept = town.founded.account.password_hash
    passwords.matches(WRONG, None)  # the decoy is made once

    def spent(against: str | None) -> float:
        before = time.perf_counter()
        passwords.matches(WRONG, against)
        return time.perf_counter() - before

    # Taken in turn, so that a busy machine slows both alike.
    pairs = [(spent(kept), spent(None)) for _ in range(9)]
    known, unknown = (statistics.median(side) for side in zip(*pairs, strict=True))
    assert 0.5 < known / unknown < 2


@pytest.mark.usefixtures("town")
def test_p26_the_eleventh_try_in_ten_minutes_waits_for_both(
    app: Flask, clock: Clock, sessions: sessionmaker[Session]
) -> None:
    for email in ("amina@hillside.example", "nobody@hillside.example"):
        browser = Browser.of(app)
        token = browser.token()
        tries = [
            browser.client.post("/sign-in", data={"email": email, "password": WRONG, "csrf_token": token})
            for _ in range(11)
        ]
        assert [each.status_code for each in tries] == [422] * 10 + [429]
        assert "Retry-After" in tries[-1].headers
        assert "10 minutes" in tries[-1].text
    # The wait holds from elsewhere, too, and for the right password; then it ends.
    assert Browser.of(app).sign_in("amina@hillside.example", PASSWORD).status_code == 429
    clock.forward(minutes=8)
    assert Browser.of(app).sign_in("amina@hillside.example", PASSWORD).status_code == 429
    clock.forward(minutes=2)
    assert Browser.of(app).sign_in("amina@hillside.example", PASSWORD).status_code == 303
    with sessions() as session:
        keys = session.scalars(select(Throttle.key)).all()
    assert keys
    assert not [key for key in keys if "hillside" in key], "the rows don't say whose they are"


@pytest.mark.usefixtures("town")
def test_one_network_address_may_not_try_many_accounts(app: Flask, sessions: sessionmaker[Session]) -> None:
    browser = Browser.of(app)
    token = browser.token()
    with sessions.begin() as session:
        key = throttling.key("only for tests", "address", "127.0.0.1")
        for _ in range(throttling.ADDRESS.tries):
            throttling.spend(session, key, throttling.ADDRESS)
    form = {"email": "other@hillside.example", "password": WRONG, "csrf_token": token}
    assert browser.client.post("/sign-in", data=form).status_code == 429


@pytest.mark.usefixtures("town")
def test_right_passwords_don_t_use_up_a_staffroom_s_tries(app: Flask) -> None:
    answers = [Browser.of(app).sign_in("amina@hillside.example").status_code for _ in range(12)]
    assert answers == [303] * 12


def test_p26_the_row_says_how_the_hash_was_made(town: Town) -> None:
    kind, version, figures = town.founded.account.password_hash.split("$")[1:4]
    assert (kind, version) == ("argon2id", "v=19")
    kept = dict(pair.split("=") for pair in figures.split(","))
    assert int(kept["m"]) >= 64 * 1024
    assert int(kept["t"]) >= 3


@pytest.mark.usefixtures("town")
def test_a_hash_with_weaker_figures_is_made_anew_at_the_next_sign_in(
    app: Flask, sessions: sessionmaker[Session]
) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415 - to make what an older version would have kept

    weak = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1).hash(PASSWORD)
    with sessions.begin() as session:
        session.execute(update(Account).values(password_hash=weak))
    assert Browser.of(app).sign_in("amina@hillside.example").status_code == 303
    with sessions() as session:
        assert "m=65536" in session.scalars(select(Account.password_hash)).one()


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("elevenchars", id="too short"),
        pytest.param("password1234", id="the word itself"),
        pytest.param("P@ssw0rd2026!", id="letters swapped for signs"),
        pytest.param("welcomewelcome", id="a common word twice"),
        pytest.param("Liverpool2026", id="a club and a year"),
        pytest.param("aaaaaaaaaaaaaa", id="one letter"),
        pytest.param("abcabcabcabcabc", id="a repetition"),
        pytest.param("123456789012", id="numbers in a row"),
        pytest.param("qwertyuiopasdf", id="keys in a row"),
        pytest.param("amina-likes-tea-9", id="the address's first part"),
        pytest.param("x" * 10 + "yz" * 600, id="a book"),
    ],
)
def test_p26_easy_passwords_are_refused(password: str) -> None:
    with pytest.raises(Invalid) as refusal:
        passwords.refuse_weak(password, email="amina@hillside.example")
    assert refusal.value.code == "password_weak"


@pytest.mark.parametrize(
    "password",
    [
        "a lamp under seven hats",
        "correct horse battery staple",
        "vQ8#rT2!mZ0p",
        "Ystafell-las-gyda-drws",
        "ключ под ковриком",
    ],
)
def test_good_passwords_are_taken(password: str) -> None:
    passwords.refuse_weak(password, email="amina@hillside.example")


def test_an_ended_account_says_so_only_to_the_right_password(app: Flask, town: Town) -> None:
    _set_state(town.sessions, town, AccountState.ENDED)
    assert "closed" not in Browser.of(app).sign_in("amina@hillside.example", WRONG).text
    right = Browser.of(app).sign_in("amina@hillside.example", PASSWORD)
    assert right.status_code == 409
    assert "This account is closed" in right.text


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        pytest.param("/me/lessons?at=1", "/me/lessons?at=1", id="one of ours"),
        pytest.param("https://elsewhere.example/", "/", id="another site"),
        pytest.param("//elsewhere.example/", "/", id="another site without a scheme"),
        pytest.param("/\\elsewhere.example", "/", id="browsers read this as another site"),
        pytest.param("javascript:alert(1)", "/", id="a program"),
        pytest.param("/a\r\nSet-Cookie: x=1", "/", id="another header"),
    ],
)
@pytest.mark.usefixtures("town")
def test_after_signing_in_people_stay_here(browser: Browser, wanted: str, there: str) -> None:
    response = browser.sign_in("amina@hillside.example", PASSWORD, next=wanted)
    assert (response.status_code, response.location) == (303, there)


@pytest.mark.usefixtures("town")
def test_a_page_leads_through_the_door_and_on_to_itself(browser: Browser) -> None:
    door = browser.get("/me/devices")
    assert (door.status_code, door.location) == (303, "/sign-in?next=/me/devices".replace("=/me/", "=%2Fme%2F"))


@pytest.mark.usefixtures("town")
def test_the_password_is_nowhere_in_the_log(browser: Browser, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    browser.sign_in("amina@hillside.example")
    assert PASSWORD not in caplog.text
    assert browser.secret not in caplog.text


@pytest.mark.usefixtures("town")
def test_who_is_in_two_alliances_chooses_and_each_knows_nothing_of_the_other(
    browser: Browser, sessions: sessionmaker[Session]
) -> None:
    from tests.app.people.conftest import found  # noqa: PLC0415 - only this test founds a second one by hand

    second = found(sessions, alliance="Second Alliance", email="amina@hillside.example")
    answer = browser.sign_in("amina@hillside.example", PASSWORD)
    assert answer.location == "/choose"
    assert browser.get("/me").status_code == 303, "nothing opens before the choice"
    before = browser.secret
    assert browser.post("/choose", {"person_id": second.founded.person.id}).status_code == 303
    assert browser.secret != before, "a raise of rights has a new secret"
    assert "Second Alliance" in browser.get("/me").text
    assert "Vale Alliance" not in browser.get("/alliance/people").text
    assert browser.post("/choose", {"person_id": "0"}).status_code == 404
    stranger = Browser.of(browser.app)
    assert stranger.get("/choose").status_code == 303


@pytest.mark.usefixtures("town")
def test_nobody_chooses_to_be_somebody_else(browser: Browser, decoy: Town) -> None:
    browser.sign_in("amina@hillside.example")
    assert browser.post("/choose", {"person_id": decoy.founded.person.id}).status_code == 404
    assert "Vale Alliance" in browser.get("/me").text


@pytest.mark.usefixtures("town")
def test_sign_in_and_out_leave_a_row_in_the_log(browser: Browser, session: Session) -> None:
    browser.sign_in("amina@hillside.example")
    browser.post("/sign-out")
    acts = session.execute(text("SELECT what FROM audit_event ORDER BY number")).scalars().all()
    assert acts[-2:] == ["signed_in", "signed_out"]
    assert session.scalars(select(Device.ended_at)).one() is not None
