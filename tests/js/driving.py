"""What tests of the elements do again and again: ask the page, and wait until it says what it should."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page, expect

from tests.js.said import Said

PLAYER = "document.querySelector('br-player')"
VIDEO = "document.querySelector('video')"
BOX = "What did you see or hear?"


@dataclass
class Site:
    """Where the pages are, and what the server says."""

    address: str
    said: Said


def number(page: Page, script: str) -> float:
    """Ask the page for a number."""
    return float(page.evaluate(script))


def moment(page: Page) -> float:
    """Where the lesson is, in ms."""
    return number(page, f"{PLAYER}.atMs")


def until(page: Page, claim: Callable[[], Any], *, timeout_s: float = 10) -> None:
    """Wait until a claim holds; asks often, and lets the browser's own events run meanwhile.

    Raises:
        AssertionError: it didn't come true in time.
    """
    end = time.monotonic() + timeout_s
    while not claim():
        if time.monotonic() > end:
            raise AssertionError("it didn't come true in time")
        page.evaluate("new Promise(requestAnimationFrame)")


def play_until(page: Page, at_ms: int) -> None:
    """Press Play and watch until this moment."""
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, lambda: moment(page) >= at_ms)


def open_lesson(page: Page, query: str = "") -> None:
    """Open the lesson page and wait until its elements have come alive."""
    page.goto(f"/pages/lesson{query}")
    alive(page)


def alive(page: Page) -> None:
    """Wait until the elements of the lesson page have come alive; before that its forms are plain forms."""
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Note at")).to_be_visible()


def post(page: Page, words: str) -> None:
    """Write a note and post it."""
    page.get_by_label(BOX).fill(words)
    page.get_by_role("button", name="Post").click()
