"""The player in a real browser: it plays, seeks, steps, grows, and lets no picture stand when access ends."""

import re
import threading

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.js import media
from tests.js.driving import PLAYER, VIDEO, Site, alive, moment, number, open_lesson, play_until, until

pytestmark = pytest.mark.needs_chromium
_WATCH_FOR_JUMPS = """
  window.jumps = [];
  let last = 0;
  document.querySelector("video").addEventListener("timeupdate", ({ target }) => {
    if (target.currentTime < last) window.jumps.push(last);
    last = target.currentTime;
  });
"""


def test_plays_and_seeks_by_button_and_key(page: Page, site: Site) -> None:
    open_lesson(page)
    play_until(page, 1000)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.get_by_role("button", name="On 10 s").click()
    until(page, lambda: moment(page) > 11_000)
    page.keyboard.press("j")
    until(page, lambda: moment(page) < 5000)
    page.keyboard.press("k")
    assert number(page, f"Number({VIDEO}.paused)") == 1
    until(page, lambda: site.said.watched)
    assert set(site.said.tokens) == {"a-token"}


def test_nothing_of_the_film_is_fetched_before_play(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_lesson(page)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "hls.min" in url or "/media/" in url or url.endswith("/play")] == []


def test_scrubber_says_where_we_are_and_moves_by_keys(page: Page) -> None:
    open_lesson(page)
    slider = page.get_by_role("slider", name="Place in the lesson")
    expect(slider).to_have_attribute("aria-valuetext", "0 seconds of 24 seconds")
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "2000")
    page.keyboard.press("End")
    until(page, lambda: moment(page) >= 23_900)
    page.keyboard.press("Home")
    until(page, lambda: moment(page) == 0)


def test_arrows_seek_after_a_button_was_pressed_by_mouse_and_where_nothing_has_the_focus(page: Page) -> None:
    open_lesson(page)
    play_until(page, 500)
    page.get_by_role("button", name="Pause").click()
    page.keyboard.press("ArrowRight")
    until(page, lambda: moment(page) > 5000)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowLeft")
    until(page, lambda: moment(page) < 4000)
    page.get_by_role("button", name="Play").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Back 10 s")).to_be_focused()


def test_steps_by_exactly_one_frame(page: Page) -> None:
    open_lesson(page, "?player=at-ms=4000")
    play_until(page, 4500)
    page.keyboard.press("k")
    until(page, lambda: _still(page))
    _step(page, ",")
    steps = [_step(page, "."), _step(page, "."), _step(page, "."), -_step(page, ",")]
    assert all(abs(step - 40) <= 1 for step in steps), steps


def test_at_the_films_end_a_step_on_stays_at_the_last_frame(page: Page) -> None:
    open_lesson(page)
    page.get_by_role("slider", name="Place in the lesson").focus()
    page.keyboard.press("End")
    loaded = f"Math.max(0, ...Array.from({VIDEO}.buffered, (_, index) => {VIDEO}.buffered.end(index)))"
    until(page, lambda: number(page, loaded) > 23.9)
    page.keyboard.press(".")
    until(page, lambda: moment(page) == 23_960)
    for key in (".", ".", ","):
        page.keyboard.press(key)
    until(page, lambda: moment(page) == 23_920)


def test_nothing_moves_when_the_clock_shows_a_frame(page: Page) -> None:
    open_lesson(page, "?player=at-ms=4000")
    page.set_viewport_size({"width": 360, "height": 740})
    play_until(page, 4500)
    page.keyboard.press("k")
    until(page, lambda: _still(page))
    expect(page.get_by_label("Picture").locator("option")).to_have_count(3)
    places = (
        "() => [...document.querySelectorAll('.player__clock, .player__choice')]"
        ".map(({ offsetLeft, offsetTop, offsetWidth }) => [offsetLeft, offsetTop, offsetWidth])"
    )
    before = page.evaluate(places)
    _step(page, ".")
    expect(page.locator(".player__clock")).to_have_text(re.compile(r"\.\d{3} / 0:24"))
    assert page.evaluate(places) == before


