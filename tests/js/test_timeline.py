"""The lanes under the film: each note marked at its moment, right under its place in the slider."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.js.driving import Site, moment, open_lesson, post, until

pytestmark = pytest.mark.needs_chromium


def test_timeline_and_list_follow_the_lesson(page: Page, site: Site) -> None:
    for number_, at_ms in enumerate((2000, 12_000, 20_000)):
        site.said.notes[f"n{number_}"] = {
            "id": f"n{number_}",
            "at_ms": at_ms,
            "until_ms": at_ms + 1000,
            "kind": "question",
            "focus_item_id": "f1" if number_ else "",
            "body": "Why?",
        }
    open_lesson(page)
    expect(page.locator("br-timeline .lane")).to_have_count(3)
    expect(page.locator("br-timeline .lane", has_text="Wait time").locator("path")).to_have_count(2)
    box = page.locator("br-timeline .lane__line").nth(1).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(page, lambda: abs(moment(page) - 12_000) < 200)
    expect(page.locator("li:has(#note-n1)")).to_have_attribute("aria-current", "true")
    page.keyboard.press("p")
    until(page, lambda: moment(page) == 17_000)
    page.keyboard.press("Shift+P")
    until(page, lambda: moment(page) == 9000)
    page.get_by_label("Kind").select_option("evidence")
    expect(page.locator("#notes-list > li:visible")).to_have_count(0)


@pytest.mark.parametrize("wide", [1280, 360])
def test_a_note_is_marked_right_under_its_place_in_the_slider(page: Page, wide: int) -> None:
    page.set_viewport_size({"width": wide, "height": 900})
    open_lesson(page, "?player=at-ms=18000")
    expect(page.locator("br-timeline .lane").first).to_contain_text("none yet")
    post(page, "Here.")
    mark = page.locator("br-timeline .lane", has_text="Anything else").locator("path")
    expect(mark).to_have_count(1)
    expect(page.locator("br-timeline .lane").first).to_have_text("All notes")
    assert abs(_middle(mark) - _middle(page.locator(".scrubber__thumb"))) < 1.5
    assert abs(_middle(mark) - _middle(page.locator("br-timeline .lane__now").last)) < 1.5


def test_the_lanes_of_a_clip_span_the_clip(page: Page) -> None:
    open_lesson(page, "?clip=k1&player=at-ms=6000+until-ms=18000+lock")
    page.locator("br-timeline").evaluate(
        "(lanes) => { lanes.setAttribute('from-ms', 6000); lanes.setAttribute('until-ms', 18000); lanes.draw(); }"
    )
    page.locator("br-timeline .lane__line").last.click()  # its middle
    until(page, lambda: abs(moment(page) - 12_000) < 200)


def _middle(mark: Locator) -> float:
    box = mark.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2
