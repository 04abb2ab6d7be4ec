"""Every page in each of its states: filled, empty, wrong, offline, not allowed, broken, and without script."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, expect
from sqlalchemy import create_engine, text

from app.factory import LARGEST_FORM_BYTES, create_app
from config import wire
from config.demo import story
from config.settings import Settings
from tests.e2e.people import WIDE, Somebody, somebody
from tests.e2e.states import (
    BRIEFING,
    EMPTY,
    FILLED,
    LEFT_OUT,
    MENDS,
    NEVER_WRONG,
    NO_PAGES,
    SET_UP,
    Eye,
    Stop,
    check_empty,
    check_mends,
)
from tests.e2e.told import told
from tests.running import Backrow, running

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow, pytest.mark.timeout(300)]

#: In no project of anybody's, and without a right over the school that the story's things are of.
OUTSIDER = "hugh"
#: A stop's own person has a right to it; to whoever has none, these say the same as an address that there isn't.
SOMEBODYS = sorted({one.address: one for one in FILLED if "_" in one.address or "{hillside}" in one.address}.items())


@dataclass
class Place:
    """An installation that runs, with the story told, and everybody's browsers."""

    backrow: Backrow
    chromium: Browser
    eye: Eye
    things: dict[str, str]
    stack: ExitStack
    people: dict[str, Somebody] = field(default_factory=dict)
    plain: dict[str, BrowserContext] = field(default_factory=dict)

    def somebody(self, key: str) -> Somebody:
        """Give a person's browser, signed in when it is asked for first."""
        if key not in self.people:
            person = self.stack.enter_context(somebody(self.chromium, key or "nobody", self.backrow.address))
            if key:
                person.go("/sign-in")
                person.fill("E-mail", f"{key}@fivevalleys.example")
                person.fill("Password", story.PASSWORD)
                person.press("Sign in")
            self.people[key] = person
        return self.people[key]

    def without_script(self, key: str) -> Page:
        """Give a page of the same person's in a browser that runs no script."""
        if key not in self.plain:
            signed_in = self.somebody(key).context.storage_state()
            self.plain[key] = self.chromium.new_context(
                base_url=self.backrow.address,
                java_script_enabled=False,
                storage_state=signed_in,
                viewport=WIDE,  # type: ignore[arg-type]  # a width and a height
            )
            self.stack.callback(self.plain[key].close)
            self.plain[key].new_page()
        return self.plain[key].pages[0]

    def at(self, stop: Stop) -> str:
        """Give a stop's address in this installation."""
        return stop.address.format(**self.things)

    def to(self, stop: Stop) -> str:
        """Give the address to which a stop's form is sent."""
        return stop.to.format(**self.things) or self.at(stop)

    def send_wrong(self, page: Page, stop: Stop) -> None:
        """Send the stop's form as somebody sends it who overlooked something."""
        page.goto(self.at(stop))
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        button = page.get_by_role("button", name=stop.press, exact=True).first
        form = page.locator("form").filter(has=button)
        if stop.first:
            page.get_by_role("link", name=stop.first, exact=True).click()
            form.locator(":focus").wait_for()
        for label, words in stop.wrong.items():
            field = form.get_by_label(label, exact=True).first
            if field.get_attribute("type") == "checkbox":
                field.set_checked(bool(words))
            else:
                field.fill(words)
        page.evaluate("for (const form of document.forms) form.noValidate = true")  # some browsers don't look first
        with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            button.click()
        assert answered.value.url.endswith(self.to(stop)), stop.name
        assert answered.value.status == 422, stop.name  # what can be mended
        page.wait_for_load_state()
        assert [one for one in stop.wrong.items() if not _kept(form, *one)] == [], stop.name


