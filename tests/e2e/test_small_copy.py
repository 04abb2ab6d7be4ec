"""A small copy first, made and sent by a real browser: watched at once, and replaced while somebody watches it."""

import re
import shutil
import tempfile
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Page, Route, expect
from sqlalchemy import select

from app.lessons.media.models import AssetKind
from app.lessons.media.served import served_asset
from app.lessons.recordings.models import MediaState, Recording
from tests.e2e.people import Somebody, somebody
from tests.e2e.town import AMINA, Town, open_upload, settled, sign_in
from tests.e2e.watching import NUMBER_AT
from tests.running import Backrow, until
from tests.video.lessons import Lesson, Maker

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow, pytest.mark.timeout(600)]
FPS = 15
VIDEO = "document.querySelector('br-player video')"
MOMENTS = (0, 1, 29, 100)


def served(town: Town, recording_id: UUID) -> tuple[str, str]:
    """Say which film is served, and how far the recording is."""
    with town.sessions() as session:
        recording = session.get_one(Recording, recording_id)
        film = served_asset(session, recording)
        return film.kind if film else "", recording.media_state


def test_the_small_copy_is_watched_first_and_every_picture_stays_at_its_moment(
    chromium: Browser, tmp_path: Path
) -> None:
    film = Maker(tmp_path).lesson("large.mp4")
    folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    backrow = Backrow(folder)
    backrow.start()
    try:
        with settled(backrow) as town, somebody(chromium, "amina", backrow.address) as amina:
            watch_both(amina, town, film)
    finally:
        backrow.stop()
        shutil.rmtree(folder)


def watch_both(amina: Somebody, town: Town, film: Lesson) -> None:
    cycle_id, held = town.turn(), []

    def hold_the_full_film(route: Route) -> None:
        if (route.request.post_data_json or {}).get("kind") == "source":
            held.append(route)
        else:
            route.continue_()

    sign_in(amina, AMINA)
    open_upload(amina, cycle_id)
    amina.page.route("**/api/v1/uploads", hold_the_full_film)
    amina.page.set_input_files("input[type=file]", film.path)
    amina.page.get_by_label("Send a small copy first").check()
    amina.look("a small copy first")
    amina.press("Start sending")
    expect(amina.page.get_by_text(re.compile("^The small copy is here"))).to_be_visible(timeout=120_000)
    with town.sessions() as session:
        recording_id = session.scalars(select(Recording.id).where(Recording.cycle_id == cycle_id)).one()
    until(lambda: served(town, recording_id) == (AssetKind.SMALL_COPY, MediaState.READY), "the copy can be watched")
    page = watch_the_copy(amina, recording_id)
    until(lambda: held, "the full film is about to be sent")
    held[0].continue_()
    amina.page.wait_for_url(re.compile("/recordings/[^/]+/status"), timeout=60_000)
    until(lambda: served(town, recording_id) == (AssetKind.SOURCE, MediaState.READY), "the full film is watched")
    # What is told of a lesson makes its player ask; it asks by itself, too, every ten seconds.
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:access.changed'))")
    page.locator("br-player select", has_text="720").select_option(value="720")
    until(lambda: page.evaluate(f"{VIDEO}.videoHeight") == 720, "it is the full film", patience_s=30)
    all_at_their_moments(page, "film")
    page.close()


def watch_the_copy(amina: Somebody, recording_id: UUID) -> Page:
    """Open the lesson in another tab, and see the copy in it."""
    page = amina.context.new_page()
    page.goto(f"/recordings/{recording_id}/status")
    expect(page.get_by_text("This is the small copy. The full film isn't here yet.")).to_be_visible()
    page.goto(f"/recordings/{recording_id}")
    page.get_by_role("button", name="Play", exact=True).click()
    until(lambda: page.evaluate(f"{VIDEO}.currentTime") > 0, "it plays")
    page.evaluate(f"{VIDEO}.pause()")
    assert page.evaluate(f"{VIDEO}.videoHeight") == 240
    all_at_their_moments(page, "copy")
    return page


def all_at_their_moments(page: Page, what: str) -> None:
    for number in MOMENTS:
        until(partial(shows, page, number), f"the {what}'s picture {number} is at its moment", patience_s=10)


def shows(page: Page, number: int) -> bool:
    """Ask for the picture at the middle of a frame; a browser may say that it is there a moment before it is drawn."""
    return bool(page.evaluate(NUMBER_AT, (number + 0.5) / FPS) == number)
