"""A large film on its way in: through a real browser, and one plain PUT of the same file to the same server."""

import hashlib
import http.client
import os
import secrets
import time
from base64 import b64encode
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import Page, sync_playwright

from bench.browsing import FLAGS, sign_in
from config.demo.story import Somebody
from video.storage.base import PartToSend, Storage

_BLOCK_BYTES: Final = 1024 * 1024
_PATIENCE_MS: Final = 600_000
_BOX_HEAD_BYTES: Final = 16


class UploadTrouble(Exception):
    """The file wasn't taken; nothing was measured."""


def padded(film: Path, into: Path, *, size_bytes: int) -> Path:
    """Make a film of exactly so many bytes: the given one, and after it a box that players pass over.

    The box is of the kind `free` (ISO/IEC 14496-12, 8.1.2), with a large size, and filled with noise.
    """
    with film.open("rb") as source, into.open("wb") as made:
        while block := source.read(_BLOCK_BYTES):
            made.write(block)
        left = size_bytes - made.tell()
        made.write((1).to_bytes(4, "big") + b"free" + left.to_bytes(8, "big"))
        left -= _BOX_HEAD_BYTES
        while left > 0:
            left -= made.write(os.urandom(min(_BLOCK_BYTES, left)))
    return into


def browser_s(address: str, teacher: Somebody, cycle_id: UUID, film: Path, *, chromium: Path) -> float:
    """Send a film as a teacher in a real browser; return the seconds from the press until all of it has arrived."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page(base_url=address)
        sign_in(page, teacher)
        taken = _sent_s(page, cycle_id, film)
        browser.close()
    return taken


def _sent_s(page: Page, cycle_id: UUID, film: Path) -> float:
    page.goto(f"/cycles/{cycle_id}/upload")
    page.locator("br-uploader:defined").wait_for(state="attached")
    page.set_input_files("input[type=file]", film)
    start = page.get_by_role("button", name="Start sending", exact=True)
    start.wait_for()
    began = time.monotonic()
    start.click()
    page.wait_for_url("**/recordings/*/status", timeout=_PATIENCE_MS, wait_until="commit")
    return time.monotonic() - began


def plain_s(address: str, storage: Storage, film: Path) -> float:
    """Send the same file to the same server as one part, by one PUT; return the seconds until it is answered.

    Its digest is counted before, and not measured.

    Raises:
        UploadTrouble: the server didn't take it.
    """
    size_bytes, key = film.stat().st_size, f"bench/{secrets.token_hex(8)}"
    with film.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    part = PartToSend(1, size_bytes, b64encode(digest).decode())
    upload_id = storage.begin_upload(key, size_bytes=size_bytes, part_bytes=size_bytes)
    signed = storage.part_address(key, upload_id, part, expires_s=900)
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=_PATIENCE_MS / 1000)
    try:
        with film.open("rb") as body:
            began = time.monotonic()
            connection.request("PUT", signed.url, body=body, headers={"Content-Length": str(size_bytes)})
            answer = connection.getresponse()
            answer.read()
            taken = time.monotonic() - began
    finally:
        connection.close()
        storage.abort_upload(key, upload_id)
    if answer.status != http.client.OK:
        raise UploadTrouble(f"{answer.status} {answer.reason}")
    return taken
