"""The stamp of a note in a real browser: when it is set, and when it is taken away again."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import BOX, PLAYER, Site, alive, moment, open_lesson, post, until

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


def test_a_start_set_after_the_end_says_that_the_end_is_gone(page: Page) -> None:
    open_lesson(page, "?player=at-ms=4000")
    page.get_by_role("button", name="From here").click()
    page.get_by_role("button", name="On 10 s").click()
    page.get_by_role("button", name="Until here").click()
    expect(page.locator("input[name='until_ms']")).to_have_value("14000")
    page.get_by_role("button", name="On 10 s").click()
    page.get_by_role("button", name="From here").click()
    expect(page.locator("input[name='until_ms']")).to_have_value("")
    says = "The end must come after the start. Go on a little, then set the end again."
    expect(page.get_by_role("status")).to_contain_text(says)
    page.get_by_role("button", name="Back 10 s").click()
    page.get_by_role("button", name="Until here").click()
    expect(page.get_by_role("status")).to_have_text(says)


def test_a_note_for_a_lesson_that_is_closed_says_so_and_is_sent_once_it_is_open_again(page: Page, site: Site) -> None:
    says = "This lesson is closed just now. What you wrote is kept on this device."
    open_lesson(page)
    site.said.access = 404
    post(page, "Six seconds")
    expect(page.locator("#notes-list [data-waiting]")).to_contain_text(says)
    expect(page.locator("#outbox")).to_contain_text(says)
    site.said.access = 200
    page.reload()
    alive(page)
    expect(page.locator("#notes-list .note__body")).to_have_text("Six seconds")
    expect(page.locator("#outbox")).to_be_hidden()
