"""Sending a film in a real browser: in parts, carried on after a reload, no finished part ever twice."""

import hashlib
import os
import re
import struct
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.js.driving import Site, until
from tests.js.uploads import PART_BYTES

pytestmark = pytest.mark.needs_chromium
PARTS = 20
#: How many uploads this device remembers.
_REMEMBERED = """new Promise((done) => {
  indexedDB.open("backrow").onsuccess = ({ target }) => {
    const count = target.result.transaction("uploads").objectStore("uploads").count();
    count.onsuccess = () => { target.result.close(); done(count.result); };
  };
})"""


@pytest.fixture
def film_file(tmp_path: Path) -> Path:
    """Write a file of 20 parts, the last of them short."""
    file = tmp_path / "IMG_2041.mov"
    file.write_bytes(os.urandom(PARTS * PART_BYTES - 100_000))
    return file


def _choose(page: Page, file: Path) -> None:
    page.get_by_label("Choose the video").set_input_files(file)
    page.get_by_role("button", name="Start sending").click()


def _open(page: Page) -> None:
    page.goto("/pages/upload")
    page.wait_for_load_state("networkidle")


def _arrived(site: Site, upload: str = "u1") -> bytes:
    return b"".join(body for (name, _number), body in sorted(site.said.parts.items()) if name == upload)


def test_sends_every_part_once_and_goes_to_the_status_page(page: Page, site: Site, film_file: Path) -> None:
    _open(page)
    _choose(page, film_file)
    page.wait_for_url("**/recordings/r1/status")
    assert _arrived(site) == film_file.read_bytes()
    assert set(site.said.puts.values()) == {1}
    (done,) = site.said.completed
    assert [part["number"] for part in done["parts"]] == list(range(1, PARTS + 1))
    wish = site.said.uploads["u1"]
    assert (wish["name"], wish["size_bytes"], wish["kind"], wish["delete_on"]) == (
        "IMG_2041.mov",
        film_file.stat().st_size,
        "source",
        "2026-07-31",
    )


def test_fingerprint_is_what_the_contract_says(page: Page, site: Site, film_file: Path) -> None:
    _open(page)
    _choose(page, film_file)
    until(page, lambda: site.said.uploads)
    whole, mib = film_file.read_bytes(), 1024 * 1024
    blocks = b"".join(whole[len(whole) * k // 9 :][:65_536] for k in range(1, 9))
    digest = hashlib.sha256(struct.pack(">Q", len(whole)) + whole[:mib] + whole[-mib:] + blocks)
    assert site.said.uploads["u1"]["fingerprint"] == f"sha256:{digest.hexdigest()}"


def test_carries_on_after_a_reload_and_sends_no_finished_part_again(page: Page, site: Site, film_file: Path) -> None:
    site.said.hold_after = 12
    _open(page)
    _choose(page, film_file)
    until(page, lambda: len(site.said.parts) == 12)
    expect(page.locator(".progress__words")).to_contain_text(re.compile(r"^[67]\d %"))  # with what is on its way
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".notice")).to_have_text(
        "You were sending IMG_2041.mov. Choose it again and we carry on from 61 %."
    )
    site.said.hold_after = None
    site.said.go.set()
    _choose(page, film_file)
    page.wait_for_url("**/recordings/r1/status")
    assert _arrived(site) == film_file.read_bytes()
    assert set(site.said.puts.values()) == {1}
    assert len(site.said.uploads) == 1
    _open(page)
    expect(page.locator(".notice")).to_be_hidden()


def test_upload_whose_parts_are_gone_is_said_and_begun_anew(page: Page, site: Site, film_file: Path) -> None:
    site.said.hold_after = 3
    _open(page)
    _choose(page, film_file)
    until(page, lambda: len(site.said.parts) == 3)
    until(page, lambda: page.evaluate(_REMEMBERED) == 1)
    site.said.expired = True
    _open(page)
    expect(page.locator(".notice")).to_have_text("We kept your parts for 7 days.")
    until(page, lambda: page.evaluate(_REMEMBERED) == 0)


def test_another_file_of_the_same_name_starts_anew_and_says_why(page: Page, site: Site, film_file: Path) -> None:
    site.said.hold_after = 3
    _open(page)
    _choose(page, film_file)
    until(page, lambda: len(site.said.parts) == 3)
    site.said.hold_after = None
    _open(page)
    film_file.write_bytes(os.urandom(PART_BYTES * 2))
    site.said.hold_after = 3
    _choose(page, film_file)
    expect(page.locator(".notice")).to_contain_text(
        "isn't the file you were sending: its inside differs, so it starts from the beginning"
    )
    site.said.hold_after = None
    site.said.go.set()
    page.wait_for_url("**/recordings/r1/status")
    assert _arrived(site, "u2") == film_file.read_bytes()


