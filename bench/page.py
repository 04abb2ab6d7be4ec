"""The lesson page as its reader has it: how many queries it asks, and how soon a posted note stands in the list."""

import http.client
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import UUID

from playwright.sync_api import sync_playwright
from sqlalchemy import event
from sqlalchemy.orm import sessionmaker

from app.factory import create_app
from bench.browsing import FLAGS, sign_in
from bench.school import OBSERVER
from config import wire
from config.demo.story import PASSWORD
from config.settings import Settings
from tests.browser import Browser

#: Begins to watch for the next note: from the press, as the browser itself dates it, to the note's place in the list.
_WATCH: Final = """() => {
  const list = document.querySelector("#notes-list");
  const count = () => list.querySelectorAll("li[data-at-ms]:not([data-waiting])").length;
  const before = count();
  let pressed = null;
  document.addEventListener("click", ({ timeStamp }) => { pressed = timeStamp; }, { capture: true, once: true });
  window.shown = new Promise((tell, fail) => {
    setTimeout(() => fail(new Error("the note never came")), 30000);
    new MutationObserver((_, watching) => {
      if (count() === before) return;
      watching.disconnect();
      tell(performance.now() - pressed);
    }).observe(list, { childList: true });
  });
}"""


class PageTrouble(Exception):
    """The page didn't come as its reader has it; nothing was measured."""


class Reader:
    """The observer at the real application, asked without a network between, so that its queries can be counted."""

    def __init__(self, settings: Settings) -> None:
        self._engine = wire.engine(settings, wire.COMMAND)
        app = create_app(replace(wire.parts(settings), sessions=sessionmaker(self._engine)))
        self._browser = Browser.of(app)
        self._browser.sign_in(OBSERVER.email, PASSWORD)

    def queries(self, lesson: UUID, *, notes: int) -> int:
        """Count the queries of the lesson page; a first look, which warms what stays warm, is not counted.

        Raises:
            PageTrouble: the page was refused, or doesn't show so many notes.
        """
        self._browser.get(f"/recordings/{lesson}")
        with self._counted() as sent:
            page = self._browser.get(f"/recordings/{lesson}")
        shown = page.text.count("data-at-ms=")
        if (page.status_code, shown) != (http.client.OK, notes):
            raise PageTrouble(f"status {page.status_code}, {shown} notes of {notes}")
        return len(sent)

    def times_s(self, lessons: Sequence[UUID], *, looks: int) -> list[list[float]]:
        """Time the application's answer to each lesson's page, in turn, so many times; a first look isn't counted.

        Raises:
            PageTrouble: a page was refused.
        """
        taken: list[list[float]] = [[] for _ in lessons]
        for look in range(looks + 1):
            for place, lesson in enumerate(lessons):
                began = time.perf_counter()
                status = self._browser.get(f"/recordings/{lesson}").status_code
                if status != http.client.OK:
                    raise PageTrouble(f"status {status}")
                if look:
                    taken[place].append(time.perf_counter() - began)
        return taken

    @contextmanager
    def _counted(self) -> Iterator[list[str]]:
        sent: list[str] = []

        def remember(*args: object) -> None:
            sent.append(str(args[2]))

        event.listen(self._engine, "before_cursor_execute", remember)
        try:
            yield sent
        finally:
            event.remove(self._engine, "before_cursor_execute", remember)


def posts_ms(address: str, lesson: UUID, *, chromium: Path, posts: int) -> list[float]:
    """Post notes as the observer in a real browser; return for each the ms from the press until it's in the list."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(base_url=address)
        sign_in(page, OBSERVER)
        page.goto(f"/recordings/{lesson}", wait_until="networkidle")
        words, post = page.locator("#note textarea[name=body]"), page.get_by_role("button", name="Post", exact=True)
        taken = []
        for number in range(posts):
            words.fill(f"Posted {number}: B turns to the wall chart before answering.")
            page.evaluate(_WATCH)
            post.click()
            taken.append(float(page.evaluate("window.shown")))
            page.wait_for_function("document.querySelector('#note textarea[name=body]').value === ''")
        browser.close()
    return taken
