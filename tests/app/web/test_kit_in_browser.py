"""The page of all parts in a real browser: wide and narrow, by day and by night, under the content policy."""

from collections.abc import Iterator
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright

from app.web.build_assets import NODE_MODULES
from tests.app.web.kit_pages import pages
from tests.left_out import chromium
from tests.serving import serving

ROLES: tuple[Literal["row", "columnheader", "rowheader", "cell"], ...] = ("row", "columnheader", "rowheader", "cell")
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def web() -> Flask:
    return pages()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(chromium()), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.mark.needs_chromium
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width_px", [1280, 320])
def test_axe_finds_nothing_and_nothing_sticks_out(
    web: Flask, browser: Browser, width_px: int, scheme: Literal["light", "dark"]
) -> None:
    axe = (NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
    complaints: list[str] = []
    with serving(web) as server:
        context = browser.new_context(viewport={"width": width_px, "height": 800}, color_scheme=scheme)
        context.add_init_script(
            "window.reports = []; addEventListener('securitypolicyviolation', (e) => reports.push(e.violatedDirective))"
        )
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"http://127.0.0.1:{server.port}/parts", wait_until="load")
        page.evaluate(axe)
        found = page.evaluate(f"axe.run(document, {{runOnly: {AXE_RULES}}})")["violations"]
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        reports = page.evaluate("reports")
        context.close()
    assert [(violation["id"], violation["nodes"][0]["target"]) for violation in found] == []
    assert (wider, reports) == (0, [])
    assert [complaint for complaint in complaints if "favicon" not in complaint] == []


@pytest.mark.needs_chromium
def test_icons_are_drawn_from_the_sprite_under_the_policy(web: Flask, browser: Browser) -> None:
    with serving(web) as server:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/parts", wait_until="load")
        box = page.evaluate("document.querySelector('.back .icon use').getBBox().width")
        context.close()
    assert box > 0


@pytest.mark.needs_chromium
@pytest.mark.parametrize(("width_px", "below_each_other"), [(1280, False), (320, True)])
def test_a_wide_table_stacks_on_a_phone_and_stays_a_table(
    web: Flask, browser: Browser, width_px: int, below_each_other: bool
) -> None:
    with serving(web) as server:
        context = browser.new_context(viewport={"width": width_px, "height": 800})
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/parts", wait_until="load")
        table = page.get_by_role("table", name="Rota")
        tops = (
            table.locator("tbody tr")
            .first.locator("th, td")
            .evaluate_all("cells => cells.map((cell) => cell.getBoundingClientRect().top)")
        )
        label = table.locator("td[data-label='given']").first.evaluate(
            "cell => getComputedStyle(cell, '::before').content"
        )
        roles = [table.get_by_role(role).count() for role in ROLES]
        context.close()
    assert (len(set(tops)) == len(tops)) is below_each_other
    assert ("given" in label) is below_each_other, "each value stands beside its label"
    assert roles == [3, 4, 2, 9]


@pytest.mark.needs_chromium
def test_a_notice_has_room_wherever_it_stands(web: Flask, browser: Browser) -> None:
    with serving(web) as server:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{server.port}/parts", wait_until="load")
        gaps_px = page.evaluate(
            """() => {
              const plain = document.createElement("div");
              const notice = document.querySelector(".notice").cloneNode(true);
              plain.append(document.createElement("p"), notice, document.createElement("p"));
              for (const words of plain.querySelectorAll(":scope > p")) words.textContent = "Words beside it.";
              document.querySelector("main").append(plain);
              const [before, itself, after] = [...plain.children].map((one) => one.getBoundingClientRect());
              return [itself.top - before.bottom, after.top - itself.bottom];
            }"""
        )
        context.close()
    assert min(gaps_px) >= 8, gaps_px
