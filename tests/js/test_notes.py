"""Writing notes in a real browser: stamped by the first key, never lost, never twice."""

import re
import time

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.js.driving import BOX, PLAYER, VIDEO, Site, alive, moment, number, open_lesson, play_until, post, until

pytestmark = pytest.mark.needs_chromium
_NOTES = "**/api/v1/recordings/r1/notes"
#: Notes the lesson's moment when a key goes down, before any script of ours hears of it.
_KEY_DOWN = f"addEventListener('keydown', () => {{ window.pressed_ms ??= {VIDEO}.currentTime * 1000; }}, true)"

#: How often each waiting note was tried in vain while the browser had a line.
_TRIES = """() => new Promise((go) => {
  const opening = indexedDB.open("backrow");
  opening.onsuccess = () => {
    const asking = opening.result.transaction("outbox").objectStore("outbox").getAll();
    asking.onsuccess = () => { opening.result.close(); go(asking.result.map(({ tries }) => tries)); };
  };
})"""


def test_stamp_is_the_first_key_and_playing_goes_on_after_posting(page: Page, site: Site) -> None:
    open_lesson(page)
    play_until(page, 2000)
    page.keyboard.press("n")
    expect(page.get_by_label(BOX)).to_be_focused()
    page.evaluate(_KEY_DOWN)
    page.keyboard.type("Nobody speaks", delay=30)
    pressed_ms = number(page, "window.pressed_ms")
    assert page.evaluate(f"{PLAYER}.playing") is False
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notes-list .note__body")).to_have_text("Nobody speaks")
    (note,) = site.said.notes.values()
    assert abs(note["at_ms"] - pressed_ms) <= 100
    assert note["body"] == "Nobody speaks"
    assert note["kind"] == "evidence"
    assert note["until_ms"] is None
    assert set(note) == {
        "id",
        "state",
        "at_ms",
        "until_ms",
        "kind",
        "focus_item_id",
        "case_pupil_id",
        "body",
        "written_at",
    }
    until(page, lambda: page.evaluate(f"{PLAYER}.playing"))
    expect(page.get_by_label(BOX)).to_have_value("")
    expect(page.get_by_label(BOX)).to_be_focused()


def test_five_kinds_by_keyboard_alone_keep_the_order_of_moments(page: Page, site: Site) -> None:
    open_lesson(page)
    slider = page.get_by_role("slider", name="Place in the lesson")
    for key, at_ms in (("3", 9000), ("1", 3000), ("5", 15_000), ("2", 6000), ("4", 12_000)):
        slider.focus()
        page.keyboard.press("Home")
        until(page, lambda: moment(page) == 0)
        for _ in range(at_ms // 1000):
            page.keyboard.press("ArrowRight")
        page.keyboard.press(key)
        page.keyboard.type(f"kind {key}")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#notes-list")).to_contain_text(f"kind {key}")
        page.keyboard.press("Escape")
    expect(page.locator("#notes-list .note__body")).to_have_text([f"kind {key}" for key in "12345"])
    assert [note["kind"] for note in sorted(site.said.notes.values(), key=lambda note: note["at_ms"])] == [
        "evidence",
        "question",
        "took_away",
        "try",
        "wondering",
    ]
    page.locator("#notes-list button").first.click()  # what htmx put in is alive: its nonce was taken over
    expect(page.locator("#notes-list .note__body")).to_have_count(5)


def test_stamp_moves_and_takes_a_range_by_hand(page: Page, site: Site) -> None:
    open_lesson(page, "?player=at-ms=4000")
    page.get_by_label(BOX).press_sequentially("x")
    page.keyboard.press("Alt+Comma")
    expect(page.get_by_role("heading", name="Note at 0:03")).to_be_visible()
    page.keyboard.press("Alt+Period")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="On 10 s").click()
    page.keyboard.press("]")
    expect(page.get_by_role("heading", name=re.compile("Note at 0:04.0:14"))).to_be_visible()
    page.get_by_role("button", name="Post").click()
    until(page, lambda: site.said.notes)
    (note,) = site.said.notes.values()
    assert (note["at_ms"], note["until_ms"]) == (4000, 14_000)