def _step(page: Page, key: str) -> float:
    before = moment(page)
    page.keyboard.press(key)
    until(page, lambda: moment(page) != before and _still(page))
    return moment(page) - before


def _still(page: Page) -> bool:
    """Tell whether the picture stands: pausing and seeking end a few frames after they were asked for."""
    before = moment(page)
    page.evaluate("new Promise((done) => setTimeout(done, 250))")
    return number(page, f"Number({VIDEO}.seeking || !{VIDEO}.paused)") == 0 and moment(page) == before


def test_speed_keeps_and_is_remembered(page: Page) -> None:
    open_lesson(page)
    expect(page.get_by_label("Speed")).to_be_visible()
    page.keyboard.press(">")
    assert number(page, f"{VIDEO}.playbackRate") == 1.25
    page.reload()
    alive(page)
    expect(page.get_by_label("Speed")).to_have_value("1.25")
    assert page.evaluate(f"{VIDEO}.preservesPitch") is True


def test_quality_can_be_pinned(page: Page) -> None:
    open_lesson(page)
    play_until(page, 500)
    page.get_by_label("Picture").select_option("240")
    until(page, lambda: number(page, f"{VIDEO}.videoHeight") == 240)


def test_growing_lesson_goes_on_without_a_jump(page: Page, site: Site) -> None:
    site.said.ready = 3
    open_lesson(page, "?player=ask-every-s=2")
    slider = page.get_by_role("slider", name="Place in the lesson")
    play_until(page, 500)
    expect(slider).to_have_attribute("aria-valuemax", re.compile(r"60\d\d"))
    expect(slider).to_have_attribute("aria-valuetext", re.compile("of 24 seconds; the first 6 seconds are ready"))
    page.evaluate(_WATCH_FOR_JUMPS)
    until(page, lambda: moment(page) > 3000)
    site.said.ready = None
    until(page, lambda: moment(page) > 7000, timeout_s=25)
    assert page.evaluate("window.jumps") == []
    until(page, lambda: slider.get_attribute("aria-valuemax") == str(media.DURATION_MS), timeout_s=15)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(404, "Tom has paused watching. Your notes are safe."), (401, "You're signed out on this device.")],
)
def test_no_picture_stands_when_access_ends(page: Page, site: Site, status: int, sentence: str) -> None:
    site.said.ready = 3  # the playlist is asked for again and again, and each time the policy too
    open_lesson(page)
    play_until(page, 500)
    page.get_by_label("What did you see").fill("Half a sent")
    site.said.access = status
    expect(page.locator(".player__blank")).to_contain_text(sentence, timeout=12_000)
    expect(page.locator("video")).to_have_count(0)
    expect(page.get_by_label("What did you see")).to_have_value("Half a sent")
    link = "Back to Questioning triad" if status == 404 else "Sign in"
    expect(page.get_by_role("link", name=link)).to_be_visible()
    assert page.get_by_text("You can watch this because").count() == (1 if status == 401 else 0)


def test_access_that_ends_while_nothing_is_fetched_ends_playing_too(page: Page, site: Site) -> None:
    open_lesson(page, "?player=ask-every-s=2")
    play_until(page, 1000)  # all of this lesson fits into the buffer
    site.said.access = 404
    expect(page.locator(".player__blank")).to_be_visible(timeout=12_000)
    assert moment(page) < media.DURATION_MS


def test_news_that_access_changed_is_looked_into_at_once(page: Page, site: Site) -> None:
    open_lesson(page)
    play_until(page, 300)
    site.said.access = 404
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:access.changed'))")
    expect(page.locator(".player__blank")).to_be_visible(timeout=2000)


def test_slow_line_is_said_with_what_can_be_done(page: Page, site: Site) -> None:
    site.said.slow = threading.Event()
    open_lesson(page)
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".player__notice")).to_contain_text("Your line is slow.", timeout=9000)
    page.get_by_role("button", name="240p").click()
    expect(page.get_by_label("Picture")).to_have_value("240")
    site.said.slow.set()
    until(page, lambda: moment(page) > 500)
    expect(page.locator(".player__notice")).to_be_hidden()