def test_old_address_gets_a_new_one_at_once(page: Page, site: Site, film_file: Path) -> None:
    site.said.old_parts = {2, 7}
    _open(page)
    _choose(page, film_file)
    page.wait_for_url("**/recordings/r1/status")
    assert _arrived(site) == film_file.read_bytes()


def test_dropped_line_waits_and_goes_on_by_itself(
    page: Page, site: Site, film_file: Path, context: BrowserContext
) -> None:
    site.said.hold_after = 5
    _open(page)
    _choose(page, film_file)
    until(page, lambda: len(site.said.parts) == 5)
    context.set_offline(offline=True)
    site.said.hold_after = None
    site.said.go.set()
    expect(page.locator(".progress__words")).to_contain_text("What's already here is safe. We carry on by ourselves")
    context.set_offline(offline=False)
    page.wait_for_url("**/recordings/r1/status", timeout=20_000)
    assert _arrived(site) == film_file.read_bytes()
    assert set(site.said.puts.values()) == {1}


def test_pause_and_carry_on(page: Page, site: Site, film_file: Path) -> None:
    site.said.hold_after = 4
    _open(page)
    _choose(page, film_file)
    until(page, lambda: len(site.said.parts) == 4)
    page.get_by_role("button", name="Pause").click()
    expect(page.locator(".progress__words")).to_contain_text("Paused at 20 %")
    site.said.hold_after = None
    site.said.go.set()
    page.get_by_role("button", name="Carry on").click()
    page.wait_for_url("**/recordings/r1/status")
    assert _arrived(site) == film_file.read_bytes()
    assert set(site.said.puts.values()) == {1}


def test_stopping_takes_back_what_was_sent(page: Page, site: Site, film_file: Path) -> None:
    site.said.hold_after = 4
    _open(page)
    _choose(page, film_file)
    until(page, lambda: len(site.said.parts) == 4)
    page.get_by_role("button", name="Stop, and take back what was sent").click()
    expect(page.get_by_role("button", name="Start sending")).to_be_visible()
    expect(page.locator(".notice")).to_have_text("Stopped. What was sent is taken back.")
    assert site.said.parts == {}
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.locator(".notice")).to_be_hidden()


def test_empty_file_is_refused_before_anything_is_sent(page: Page, site: Site, tmp_path: Path) -> None:
    empty = tmp_path / "empty.mov"
    empty.write_bytes(b"")
    _open(page)
    _choose(page, empty)
    expect(page.locator(".mend")).to_have_text("This file is empty. Choose the recording again.")
    expect(page.get_by_label("Choose the video")).to_have_attribute("aria-invalid", "true")
    assert site.said.uploads == {}


def test_status_comes_in_by_itself_until_settled(page: Page, site: Site) -> None:
    page.goto("/pages/status")
    expect(page.locator("br-status")).to_have_text("Checking the film.")
    site.said.status = "You can watch the first 6 minutes now."
    expect(page.locator("br-status")).to_have_text("You can watch the first 6 minutes now.")
    expect(page.locator("#status")).to_have_text("You can watch the first 6 minutes now.")
    site.said.status, site.said.settled = "Ready.", True
    expect(page.locator("br-status")).to_have_text("Ready.")
    expect(page.locator("br-status [data-settled]")).to_be_attached()


def _type_hopes(page: Page, words: str) -> None:
    page.goto("/pages/status")
    page.wait_for_load_state("networkidle")
    page.get_by_label("How are you feeling about it?").press_sequentially(words)
    expect(page.locator("#status")).to_have_text("Kept on this device.")
    page.goto("about:blank")


def test_draft_comes_back_after_a_crash(page: Page) -> None:
    _type_hopes(page, "A bit nervous.")
    page.goto("/pages/status")
    expect(page.get_by_label("How are you feeling about it?")).to_have_value("A bit nervous.")


def test_draft_that_was_saved_is_forgotten(page: Page, site: Site) -> None:
    _type_hopes(page, "Nervous.")
    site.said.hopes = "Nervous."
    page.goto("/pages/status")
    page.wait_for_load_state("networkidle")
    site.said.hopes = "Calm by now."
    page.reload()
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("How are you feeling about it?")).to_have_value("Calm by now.")
    expect(page.locator(".notice")).to_have_count(0)


def test_draft_never_overwrites_what_was_saved_since(page: Page, site: Site) -> None:
    _type_hopes(page, "Nervous.")
    site.said.hopes = "Written on the phone."
    page.goto("/pages/status")
    expect(page.locator(".notice")).to_contain_text("You typed something else here")
    expect(page.get_by_label("How are you feeling about it?")).to_have_value("Written on the phone.")
    page.get_by_role("button", name="Put back what I typed").click()
    expect(page.get_by_label("How are you feeling about it?")).to_have_value("Nervous.")