def test_moment_can_be_typed(page: Page, site: Site) -> None:
    open_lesson(page)
    page.get_by_label("Moment").fill("soon")
    page.get_by_label("Moment").press("Tab")
    expect(page.locator(".mend")).to_have_text("Write the moment like this: 4:12.")
    page.get_by_label("Moment").fill("0:17")
    post(page, "Typed.")
    until(page, lambda: site.said.notes)
    assert [note["at_ms"] for note in site.said.notes.values()] == [17_000]


def test_offline_notes_survive_a_reload_and_arrive_once(page: Page, site: Site, context: BrowserContext) -> None:
    open_lesson(page)
    context.set_offline(offline=True)
    for words in ("one", "two", "three"):
        post(page, words)
        expect(page.locator("#notes-list .note--waiting", has_text=words)).to_be_visible()
        expect(page.get_by_label(BOX)).to_have_value("")
    assert site.said.notes == {}
    site.said.access = 503  # the line is back, but the machine is not yet
    context.set_offline(offline=False)
    until(page, lambda: page.evaluate(_TRIES) == [1, 0, 0])
    page.reload()
    alive(page)
    until(page, lambda: page.evaluate(_TRIES) == [2, 0, 0])
    expect(page.locator("#notes-list .note--waiting")).to_have_count(3)
    site.said.access, site.said.lose_answers = 200, 1  # the first arrives, and its answer is lost
    # It was asked for: what went wrong before doesn't make the wait after this try any longer.
    page.get_by_role("button", name="Send now").first.click()
    expect(page.locator("#notes-list .note--waiting")).to_have_count(0, timeout=12_000)
    expect(page.locator("#outbox")).to_be_hidden()
    assert [note["body"] for note in site.said.notes.values()] == ["one", "two", "three"]
    assert max(site.said.keys.values()) >= 2
    expect(page.locator("#notes-list .note__body")).to_have_count(3)


@pytest.mark.parametrize("arrived", [False, True], ids=["lost on its way", "its answer lost"])
def test_a_note_on_a_dead_line_goes_out_as_soon_as_the_line_is_back(
    page: Page, site: Site, context: BrowserContext, *, arrived: bool
) -> None:
    hanging: list[Route] = []

    def dead_at_first(route: Route) -> None:
        if hanging:
            route.continue_()
            return
        hanging.append(route)
        if arrived:
            route.fetch()

    page.route(_NOTES, dead_at_first)
    open_lesson(page)
    post(page, "Six seconds")
    expect(page.locator("#notes-list .note--waiting")).to_contain_text("On its way")
    context.set_offline(offline=True)
    context.set_offline(offline=False)
    expect(page.locator("#notes-list .note__body")).to_have_text("Six seconds", timeout=4000)
    expect(page.locator("#outbox")).to_be_hidden()
    assert len(hanging) == 1
    assert list(site.said.keys.values()) == [1 + arrived]
    assert [note["body"] for note in site.said.notes.values()] == ["Six seconds"]


def test_half_written_note_survives_a_reload(page: Page, site: Site) -> None:
    open_lesson(page, "?player=at-ms=8000")
    page.get_by_label(BOX).press_sequentially("Half a sent")
    open_lesson(page)
    expect(page.get_by_label(BOX)).to_have_value("Half a sent")
    expect(page.get_by_role("heading", name="Note at 0:08")).to_be_visible()
    page.get_by_role("button", name="Post").click()
    until(page, lambda: site.said.notes)
    assert [note["at_ms"] for note in site.said.notes.values()] == [8000]


def test_refusal_stands_at_its_field_and_the_words_stay(page: Page, site: Site) -> None:
    site.said.refuse_note = {
        "code": "not_in_protocol",
        "detail": "No.",
        "fields": {"kind": "Your protocol has no such kind."},
    }
    open_lesson(page)
    post(page, "Kept words")
    expect(page.locator("fieldset .mend")).to_have_text("Your protocol has no such kind.")
    expect(page.get_by_label(BOX)).to_have_value("Kept words")
    page.get_by_role("button", name="Post").click()
    expect(page.locator("#notes-list .note__body")).to_have_text("Kept words")
    expect(page.locator(".mend")).to_have_count(0)
    assert len(site.said.notes) == 1


