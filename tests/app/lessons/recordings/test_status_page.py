"""Is it in, when can it be seen: the page hears of it, and leaves whoever reads it where they are."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import APIResponse, Page, Route, expect, sync_playwright

from app import ids
from app.people.accounts.models import Device, DeviceKind, Person
from tests.app.lessons.recordings.lesson import Lesson
from tests.js.driving import until
from tests.left_out import chromium

_NEWS = "document.body.dispatchEvent(new CustomEvent('live:recording.media'))"


@pytest.fixture
def page(lesson: Lesson, address: str) -> Iterator[Page]:
    """Tom's browser."""
    secret = ids.token()
    with lesson.scene.sessions.begin() as session:
        tom = session.get_one(Person, lesson.scene.ids["Tom"])
        session.add(
            Device(
                account_id=tom.account_id,
                person_id=tom.id,
                kind=DeviceKind.BROWSER,
                secret_hash=ids.token_hash(secret),
                expires_at=lesson.now() + timedelta(days=1),
            )
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(base_url=address)
        context.add_cookies([{"name": "backrow", "value": secret, "url": address}])
        page = context.new_page()
        broken: list[str] = []
        page.on("console", lambda line: broken.append(line.text) if line.type == "error" else None)
        yield page
        assert broken == []
        browser.close()


@pytest.mark.needs_chromium
def test_it_hears_of_each_step_long_before_it_would_ask(lesson: Lesson, page: Page) -> None:
    lesson.change(media_state="preparing", watchable_ms=0, prepared_percent=0, verified_at=None)
    with page.expect_response("**/api/v1/events?*"):
        page.goto(f"{lesson.at}/status")
    expect(page.get_by_text("The beginning can be watched in a few seconds").last).to_be_visible()
    lesson.change(media_state="watchable", watchable_ms=60_000, prepared_percent=10)
    watch = page.get_by_role("link", name="Watch what’s ready")
    expect(watch).to_be_visible()
    expect(page.locator("#status")).to_have_text("The beginning can be watched.")
    watch.focus()
    lesson.change(watchable_ms=120_000, prepared_percent=20)
    expect(page.get_by_text("The first 2:00 of 12:00 can be watched now.").last).to_be_visible()
    expect(watch).to_be_focused()
    lesson.change(media_state="ready", watchable_ms=720_000, prepared_percent=100, verified_at=lesson.now())
    expect(page.get_by_text("The whole lesson can be watched.").first).to_be_visible()
    expect(page.locator("[data-settled]")).to_have_count(1)


@pytest.mark.needs_chromium
def test_news_that_come_while_it_asks_are_asked_for_once_more(lesson: Lesson, page: Page) -> None:
    lesson.change(media_state="preparing", watchable_ms=0, prepared_percent=0, verified_at=None)
    on_its_way: list[tuple[Route, APIResponse]] = []

    def slow_at_first(route: Route) -> None:
        if on_its_way or route.request.resource_type == "document":
            route.continue_()
        else:
            on_its_way.append((route, route.fetch()))

    page.route(f"**{lesson.at}/status", slow_at_first)
    page.goto(f"{lesson.at}/status")
    until(page, lambda: page.evaluate("!!customElements.get('br-status')"))
    page.evaluate(_NEWS)
    until(page, lambda: on_its_way)
    lesson.change(media_state="watchable", watchable_ms=60_000, prepared_percent=10)
    page.evaluate(_NEWS)
    route, old = on_its_way[0]
    route.fulfill(response=old)
    expect(page.get_by_role("link", name="Watch what’s ready")).to_be_visible()
    expect(page.locator("#status")).to_have_text("The beginning can be watched.")


@pytest.mark.parametrize(
    ("state", "verified", "settled"),
    [
        ("waiting", False, False),
        ("watchable", True, False),
        pytest.param("ready", False, False, id="ready before all of it was compared"),
        ("ready", True, True),
        ("needs_attention", False, True),
    ],
)
def test_it_goes_on_asking_as_long_as_something_may_come(
    lesson: Lesson, state: str, *, verified: bool, settled: bool
) -> None:
    code = "frames_lost" if state == "needs_attention" else None
    lesson.change(media_state=state, media_code=code, verified_at=lesson.now() if verified else None)
    text = lesson.scene["Tom"].get(f"{lesson.at}/status").text
    assert ("data-settled" in text) is settled
    assert f'<br-status src="{lesson.at}/status" every-s="20">' in text
    assert f'<br-live topics="me,recording:{lesson.scene.ids["recording"]}"' in text
    assert "<script>" not in text
    part = lesson.scene["Tom"].get(f"{lesson.at}/status", headers={"HX-Request": "true"}).text
    assert re.match(r'\s*<div id="media-status"', part), "only what is inside the element"


def test_watchers_see_how_far_it_is_and_no_more(lesson: Lesson) -> None:
    lesson.change(media_state="watchable")
    text = lesson.scene["Amina"].get(f"{lesson.at}/status").text
    assert "Watch what’s ready" in text
    assert "Who may watch" not in text
    lesson.bring_into("paused")
    assert lesson.scene["Amina"].get(f"{lesson.at}/status").status_code == 404