def test_nothing_to_watch_yet_says_so_and_then_offers_it(page: Page, site: Site) -> None:
    site.said.ready = 0
    open_lesson(page, "?player=ask-every-s=2")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".player__notice")).to_contain_text("There's nothing to watch yet")
    site.said.ready = 3
    expect(page.locator(".player__notice")).to_contain_text("The first 0:06 are ready.", timeout=12_000)
    page.locator(".player__notice").get_by_role("button", name="Play").click()
    until(page, lambda: moment(page) > 500)


def test_old_address_is_asked_for_once_more_without_a_stop(page: Page, site: Site) -> None:
    site.said.old_once = {"480/002.m4s", "240/002.m4s", "sound/002.m4s"}
    open_lesson(page)
    play_until(page, 6500)
    assert "sound/002.m4s" not in site.said.old_once
    expect(page.locator(".player__notice")).to_be_hidden()


def test_clip_stops_at_its_end_and_keeps_the_lessons_own_time(page: Page) -> None:
    open_lesson(page, "?player=at-ms=5000+until-ms=6500+lock")
    expect(page.locator(".player__clock")).to_have_text("0:05 / 0:06")
    play_until(page, 5200)
    until(page, lambda: number(page, f"Number({VIDEO}.paused)") == 1)
    # The moment is that of the picture shown: the end lies within it, and a picture lasts 40 ms.
    assert 6460 <= moment(page) < 6700
    page.keyboard.press("0")
    until(page, lambda: moment(page) == 5000)


def test_clips_own_playlist_is_placed_where_it_lies_in_the_lesson(page: Page) -> None:
    open_lesson(page, "?clip=k1&player=at-ms=5000+until-ms=7000+lock")
    play_until(page, 5200)
    inside_s = number(page, f"{VIDEO}.currentTime")
    assert 1 < inside_s < 3  # the playlist begins at 4 s of the lesson
    until(page, lambda: number(page, f"Number({VIDEO}.paused)") == 1)
    assert 7000 <= moment(page) < 7200


def test_note_link_goes_there_with_a_run_up(page: Page, site: Site) -> None:
    site.said.notes["n1"] = {
        "id": "n1",
        "at_ms": 10_000,
        "until_ms": None,
        "kind": "evidence",
        "focus_item_id": "f1",
        "body": "Six seconds.",
    }
    open_lesson(page)
    page.get_by_role("link", name="10000").click()
    until(page, lambda: number(page, f"{VIDEO}.readyState") >= 2)
    assert moment(page) == 7000
    assert "/pages/lesson" in page.url
    assert "at=" not in page.url


def test_offline_says_how_far_it_is_loaded_and_goes_on_by_itself(page: Page, context: BrowserContext) -> None:
    open_lesson(page)
    play_until(page, 300)
    context.set_offline(offline=True)
    expect(page.locator(".player__notice")).to_contain_text("You're offline. Loaded up to")
    context.set_offline(offline=False)
    expect(page.locator(".player__notice")).to_be_hidden()
    at_ms = moment(page)
    until(page, lambda: moment(page) > at_ms + 500)


def test_second_tab_takes_over_only_when_told(context: BrowserContext, page: Page) -> None:
    open_lesson(page)
    play_until(page, 300)
    other = context.new_page()
    open_lesson(other)
    other.get_by_role("button", name="Play", exact=True).click()
    expect(other.locator(".player__notice")).to_contain_text("A lesson is playing in your other tab.")
    other.get_by_role("button", name="Here instead").click()
    until(other, lambda: other.evaluate(f"{PLAYER}.playing"))
    until(page, lambda: not page.evaluate(f"{PLAYER}.playing"))


def test_browser_plays_without_script_by_its_own_controls(
    chromium: object, site: Site, context: BrowserContext
) -> None:
    del chromium
    plain = context.browser
    assert plain is not None
    without = plain.new_context(base_url=site.address, java_script_enabled=False)
    bare = without.new_page()
    bare.goto("/pages/lesson")
    expect(bare.locator("video[controls] source")).to_have_attribute("src", "/media/r1/master.m3u8")
    without.close()
