"""The small picture over the slider: of the moment that somebody points at, and fetched only then."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import open_lesson, until

pytestmark = pytest.mark.needs_chromium


def test_pointing_at_the_slider_shows_the_small_picture_of_that_moment(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_lesson(page, "?player=storyboard=/media/r1/storyboard.vtt")
    slider = page.get_by_role("slider", name="Place in the lesson")
    box = slider.locator("svg").last.bounding_box()
    assert box is not None
    assert [url for url in asked if "/media/" in url and "/pages/" not in url] == [], "nothing before somebody points"

    def point(share: float) -> int:
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] / 2)
        return picture.count()

    picture = page.locator(".peek svg")
    point(0.2)
    until(page, lambda: point(0.51))
    expect(picture).to_have_attribute("viewBox", "480 0 160 90")
    expect(page.locator(".peek text")).to_have_text("0:12")
    point(0.99)
    expect(picture).to_have_attribute("viewBox", "800 0 160 90")
    edge = page.locator(".peek__ground").bounding_box()
    assert edge is not None
    assert edge["x"] + edge["width"] <= box["x"] + box["width"] + 1, "it stays within the slider"
    page.mouse.move(box["x"], box["y"] + 200)
    expect(picture).to_have_count(0)
    assert len([url for url in asked if url.endswith("storyboard.vtt") and "/pages/" not in url]) == 1


def test_without_a_storyboard_pointing_shows_nothing_and_asks_for_nothing(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_lesson(page)
    page.get_by_role("slider", name="Place in the lesson").hover()
    expect(page.locator(".peek svg")).to_have_count(0)
    assert [url for url in asked if "storyboard" in url] == []
