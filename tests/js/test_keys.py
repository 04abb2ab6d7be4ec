"""What single keys do in a real browser, and the dialog that lists them."""

import string
from collections.abc import Iterable

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import PLAYER, VIDEO, Site, moment, number, open_lesson, until

pytestmark = pytest.mark.needs_chromium
#: How the list writes keys that have no sign of their own.
_NAMES = {
    "Space": " ",
    "←": "ArrowLeft",
    "→": "ArrowRight",
    "↑": "ArrowUp",
    "↓": "ArrowDown",
    "↵": "Enter",
    "Esc": "Escape",
}
_PLACES = {",": "Comma", ".": "Period", "[": "BracketLeft", "]": "BracketRight"}
_SINGLE = [
    *string.ascii_lowercase,
    *(f"Shift {letter}" for letter in string.ascii_uppercase),
    *string.digits,
    *string.punctuation,
]
_MOVES = ["Space", "←", "→", "↑", "↓", "Home", "End", "PageUp", "PageDown", "Tab", "↵"]
_WRITING = [
    *(f"Alt {key}" for key in [*string.ascii_uppercase, *_PLACES]),
    "Ctrl ↵",
    "⌘ ↵",
    "Esc",
    "↵",
    *string.ascii_lowercase,
]
#: Whether somebody took each key: presses it where asked, and puts away what it opened. Escape is told by the focus.
_TAKES = """({ where, presses }) => presses.map(({ escape, ...press }) => {
  const target = document.querySelector(where);
  target.focus();
  const taken = !target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...press }));
  const left = document.activeElement !== target;
  document.querySelector("dialog[open]")?.close();
  document.dispatchEvent(new KeyboardEvent("keydown", { key: "Unidentified" }));
  return escape ? left : taken;
})"""


def press(words: str) -> dict[str, object]:
    """Read a key as the list writes it: `Shift P`, `Alt ,`, `Space`."""
    *modifiers, key = words.split(" ")
    return {
        "key": _NAMES.get(key, key),
        "code": _PLACES.get(key, f"Key{key}"),
        "shiftKey": "Shift" in modifiers,
        "altKey": "Alt" in modifiers,
        "ctrlKey": "Ctrl" in modifiers,
        "metaKey": "⌘" in modifiers,
        "escape": key == "Esc",
    }


def listed(page: Page, table: str) -> set[str]:
    """Give the keys of one table of the list, letters small as they are pressed."""
    words = page.locator(f"#{table} kbd").all_text_contents()
    return {word.lower() if table == "keys-anywhere" and len(word) == 1 else word for word in words}


@pytest.mark.parametrize(
    ("table", "where", "keys"),
    [("keys-anywhere", "body", _SINGLE), ("keys-player", "br-player", _MOVES), ("keys-writing", "#body", _WRITING)],
)
def test_the_list_names_each_key_that_does_something_and_no_other(
    page: Page, table: str, where: str, keys: Iterable[str]
) -> None:
    open_lesson(page)
    asked = list(keys)
    taken = page.evaluate(_TAKES, {"where": where, "presses": [press(key) for key in asked]})
    assert {key for key, does in zip(asked, taken, strict=True) if does} == listed(page, table)


def test_what_keys_do_buttons_do_too(page: Page, site: Site) -> None:
    about = {"until_ms": None, "kind": "evidence", "focus_item_id": "f1", "body": "Quiet."}
    site.said.notes |= {key: {"id": key, "at_ms": at_ms, **about} for key, at_ms in (("n1", 6_000), ("n2", 12_000))}
    open_lesson(page)
    page.get_by_role("button", name="Next note").click()
    until(page, lambda: moment(page) == 3000)
    page.get_by_role("button", name="Next note").click()
    until(page, lambda: moment(page) == 9000)
    page.get_by_role("button", name="Previous note").click()
    until(page, lambda: number(page, f"{VIDEO}.readyState") >= 2 and number(page, f"{VIDEO}.currentTime") == 3)
    expect(page.get_by_role("button", name="Frame on")).to_be_hidden()
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Frame on").click()
    until(page, lambda: 3000 < moment(page) <= 3080)
    page.get_by_role("button", name="From here").click()
    page.get_by_role("button", name="On 10 s").click()
    until(page, lambda: moment(page) > 13_000)
    page.get_by_role("button", name="Until here").click()
    page.get_by_role("button", name="Loop").click()
    expect(page.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "true")


def test_after_skipping_to_the_player_its_keys_act(page: Page) -> None:
    open_lesson(page, "#player")
    expect(page.locator("br-player")).to_be_focused()
    page.keyboard.press("End")
    until(page, lambda: moment(page) >= 23_900)
    page.keyboard.press("ArrowLeft")
    until(page, lambda: moment(page) <= 19_000)
    page.keyboard.press("ArrowDown")
    assert number(page, f"{VIDEO}.volume") < 1
    expect(page.get_by_role("status")).to_have_text("Volume 90 %.")
    page.keyboard.press("Home")
    until(page, lambda: moment(page) == 0)
    page.keyboard.press("Space")
    until(page, lambda: page.evaluate(f"{PLAYER}.playing"))


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