def test_shared_computer_keeps_nothing(page: Page, context: BrowserContext) -> None:
    open_lesson(page, "?shared=1")
    context.set_offline(offline=True)
    post(page, "Only in the page")
    expect(page.locator(".mend")).to_contain_text("this computer keeps nothing")
    expect(page.get_by_label(BOX)).to_have_value("Only in the page")
    context.set_offline(offline=False)
    assert page.evaluate("indexedDB.databases()") == []
    assert page.evaluate("localStorage.length") == 0


def test_pausing_while_writing_can_be_switched_off(page: Page) -> None:
    open_lesson(page)
    page.get_by_label("Pause while I write").uncheck()
    page.reload()
    alive(page)
    play_until(page, 500)
    page.get_by_label(BOX).press_sequentially("abc")
    assert page.evaluate(f"{PLAYER}.playing") is True


def test_keys_are_listed_and_can_be_turned_off(page: Page) -> None:
    open_lesson(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.get_by_label("Turn single keys off").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    expect(page.get_by_label(BOX)).not_to_be_focused()


def test_note_with_markup_stays_text(page: Page, site: Site) -> None:
    open_lesson(page)
    words = "<img src=x onerror=alert(1)> <b hx-get='/x'>bold</b>"
    post(page, words)
    expect(page.locator("#notes-list .note__body")).to_have_text(words)
    assert page.locator("#notes-list img").count() == 0
    assert len(site.said.notes) == 1


def test_stamp_stays_where_the_first_key_was_however_long_one_writes(page: Page, site: Site) -> None:
    open_lesson(page)
    page.get_by_label("Pause while I write").uncheck()
    play_until(page, 1000)
    page.get_by_label(BOX).press_sequentially("a")
    stamp = page.locator("[name=at_ms]").input_value()
    began = time.monotonic()
    until(page, lambda: time.monotonic() - began > 1)
    page.get_by_label(BOX).press_sequentially("b")
    page.keyboard.press("Control+Enter")
    until(page, lambda: site.said.notes)
    assert [str(note["at_ms"]) for note in site.said.notes.values()] == [stamp]


def test_focus_item_is_chosen_by_two_keys(page: Page, site: Site) -> None:
    open_lesson(page)
    page.keyboard.press("f")
    page.keyboard.press("1")
    expect(page.get_by_label("About")).to_have_value("f1")
    expect(page.get_by_label(BOX)).not_to_be_focused()
    page.keyboard.press("2")
    expect(page.get_by_label(BOX)).to_be_focused()
    expect(page.get_by_role("radio", name="Question")).to_be_checked()
    page.keyboard.type("Why?")
    page.keyboard.press("Control+Enter")
    until(page, lambda: site.said.notes)
    assert [(note["focus_item_id"], note["kind"]) for note in site.said.notes.values()] == [("f1", "question")]


def test_fragment_that_is_refused_puts_nothing_in_the_list(page: Page, site: Site) -> None:
    site.said.lose_fragments = True
    open_lesson(page)
    post(page, "Kept all the same")
    expect(page.locator("#status")).to_have_text("Kept.")
    until(page, lambda: site.said.notes)
    expect(page.get_by_label(BOX)).to_be_focused()
    assert page.locator("#notes-list > *").count() == 0


@pytest.mark.parametrize("shared", [False, True])
def test_a_lesson_that_closes_says_what_becomes_of_a_note(page: Page, site: Site, *, shared: bool) -> None:
    open_lesson(page, "?shared=1" if shared else "")
    page.get_by_label(BOX).fill("Six seconds of nothing")
    site.said.access = 404
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:access.changed'))")
    expect(page.get_by_role("button", name="Post")).to_be_hidden()
    expect(page.get_by_label(BOX)).to_have_value("Six seconds of nothing")
    if shared:
        expect(page.locator("#audience")).to_contain_text("this computer keeps nothing: copy what you wrote")
        return
    expect(page.locator("#audience")).to_contain_text(
        "kept on this device, and sent when you can open the lesson again"
    )
    page.get_by_role("button", name="Keep it on this device").click()
    expect(page.locator("#notes-list")).to_contain_text("What you wrote is kept on this device.")
    site.said.access = 200
    open_lesson(page)
    until(page, lambda: [note["body"] for note in site.said.notes.values()] == ["Six seconds of nothing"])
