"""Boxes over the picture: drawn, moved and sized by pointer and by keys, at one moment or several; the rows say it."""

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import VIDEO, moment, until

pytestmark = pytest.mark.needs_chromium
_SIDES = ("left", "top", "wide", "tall")
_SHOWN = """[...document.querySelectorAll(".boxes__box")].map((box) => {
  const of = (name) => Number(box.getAttribute(name)), wide = box.ownerSVGElement.viewBox.baseVal.width / 100;
  return [of("x") / wide, of("y"), of("width") / wide, of("height")].map((side) => Math.round(side * 10) / 10);
})"""


def open_page(page: Page) -> None:
    page.goto("/pages/blur")
    expect(page.get_by_role("button", name="Add a box")).to_be_visible()
    until(page, lambda: page.evaluate(f"{VIDEO}.readyState") >= 2)


def rows(page: Page) -> list[tuple[str, ...]]:
    """Read the rows that hold something: box, moment and the four measures."""
    names = ("box", "at", *_SIDES)
    columns = [
        page.locator(f"input[name={name}]").evaluate_all("(all) => all.map((one) => one.value)") for name in names
    ]
    return [row for row in zip(*columns, strict=True) if any(row)]


def shown(page: Page) -> list[list[float]]:
    """Read where boxes are drawn, in hundredths of the picture."""
    found: list[list[float]] = page.evaluate(_SHOWN)
    return found


def at(page: Page, x: float, y: float) -> tuple[float, float]:
    """Give the place on the screen of a place in the picture, in hundredths."""
    place = page.evaluate(
        """([x, y]) => {
          const drawn = document.querySelector(".boxes");
          const to = new DOMPoint(x * drawn.viewBox.baseVal.width / 100, y).matrixTransform(drawn.getScreenCTM());
          return [to.x, to.y];
        }""",
        [x, y],
    )
    return place[0], place[1]


def drag(page: Page, begins: tuple[float, float], ends: tuple[float, float]) -> None:
    page.mouse.move(*at(page, *begins))
    page.mouse.down()
    page.mouse.move(*at(page, (begins[0] + ends[0]) / 2, (begins[1] + ends[1]) / 2))
    page.mouse.move(*at(page, *ends))
    page.mouse.up()


def seek(page: Page, at_ms: int) -> None:
    page.evaluate(f"document.querySelector('br-player').seek({at_ms})")
    until(page, lambda: abs(moment(page) - at_ms) < 1)


def test_a_box_is_drawn_moved_and_sized_by_the_pointer(page: Page) -> None:
    open_page(page)
    drag(page, (20, 30), (40, 60))
    ((box, moment_, *sides),) = rows(page)
    assert (box, moment_) == ("1", "0:00")
    assert [float(side) for side in sides] == pytest.approx([20, 30, 20, 30], abs=0.6)
    expect(page.get_by_label("Boxes that I place")).to_be_checked()
    drag(page, (30, 40), (50, 50))
    assert shown(page)[0] == pytest.approx([40, 40, 20, 30], abs=0.6)
    drag(page, (59.5, 69.5), (69.5, 79.5))
    assert shown(page)[0] == pytest.approx([40, 40, 30, 40], abs=0.6)
    drag(page, (50, 50), (99, 99))
    assert shown(page)[0] == pytest.approx([70, 60, 30, 40], abs=0.6), "it stays within the picture"
    assert len(rows(page)) == 1


def test_a_slip_draws_nothing_and_plays_nothing(page: Page) -> None:
    open_page(page)
    drag(page, (20, 30), (20.5, 30.5))
    page.mouse.click(*at(page, 50, 50))
    assert rows(page) == []
    assert page.evaluate(f"{VIDEO}.paused")


def test_keys_alone_are_enough(page: Page) -> None:
    open_page(page)
    page.get_by_role("button", name="Add a box").press("Enter")
    box = page.get_by_role("button", name="Box 1:")
    expect(box).to_be_focused()
    for key in ("ArrowLeft", "ArrowLeft", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowDown"):
        page.keyboard.press(key)
    expect(box).to_be_focused()
    assert rows(page) == [("1", "0:00", "38", "39", "21", "21")]
    assert "Box 1: left 38, top 39, width 21, height 21." in (box.get_attribute("aria-label") or "")
    page.keyboard.press("Delete")
    assert rows(page) == []
    assert shown(page) == []


def test_with_several_places_it_goes_in_a_straight_line(page: Page) -> None:
    open_page(page)
    drag(page, (10, 10), (30, 30))
    seek(page, 8000)
    page.get_by_role("button", name="Also here").click()
    drag(page, (20, 20), (60, 60))
    seek(page, 4000)
    assert shown(page)[0] == pytest.approx([30, 30, 20, 20], abs=0.6)
    drag(page, (40, 40), (40, 20))
    assert [row[1] for row in rows(page)] == ["0:00", "0:08", "0:04"], "moved between two places, it has a third"
    seek(page, 2000)
    assert shown(page)[0] == pytest.approx([20, 10, 20, 20], abs=0.6)


def test_what_is_typed_is_drawn(page: Page) -> None:
    open_page(page)
    for name, value in zip(("box", "at", *_SIDES), ("3", "0:00", "10", "12,5", "50", "25"), strict=True):
        page.locator(f"#{name}-0").fill(value)
    assert shown(page) == [[10, 12.5, 50, 25]]
    page.get_by_role("button", name="Box 3:").focus()
    page.get_by_role("button", name="Take this box away").click()
    assert rows(page) == []


def test_there_are_eight_boxes_at_most(page: Page) -> None:
    open_page(page)
    add = page.get_by_role("button", name="Add a box")
    for _ in range(8):
        add.click()
    add.click()
    expect(page.get_by_role("status")).to_contain_text("There are eight boxes.")
    assert len(rows(page)) == 8
    ids = page.locator(".box-rows input").evaluate_all("(all) => all.map((one) => one.id)")
    assert len(ids) == len(set(ids)), "each field has a name of its own"
    assert page.locator("label[for=left-7]").count() == 1
