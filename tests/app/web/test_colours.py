"""The colours: every ratio that the visual language promises, recomputed from the style sheet itself."""

import re

import pytest

from app.web.build_assets import STATIC

TOKENS = (STATIC / "css" / "tokens.css").read_text(encoding="utf-8")
HEX = re.compile(r"--([a-z0-9-]+): (#[0-9a-f]{6});")
READABLE = 4.5
GROUNDS = ("canvas", "surface", "sunken")
INKS = {"ink": 7, "ink-2": 4.5, "link": 4.5, "accent": 4.5, "good": 4.5, "warn": 4.5, "bad": 4.5, "edge": 3}
KINDS = ("evidence", "question", "took-away", "try", "wondering", "own")


def tokens(selector: str) -> dict[str, str]:
    """Read the colours that a selector sets."""
    start = TOKENS.index(selector + " {")
    return dict(HEX.findall(TOKENS[start : TOKENS.index("}", start)]))


SCHEMES = {
    "light": tokens(":root"),
    "dark": tokens(':root[data-theme="dark"]'),
    "contrast": tokens(':root[data-theme="contrast"]'),
}


def luminance(colour: str) -> float:
    """Give WCAG's relative luminance of `#rrggbb`."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Give WCAG's contrast ratio."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_ink_is_readable_on_every_ground(scheme: str) -> None:
    colours = SCHEMES[scheme]
    wanted = INKS | dict.fromkeys(KINDS, READABLE)
    weak = {
        (ink, ground): round(contrast(colours[ink], colours[ground]), 2)
        for ink, least in wanted.items()
        for ground in GROUNDS
        if contrast(colours[ink], colours[ground]) < (7 if scheme == "contrast" else least)
    }
    assert weak == {}


@pytest.mark.parametrize("scheme", SCHEMES)
def test_words_on_tints_and_on_the_accent_are_readable(scheme: str) -> None:
    colours = SCHEMES[scheme]
    pairs = [("on-accent", "accent")] + [(tone, f"{tone}-tint") for tone in ("good", "warn", "bad")]
    pairs += [(ink, f"{tone}-tint") for ink in ("ink", "ink-2", "link") for tone in ("good", "warn", "bad")]
    ratios = {pair: round(contrast(colours[pair[0]], colours[pair[1]]), 2) for pair in pairs}
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < READABLE} == {}


def test_the_focus_ring_stands_out_on_both_sides() -> None:
    yellow = SCHEMES["light"]["focus"]
    assert contrast(yellow, SCHEMES["light"]["ink"]) >= 11
    assert contrast(yellow, SCHEMES["dark"]["canvas"]) >= 12


def test_a_device_that_asks_gets_the_same_colours_as_a_person_who_chooses() -> None:
    assert tokens(':root:not([data-theme="light"], [data-theme="contrast"])') == SCHEMES["dark"]
    assert tokens(':root:not([data-theme="light"], [data-theme="dark"])') == SCHEMES["contrast"]
