"""Backrow as its own processes, a real browser, and a lesson filmed on a phone."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.e2e.film import phone_lesson
from tests.left_out import chromium as find_chromium
from tests.running import Backrow, running
from tests.video.lessons import Lesson

_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--mute-audio", "--disable-dev-shm-usage", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Start the browser once a module: while it runs, its event loop is in the way of every other test's."""
    program = find_chromium()
    assert program is not None  # tests with the mark `needs_chromium` are left out where there is none
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lesson(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """Film the lesson once."""
    return phone_lesson(tmp_path_factory.mktemp("phone"))


@pytest.fixture
def backrow() -> Iterator[Backrow]:
    """Run all of Backrow on a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    try:
        with running(folder) as started:
            yield started
    finally:
        shutil.rmtree(folder)
