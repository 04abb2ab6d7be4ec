"""The stamp of a note in a real browser: when it is set, and when it is taken away again."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import BOX, PLAYER, moment, open_lesson, until

pytestmark = pytest.mark.needs_chromium


def test_a_note_taken_back_letter_by_letter_leaves_no_stamp_behind(page: Page) -> None:
    open_lesson(page, "?player=at-ms=4000")
    until(page, lambda: moment(page) == 4000)
    box, stamp = page.get_by_label(BOX), page.locator("input[name='at_ms']")
    box.press_sequentially("x")
    expect(stamp).to_have_value("4000")
    box.press("Backspace")
    expect(stamp).to_have_value("")
    page.evaluate(f"{PLAYER}.seek(9000)")
    until(page, lambda: moment(page) == 9000)
    box.press_sequentially("y")
    expect(stamp).to_have_value("9000")
