"""An open page hears of it: pausing reaches the screen of whoever looks, and a page without a stream asks."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect, sync_playwright
from sqlalchemy import select

from app import clock, ids
from app.home.live.routes import STOPPING
from app.notify.service import tell
from app.people.accounts.models import Device, DeviceKind, Person
from tests.app.home.happening import act, prepared, watched
from tests.app.observation.scene import Scene
from tests.conftest import Database
from tests.js.driving import until
from tests.left_out import chromium
from tests.serving import serving

pytestmark = pytest.mark.needs_chromium
_HEAR = """
window.heard = []; window.reports = [];
addEventListener("securitypolicyviolation", ({ violatedDirective }) => window.reports.push(violatedDirective));
addEventListener("DOMContentLoaded", () => {
  for (const name of ["recording.media", "access.changed"]) {
    document.body.addEventListener(`live:${name}`, () => window.heard.push(name));
  }
});
"""


@pytest.fixture
def address(scene: Scene, database: Database) -> Iterator[str]:
    parts = scene.app.extensions["backrow"]
    scene.app.extensions["backrow"] = replace(parts, listen_conninfo=database.conninfo)
    stopping = threading.Event()
    scene.app.extensions[STOPPING] = stopping.is_set
    # No stream may outlive the test: it would look into a database that is gone, by a connection that nobody closes.
    with serving(scene.app, wait_for_answers=True) as server:
        try:
            yield f"http://127.0.0.1:{server.port}"
        finally:
            stopping.set()


@pytest.fixture
def page(scene: Scene, address: str) -> Iterator[Page]:
    """Amina's browser."""
    secret = ids.token()
    with scene.sessions.begin() as session:
        amina = session.get_one(Person, scene.ids["Amina"])
        session.add(
            Device(
                account_id=amina.account_id,
                person_id=amina.id,
                kind=DeviceKind.BROWSER,
                secret_hash=ids.token_hash(secret),
                expires_at=session.scalars(select(clock.now())).one() + timedelta(days=1),
            )
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=address)
        context.add_cookies([{"name": "backrow", "value": secret, "url": address}])
        context.add_init_script(_HEAR)
        page = context.new_page()
        yield page
        assert page.evaluate("window.reports") == []
        browser.close()


def test_p7_pausing_reaches_a_screen_within_five_seconds(scene: Scene, page: Page) -> None:
    watched(scene, "Amina")
    with page.expect_response("**/api/v1/events?*") as stream:
        page.goto(scene.lesson)
    assert stream.value.status == 200
    page.get_by_label("What did you see or hear?").fill("Six seconds after why.")
    act(scene, "pause")
    player = page.get_by_role("region", name="Lesson player")
    expect(player.get_by_text("Tom has paused watching. Your notes are safe.")).to_be_visible(timeout=5000)
    expect(page.get_by_label("What did you see or hear?")).to_have_value("Six seconds after why.")


def test_a_page_whose_stream_is_refused_asks_instead(scene: Scene, page: Page) -> None:
    scene.app.extensions["backrow"] = replace(scene.app.extensions["backrow"], most_streams=0)
    with page.expect_response("**/api/v1/events/poll?*", timeout=20_000) as asked:
        page.goto(scene.lesson)
        page.locator("br-live").evaluate("(live) => live.setAttribute('poll', '1')")
    assert asked.value.status == 200
    prepared(scene, 40)
    until(page, lambda: "recording.media" in page.evaluate("window.heard"))


def test_home_hears_what_came_in_and_leaves_what_is_the_same_alone(scene: Scene, page: Page) -> None:
    with page.expect_response("**/api/v1/events?*"):
        page.goto("/")
    page.evaluate("window.card = document.querySelector('.card--next')")
    link = page.get_by_role("link", name="My notes")
    link.focus()
    with page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:me.steps'))")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.card.isConnected")
    with scene.sessions.begin() as session:
        tell(session, [scene.ids["Amina"]], "recording.ready", scene.ids["recording"])
    expect(page.get_by_role("region", name="What came in")).to_contain_text(
        "the whole lesson can be watched", timeout=8000
    )
    expect(link).to_be_focused()
