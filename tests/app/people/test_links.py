"""Links that we mail: once, for a short time, and only when a button is pressed."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.audit.models import AuditEvent
from app.notify.models import Mail
from app.people.accounts.models import Account, AccountLink, Device
from app.people.memberships.models import Invitation, Membership
from tests.app.people.conftest import Town
from tests.browser import PASSWORD, Browser, make_app
from tests.conftest import Clock

EMAIL = "amina@hillside.example"
NEW_PASSWORD = "three geese on a tram"  # noqa: S105 - a password of invented people
YES = {"name": "Tom Ashby", "password": PASSWORD, "yes": "y"}


def _mailed(sessions: sessionmaker[Session]) -> str:
    """Take the path from the last letter, as its reader would."""
    with sessions() as session:
        body = session.scalars(select(Mail.body).order_by(Mail.id.desc())).first()
    found = re.search(r"http://localhost(/\S+)", body or "")
    assert found, body
    return found[1]


def _everything(sessions: sessionmaker[Session]) -> tuple[object, ...]:
    """Take down all that a link could change."""
    with sessions() as session:
        return (
            session.scalars(select(AccountLink.spent_at)).all(),
            session.scalars(select(Invitation.spent_at)).all(),
            session.scalar(select(func.count()).select_from(Membership)),
            session.scalar(select(func.count()).select_from(Device)),
            session.scalar(select(func.count()).select_from(AuditEvent)),
        )


@pytest.fixture
def app(sessions: sessionmaker[Session], tmp_path: Path) -> Flask:
    return make_app(sessions, tmp_path, mail_is_sent=True)


def _reset_link(app: Flask, town: Town) -> str:
    assert Browser.of(app).post("/forgotten", {"email": EMAIL}).status_code == 200
    return _mailed(town.sessions)


def _sign_in_link(app: Flask, town: Town) -> str:
    Browser.of(app).post("/sign-in", {"email": EMAIL, "how": "link"})
    return _mailed(town.sessions)


def _join_link(_app: Flask, town: Town) -> str:
    town.invite("tom@hillside.example")
    return _mailed(town.sessions)


@dataclass(frozen=True)
class Kind:
    """One kind of link: how it comes about, what its form needs, how long it lasts."""

    make: Callable[[Flask, Town], str]
    form: dict[str, str]
    minutes: int


RESET = Kind(_reset_link, {"password": NEW_PASSWORD}, 60)
SIGN_IN = Kind(_sign_in_link, {}, 20)
JOIN = Kind(_join_link, YES, 7 * 24 * 60)
each_kind = pytest.mark.parametrize("kind", [RESET, SIGN_IN, JOIN], ids=["reset", "sign in", "invitation"])


@each_kind
def test_p28_a_scanner_that_opens_a_link_changes_nothing(app: Flask, town: Town, kind: Kind) -> None:
    path = kind.make(app, town)
    before = _everything(town.sessions)
    scanner = app.test_client()
    assert [scanner.get(path).status_code for _ in range(10)] == [200] * 10
    assert scanner.head(path).status_code == 200
    assert _everything(town.sessions) == before
    assert Browser.of(app).post(path, kind.form).status_code == 303, "the button still works"


@each_kind
def test_p28_of_two_presses_at_the_same_moment_one_wins(app: Flask, town: Town, kind: Kind) -> None:
    path = kind.make(app, town)
    browsers = [Browser.of(app) for _ in range(4)]
    tokens = [browser.token() for browser in browsers]

    def press(number: int) -> int:
        return browsers[number].client.post(path, data={**kind.form, "csrf_token": tokens[number]}).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(press, range(4)))
    assert answers == [303, 410, 410, 410]
    assert app.test_client().get(path).status_code == 410


@each_kind
def test_p28_a_link_runs_out(app: Flask, town: Town, clock: Clock, kind: Kind) -> None:
    path = kind.make(app, town)
    clock.forward(minutes=kind.minutes - 1)
    assert app.test_client().get(path).status_code == 200
    clock.forward(minutes=1)
    assert app.test_client().get(path).status_code == 410
    assert Browser.of(app).post(path, kind.form).status_code == 410


def test_p28_only_the_hash_is_kept_and_nothing_is_logged_or_handed_on(
    app: Flask, town: Town, caplog: pytest.LogCaptureFixture, sessions: sessionmaker[Session]
) -> None:
    caplog.set_level("DEBUG")
    path = _reset_link(app, town)
    token = path.rsplit("/", 1)[1]
    page = app.test_client().get(path)
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert token not in page.text, "so that nothing on the page can carry it on"
    assert len(token) >= 43, "256 random bits"
    assert token not in caplog.text
    with sessions() as session:
        assert token not in session.scalars(select(AccountLink.secret_hash)).one()


def test_asking_for_a_link_looks_the_same_for_everybody(app: Flask, town: Town) -> None:
    known = Browser.of(app).post("/forgotten", {"email": EMAIL})
    unknown = Browser.of(app).post("/forgotten", {"email": "nobody@hillside.example"})
    hide = re.compile(r'nonce="[^"]*"|<code>[0-9A-F]+</code>')
    assert hide.sub("", known.text) == hide.sub("", unknown.text)
    with town.sessions() as session:
        assert session.scalars(select(Mail.to_address)).all() == [EMAIL]


@pytest.mark.parametrize(
    ("mail_is_sent", "words"), [(True, "Look among unwanted mail"), (False, "lies in the mail folder of the machine")]
)
def test_who_asked_for_a_link_is_told_where_it_will_be(
    sessions: sessionmaker[Session],
    tmp_path: Path,
    town: Town,  # noqa: ARG001 - who asks is known here
    mail_is_sent: bool,
    words: str,
) -> None:
    asked = Browser.of(make_app(sessions, tmp_path, mail_is_sent=mail_is_sent)).post("/forgotten", {"email": EMAIL})
    assert words in asked.text


def test_a_new_password_signs_every_device_out(app: Flask, town: Town) -> None:
    lost = Browser.of(app)
    lost.sign_in(EMAIL)
    path = _reset_link(app, town)
    refused = Browser.of(app).post(path, {"password": "password1234"})
    assert refused.status_code == 422
    assert Browser.of(app).post(path, {"password": NEW_PASSWORD}).location == "/sign-in"
    assert lost.get("/me").status_code == 303
    assert Browser.of(app).sign_in(EMAIL, PASSWORD).status_code == 422
    assert Browser.of(app).sign_in(EMAIL, NEW_PASSWORD).status_code == 303


def test_a_link_for_signing_in_is_no_link_for_a_new_password(app: Flask, town: Town) -> None:
    token = _sign_in_link(app, town).rsplit("/", 1)[1]
    assert Browser.of(app).post(f"/reset/{token}", {"password": NEW_PASSWORD}).status_code == 410


@pytest.mark.usefixtures("town")
def test_without_a_mail_server_the_password_is_the_only_way_shown(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    quiet = Browser.of(make_app(sessions, tmp_path / "quiet"))
    assert 'value="link"' not in quiet.get("/sign-in").text
    quiet.post("/sign-in", {"email": EMAIL, "how": "link"})
    with sessions() as session:
        assert session.scalars(select(Mail)).all() == []


def _asked_to_move(app: Flask, town: Town) -> tuple[Browser, str]:
    browser = Browser.of(app)
    browser.sign_in(EMAIL)
    form = {"email": "amina@new.example", "address_password": PASSWORD}
    assert browser.post("/me/settings/address", form).status_code == 200
    with town.sessions() as session:
        assert session.scalars(select(Mail.to_address).order_by(Mail.id.desc())).first() == EMAIL
    return browser, _mailed(town.sessions)


def test_p30_a_changed_address_is_confirmed_from_the_old_one(
    app: Flask, town: Town, decoy: Town, sessions: sessionmaker[Session]
) -> None:
    browser, path = _asked_to_move(app, town)
    for _ in range(3):
        assert browser.get(path).status_code == 200
    with sessions() as session:
        assert session.get_one(Account, town.founded.account.id).email == EMAIL, "asking changes nothing"
    stranger = Browser.of(app)
    assert stranger.get(path).status_code == 303
    stranger.sign_in("zoe@other.example")
    new = {"email": "amina@new.example"}
    assert stranger.post(path, new).status_code == 410, "the link moves no other account"
    assert browser.post(f"{path}x", new).status_code == 410
    assert browser.post(path, {"email": "thief@new.example"}).status_code == 422, "nor to another address"
    assert browser.post(path, new).status_code == 303
    assert browser.post(path, new).status_code == 410
    with sessions() as session:
        moved = session.get_one(Account, town.founded.account.id)
        assert moved.email == "amina@new.example"
        assert moved.content_locked_until is not None
        assert session.get_one(Account, decoy.founded.account.id).email == "zoe@other.example"


def test_a_link_to_move_runs_out_within_an_hour(app: Flask, town: Town, clock: Clock) -> None:
    browser, path = _asked_to_move(app, town)
    clock.forward(minutes=60)
    assert browser.post(path, {"email": "amina@new.example"}).status_code == 410