@pytest.fixture(scope="module")
def place(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Start Backrow, look at the page that is only there before anybody is, and tell the story."""
    folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    try:
        with running(folder) as backrow, ExitStack() as stack:
            here = Place(backrow, chromium, Eye(), {}, stack)
            _first_run(here)
            here.things = told(Settings.from_env(backrow.environ), tmp_path_factory.mktemp("films"))
            yield here
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def urls(place: Place) -> Flask:
    """Build the application, for its addresses."""
    return create_app(wire.parts(Settings.from_env(place.backrow.environ)))


def _kept(form: Locator, label: str, words: str) -> bool:
    """Tell whether a field holds what was typed; a password is typed anew."""
    field = form.get_by_label(label, exact=True).first
    kind = field.get_attribute("type")
    if kind == "checkbox":
        return field.is_checked() == bool(words)
    return kind == "password" or field.input_value() == words


def _first_run(place: Place) -> None:
    nobody = place.somebody("")
    nobody.go("/set-up")
    place.eye.look(nobody.page, "set-up", axe=True)
    _sent_wrongly(place, SET_UP)
    place.without_script("").goto("/set-up")
    place.eye.look(place.without_script(""), "set-up-plain")


def test_every_page_of_the_application_is_visited(urls: Flask, place: Place) -> None:
    ways = urls.url_map.bind("localhost")
    visited = {ways.match(place.at(stop).partition("?")[0])[0] for stop in FILLED}
    pages = {
        rule.rule: rule.endpoint
        for rule in urls.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.rule.startswith(tuple(NO_PAGES))
    }
    missed = {address for address, endpoint in pages.items() if endpoint not in visited}
    assert missed == {"/set-up", *LEFT_OUT}, "a page that nobody looks at in a test: give it a stop in states.py"


def test_every_form_is_sent_wrongly(urls: Flask, place: Place) -> None:
    ways = urls.url_map.bind("localhost")
    sent = {ways.match(place.to(stop), "POST", return_rule=True)[0].rule for stop in (SET_UP, *MENDS)}
    forms = {
        rule.rule
        for rule in urls.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and not rule.rule.startswith(tuple(NO_PAGES))
    }
    assert forms - sent == {*NEVER_WRONG, *(LEFT_OUT.keys() & forms)}, "give it a stop in states.py, or say why not"


@pytest.mark.parametrize("stop", FILLED + EMPTY, ids=lambda stop: stop.name)
def test_page_is_sound_and_says_when_the_line_is_gone(place: Place, stop: Stop) -> None:
    person = place.somebody(stop.who)
    answer = person.page.goto(place.at(stop))
    assert answer is not None
    assert answer.status == 200, stop.name  # shown, and not sent elsewhere or refused
    seen = place.eye.look(person.page, stop.name, axe=True)
    if stop.state == "empty":
        check_empty(seen, stop.name)
    person.context.set_offline(True)
    try:
        expect(person.page.locator("#offline")).to_be_visible()
        place.eye.look(person.page, f"{stop.name}-offline")
    finally:
        person.context.set_offline(False)
    person.check(stop.name)


@pytest.mark.parametrize("stop", FILLED + EMPTY, ids=lambda stop: stop.name)
def test_page_works_without_script(place: Place, stop: Stop) -> None:
    page = place.without_script(stop.who)
    page.goto(place.at(stop))
    place.eye.look(page, f"{stop.name}-plain")
    expect(page.locator("#offline")).to_be_hidden()


@pytest.mark.parametrize("stop", MENDS, ids=lambda stop: stop.name)
def test_form_says_what_to_mend(place: Place, stop: Stop) -> None:
    _sent_wrongly(place, stop)


def _sent_wrongly(place: Place, stop: Stop) -> None:
    person = place.somebody(stop.who)
    page = place.without_script(stop.who) if stop.plain else person.page
    place.send_wrong(page, stop)
    page.locator(".error-summary:focus").wait_for()  # where the next key goes
    check_mends(place.eye.look(page, stop.name, axe=not stop.plain), stop.name)  # axe needs script
    person.check(stop.name)


def test_words_that_were_refused_wait_for_whoever_goes_away(place: Place) -> None:
    page = place.somebody(BRIEFING.who).page
    place.send_wrong(page, BRIEFING)
    page.goto(place.at(BRIEFING))
    for label, words in BRIEFING.wrong.items():
        expect(page.get_by_label(label, exact=True)).to_have_value(words)


@pytest.mark.parametrize(("address", "stop"), SOMEBODYS)
def test_somebody_elses_thing_is_not_there(place: Place, address: str, stop: Stop) -> None:
    outsider = place.somebody(OUTSIDER)
    answer = outsider.page.goto(place.at(stop))
    assert answer is not None
    assert answer.status == 404, address  # the same as what there isn't
    place.eye.look(outsider.page, f"{stop.name}-not-allowed")
    asked = place.somebody("").page.goto(place.at(stop))
    assert asked is not None
    assert "/sign-in" in asked.url, address  # whoever isn't signed in is asked to


def test_pages_of_what_went_wrong(place: Place) -> None:
    amina = place.somebody("amina")
    for status, what in ((404, "nowhere"), (413, "too-big"), (500, "broken")):
        answer = _provoke(place, amina, status)
        assert answer == status
        place.eye.look(amina.page, f"problem-{what}", axe=True)
        amina.check(what)


def _provoke(place: Place, person: Somebody, status: int) -> int:
    if status == 404:
        answer = person.page.goto("/nowhere")
    elif status == 413:
        person.go("/me/settings")
        person.fill("What colleagues call you", "a" * (LARGEST_FORM_BYTES + 1))
        with person.page.expect_navigation() as gone:
            person.press("Keep this name")
        answer = gone.value
    else:
        answer = _with_a_table_gone(place, person)
    assert answer is not None
    return answer.status


def _with_a_table_gone(place: Place, person: Somebody) -> Response | None:
    owner = create_engine(wire.owner_url(Settings.from_env(place.backrow.environ)))
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE target RENAME TO gone"))
    try:
        return person.page.goto("/me/targets")
    finally:
        with owner.begin() as connection:
            connection.execute(text("ALTER TABLE gone RENAME TO target"))
        owner.dispose()
