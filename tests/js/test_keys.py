"""What single keys do in a real browser, and the dialog that lists them."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import open_lesson

pytestmark = pytest.mark.needs_chromium


@pytest.mark.parametrize("width", [1280, 360])
def test_the_dialog_stands_in_the_middle_and_what_is_said_off_the_edges(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 740})
    open_lesson(page)
    page.keyboard.press("?")
    box = page.get_by_role("dialog", name="Keys").bounding_box()
    assert box is not None
    assert abs(box["x"] + box["width"] / 2 - width / 2) <= 1
    assert abs(box["y"] + box["height"] / 2 - 370) <= 1
    assert box["x"] >= 16
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(page.get_by_role("status")).to_have_text("That was the last note.")
    said = page.get_by_role("status").bounding_box()
    assert said is not None
    assert said["x"] >= 16
    assert said["y"] + said["height"] <= 740 - 16
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    end = page.locator("main").bounding_box()
    assert end is not None
    assert end["y"] + end["height"] <= said["y"]
