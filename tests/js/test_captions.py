"""Captions in a real browser: at their moment, on or off as the person has chosen, also in a clip."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import VIDEO, open_lesson, until

pytestmark = pytest.mark.needs_chromium
_SHOWN = f"""
  [...{VIDEO}.textTracks].filter((one) => one.mode === "showing")
    .flatMap((one) => [...(one.activeCues ?? [])]).map((cue) => cue.text).join()
"""


def words(page: Page) -> str:
    """Say what is shown just now."""
    shown: str = page.evaluate(_SHOWN)
    return shown


def seek(page: Page, at_ms: int) -> None:
    page.evaluate(f"document.querySelector('br-player').seek({at_ms})")


def test_a_key_and_a_button_show_them_at_their_moment(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_lesson(page, "?captions")
    button = page.get_by_role("button", name="Captions")
    expect(button).to_have_attribute("aria-pressed", "false")
    seek(page, 12_500)
    until(page, lambda: page.evaluate(f"{VIDEO}.readyState") >= 2)
    assert words(page) == ""
    assert [url for url in asked if url.endswith("en.vtt")] == [], "what nobody wants to read isn't fetched"
    page.keyboard.press("c")
    until(page, lambda: words(page) == "Six")
    expect(button).to_have_attribute("aria-pressed", "true")
    seek(page, 8000)
    until(page, lambda: words(page) == "")
    seek(page, 2500)
    until(page, lambda: words(page) == "Five")
    button.click()
    until(page, lambda: words(page) == "")


def test_the_choice_is_kept(page: Page) -> None:
    open_lesson(page, "?captions")
    page.keyboard.press("c")
    open_lesson(page, "?captions")
    expect(page.get_by_role("button", name="Captions")).to_have_attribute("aria-pressed", "true")
    seek(page, 2500)
    until(page, lambda: words(page) == "Five")


def test_in_a_clip_they_keep_the_lesson_s_time(page: Page) -> None:
    open_lesson(page, "?captions&clip&player=lock=+at-ms=5000+until-ms=20000")
    page.keyboard.press("c")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, lambda: page.evaluate(f"{VIDEO}.readyState") >= 2)
    page.get_by_role("button", name="Pause").click()
    seek(page, 12_500)
    until(page, lambda: words(page) == "Six")


def test_without_any_there_is_no_button(page: Page) -> None:
    open_lesson(page)
    expect(page.get_by_role("button", name="Captions")).to_have_count(0)
