"""Somebody at a browser of their own, under the strict policy: each page they look at is checked as it is shown."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.web.build_assets import NODE_MODULES

AXE_RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 640}
_TRAP = """
window.reports = [];
document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  window.reports.push(`${violatedDirective} ${blockedURI}`);
});
"""
_OVERHANG = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
#: Keep a picture of every page looked at in this folder, for people to judge.
PICTURES = "BACKROW_TEST_PICTURES"


@dataclass
class Somebody:
    """One person's browser."""

    name: str
    context: BrowserContext
    page: Page
    complaints: list[str] = field(default_factory=list)
    _looks: int = 0

    def go(self, path: str) -> None:
        """Open an address."""
        self.page.goto(path)

    def look(self, what: str) -> None:
        """Look at the page, wide and narrow: axe finds nothing, nothing sticks out, nothing was blocked."""
        axe = (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
        self.page.evaluate(axe)
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]  # a width and a height
            # From the top: further down some button always lies half under the film that stays in sight.
            self.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
            found = self.page.evaluate(f"axe.run(document, {{runOnly: {AXE_RULES}}})")["violations"]
            self._keep_picture(what, size["width"])
            assert [(each["id"], each["nodes"][0]["target"], each["nodes"][0]["html"]) for each in found] == [], what
            assert self.page.evaluate(_OVERHANG) == 0, f"{what} sticks out at {size['width']} pixels"
        self.check(what)

    def check(self, what: str) -> None:
        """Fail where the policy blocked something, or a script broke."""
        self.complaints += self.page.evaluate("window.reports.splice(0)")
        assert self.complaints == [], what

    def press(self, name: str) -> None:
        """Press a button or follow a link that stands once on the page."""
        found = self.page.get_by_role("button", name=name, exact=True).or_(
            self.page.get_by_role("link", name=name, exact=True)
        )
        expect(found).to_have_count(1)
        found.click()

    def fill(self, label: str, words: str) -> None:
        """Fill in a field by its label."""
        self.page.get_by_label(label, exact=True).fill(words)

    def read(self, path: str) -> str:
        """Read a page with this person's own cookie, without opening it."""
        return self.context.request.get(path).text()

    def status_of(self, path: str) -> int:
        """Ask for an address with this person's own cookie, without opening it; say what status the answer has."""
        return self.context.request.get(path, max_redirects=0).status

    def _keep_picture(self, what: str, width: int) -> None:
        folder = os.environ.get(PICTURES)
        if folder:
            self._looks += 1
            file = Path(folder) / f"{self._looks:03}-{self.name}-{what.replace(' ', '-')}-{width}.png"
            self.page.screenshot(path=file, full_page=True)


@contextmanager
def somebody(browser: Browser, name: str, address: str) -> Iterator[Somebody]:
    """Give a person a browser of their own; nothing may have been blocked or broken in it by the end."""
    context = browser.new_context(base_url=address, viewport=WIDE)  # type: ignore[arg-type]  # a width and a height
    context.set_default_timeout(20_000)
    context.add_init_script(_TRAP)
    person = Somebody(name, context, context.new_page())
    context.on("weberror", lambda error: person.complaints.append(str(error.error)))
    context.on(
        "console",
        lambda line: person.complaints.append(line.text) if "Content Security Policy" in line.text else None,
    )
    try:
        yield person
        person.check("at the end")
    finally:
        context.close()
