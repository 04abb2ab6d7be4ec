"""Every signed-in device is seen, and ends when its owner says so."""

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from app import ids
from app.people import keeping
from app.people.accounts.devices import IDLE, IDLE_SHARED
from app.people.accounts.models import Device
from app.people.accounts.service import LASTS
from tests.app.people.conftest import Town
from tests.browser import PASSWORD, Browser, make_app
from tests.conftest import Clock

EMAIL = "amina@hillside.example"


@pytest.mark.usefixtures("town")
def test_p27_a_planted_secret_is_not_kept_after_sign_in(browser: Browser) -> None:
    planted = ids.token()
    browser.client.set_cookie("backrow", planted)
    browser.sign_in(EMAIL)
    assert browser.secret != planted
    first = browser.secret
    browser.post("/sign-out")
    browser.sign_in(EMAIL)
    assert browser.secret not in {first, ""}


@pytest.mark.usefixtures("town")
def test_p27_an_ended_device_is_refused_at_its_next_request(app: Flask, session: Session) -> None:
    mine, lost = Browser.of(app), Browser.of(app)
    mine.sign_in(EMAIL)
    lost.sign_in(EMAIL)
    assert lost.get("/me").status_code == 200
    page = mine.get("/me/devices").text
    assert page.count("Last seen") == 2
    theirs = session.scalars(select(Device).where(Device.secret_hash == ids.token_hash(lost.secret))).one()
    assert f"/me/devices/{theirs.id}/end" in page
    assert mine.post(f"/me/devices/{theirs.id}/end").status_code == 303
    assert lost.get("/me").location == "/sign-in?next=%2Fme"
    assert mine.get("/me").status_code == 200
    assert mine.get("/me/devices").text.count("Last seen") == 1


@pytest.mark.usefixtures("town")
def test_p27_a_script_with_an_ended_key_gets_401(app: Flask, sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        entry = keeping.make_token(session, keeping.find_person(session, EMAIL))
    script, bearer = app.test_client(), {"Authorization": f"Bearer {entry.secret}"}
    path = f"/api/v1/recordings/{ids.new()}/play"
    assert script.get(path, headers=bearer).status_code == 404, "let in: there is no such lesson"
    assert script.get("/me", headers=bearer).status_code == 200
    with sessions.begin() as session:
        keeping.end_device(session, entry.device.id)
    assert script.get(path, headers=bearer).status_code == 401
    assert script.get("/me", headers=bearer).status_code == 303


@pytest.mark.parametrize(
    ("shared", "idle"),
    [pytest.param("", IDLE, id="own device: 12 hours"), pytest.param("y", IDLE_SHARED, id="shared: half an hour")],
)
@pytest.mark.usefixtures("town")
def test_p27_an_idle_device_is_signed_out(browser: Browser, clock: Clock, shared: str, idle: timedelta) -> None:
    browser.sign_in(EMAIL, **({"shared": shared} if shared else {}))
    clock.forward(seconds=idle.total_seconds() - 5)
    assert browser.get("/me").status_code == 200, "and this counts as a touch"
    clock.forward(seconds=idle.total_seconds() - 5)
    assert browser.get("/me").status_code == 200
    clock.forward(seconds=idle.total_seconds())
    assert browser.get("/me").status_code == 303


@pytest.mark.usefixtures("town")
def test_p27_after_two_weeks_everybody_signs_in_again(browser: Browser, clock: Clock) -> None:
    browser.sign_in(EMAIL)
    for _ in range(int(LASTS / timedelta(hours=8))):
        assert browser.get("/me").status_code == 200
        clock.forward(hours=8)
    assert browser.get("/me").status_code == 303


@pytest.mark.usefixtures("town")
def test_p27_a_shared_computer_forgets_when_its_browser_closes(app: Flask) -> None:
    own, shared = Browser.of(app).sign_in(EMAIL), Browser.of(app).sign_in(EMAIL, shared="y")
    kept = next(line for line in own.headers.getlist("Set-Cookie") if line.startswith("backrow="))
    forgotten = next(line for line in shared.headers.getlist("Set-Cookie") if line.startswith("backrow="))
    assert "Max-Age=1209600" in kept
    assert "Max-Age" not in forgotten
    assert "Expires" not in forgotten


@pytest.mark.usefixtures("town")
def test_p33_the_cookie_is_tied_to_this_host_and_hidden_from_scripts(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    app = make_app(sessions, tmp_path, https=True)
    client = app.test_client()
    page = client.get("/sign-in", base_url="https://localhost").text
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(
        "/sign-in",
        base_url="https://localhost",
        data={"email": EMAIL, "password": PASSWORD, "csrf_token": token},
    )
    line = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("__Host-backrow="))
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in line.split(";")}
    assert "Domain" not in line


@pytest.mark.usefixtures("town")
def test_signing_out_ends_the_row_and_clears_the_browser(browser: Browser) -> None:
    browser.sign_in(EMAIL)
    secret = browser.secret
    answer = browser.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert browser.secret == ""
    browser.client.set_cookie("backrow", secret)
    assert browser.get("/me").status_code == 303


@pytest.mark.usefixtures("decoy")
def test_nobody_ends_a_colleague_s_device(app: Flask, town: Town, session: Session) -> None:
    town.person("tom@hillside.example")
    victim = Browser.of(app)
    victim.sign_in(EMAIL)
    device = session.scalars(select(Device).where(Device.secret_hash == ids.token_hash(victim.secret))).one()
    for stranger in ("tom@hillside.example", "zoe@other.example"):
        other = Browser.of(app)
        other.sign_in(stranger)
        assert other.post(f"/me/devices/{device.id}/end").status_code == 404
    assert victim.get("/me").status_code == 200


@pytest.mark.usefixtures("town")
def test_last_seen_is_written_at_most_once_a_minute(
    browser: Browser, clock: Clock, sessions: sessionmaker[Session]
) -> None:
    browser.sign_in(EMAIL)
    written: list[str] = []

    @event.listens_for(sessions.kw["bind"], "before_cursor_execute")
    def note(*seen: object) -> None:
        if str(seen[2]).startswith("UPDATE device"):
            written.append(str(seen[2]))

    for _ in range(3):
        browser.get("/me")
    assert written == []
    clock.forward(seconds=61)
    for _ in range(3):
        browser.get("/me")
    assert len(written) == 1


@pytest.mark.usefixtures("town")
def test_finding_who_asks_takes_one_query_behind_the_wall(browser: Browser, sessions: sessionmaker[Session]) -> None:
    browser.sign_in(EMAIL)
    seen: list[str] = []

    @event.listens_for(sessions.kw["bind"], "before_cursor_execute")
    def note(*given: object) -> None:
        seen.append(str(given[2]))

    browser.get("/privacy")
    assert "set_config" in seen[0]
    assert len(seen) == 2


@pytest.mark.usefixtures("town")
def test_a_key_runs_out_on_its_day(app: Flask, sessions: sessionmaker[Session], clock: Clock) -> None:
    day = (clock.now() + timedelta(days=3)).date()
    with sessions.begin() as session:
        entry = keeping.make_token(session, keeping.find_person(session, EMAIL), last_day=day)
    bearer = {"Authorization": f"Bearer {entry.secret}"}
    clock.forward(days=2)
    assert app.test_client().get("/me", headers=bearer).status_code == 200
    clock.forward(days=2)
    assert app.test_client().get("/me", headers=bearer).status_code == 303
    browser = Browser.of(app)
    browser.client.set_cookie("backrow", entry.secret)
    assert browser.get("/me").status_code == 303, "a key is never taken from a cookie"
