"""Sending a film over a line that breaks, to a server that stops: it goes on where it was, and is one lesson."""

import dataclasses
import os
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import select

from app import ids
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from app.lessons.uploads.wish import part_bytes
from tests.e2e.counting import CountingLine, counted
from tests.e2e.people import Somebody, somebody
from tests.e2e.town import AMINA, Town, open_upload, settled, sign_in
from tests.e2e.watching import NUMBER_AT
from tests.running import Backrow, until
from tests.services import swift
from tests.video.lessons import Lesson, Maker, Shot

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow, pytest.mark.timeout(600)]

FPS = 30
#: At which byte the browser is closed; without it, at any. What a failed run printed repeats it.
CLOSE_AT = "BACKROW_TEST_CLOSE_AT"


def shows(person: Somebody, number: int) -> bool:
    """Ask for the picture at the middle of a frame; a browser may say that it is there a moment before it is drawn."""
    return bool(person.page.evaluate(NUMBER_AT, (number + 0.5) / FPS) == number)


@dataclass
class Place:
    """An installation with one kind of storage; `line` lies before whatever the browser sends its parts to."""

    backrow: Backrow
    line: CountingLine
    address: str
    town: Town


@pytest.fixture(scope="module", params=["local", pytest.param("s3", marks=pytest.mark.needs_s3)])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
        stack.callback(shutil.rmtree, folder)
        backrow = Backrow(folder)
        if request.param == "s3":
            server = stack.enter_context(swift.running(folder / "swift", origins=[backrow.address]))
            line = stack.enter_context(counted(int(server.endpoint.rsplit(":", 1)[1])))
            backrow.settings = dataclasses.replace(server, endpoint=line.address).environment("lessons")
            address = backrow.address
        else:
            line = stack.enter_context(counted(backrow.port))
            backrow.settings = {"BACKROW_PUBLIC_URL": line.address}
            address = line.address
        backrow.start()
        stack.callback(backrow.stop)
        yield Place(backrow, line, address, stack.enter_context(settled(backrow)))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    """Film a grainy lesson without loss: some 40 MB in a few seconds."""
    maker = Maker(tmp_path_factory.mktemp("film"))
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p", "-g", "30")
    shot = Shot(seconds=10.0, fps_num=FPS, codec=codec, chain=("noise=alls=50:allf=t:all_seed=7",))
    return maker.film(maker.folder / "IMG_2041.mp4", shot)


@pytest.fixture(scope="module")
def small_film(tmp_path_factory: pytest.TempPathFactory) -> Lesson:
    return Maker(tmp_path_factory.mktemp("small")).lesson("plain.mp4")


def test_a_closed_browser_and_a_stopped_server_cost_at_most_one_part(
    place: Place, chromium: Browser, film: Lesson
) -> None:
    size_bytes = film.path.stat().st_size
    assert 3 * part_bytes(size_bytes) < size_bytes
    close_at = int(os.environ.get(CLOSE_AT) or random.SystemRandom().randrange(1, size_bytes))
    sys.stdout.write(f"the browser is closed at byte {close_at} of {size_bytes}: {CLOSE_AT}={close_at} repeats it\n")
    cycle_id, before = place.town.turn(), place.line.sent_bytes
    place.line.hold_at(before + close_at)
    with somebody(chromium, "amina", place.address) as amina:
        begin_sending(amina, cycle_id, film.path)
        until(place.line.held.is_set, "the line stands")
        expect(amina.page.locator(".progress__words")).to_contain_text(re.compile(r"^\d+ %"))
    place.line.release()
    place.backrow.stop()
    place.backrow.start()
    with somebody(chromium, "amina", place.address) as amina:
        begin_sending(amina, cycle_id, film.path)
        recording_id = arrived(amina)
        sent_bytes = place.line.sent_bytes - before
        assert size_bytes <= sent_bytes <= size_bytes + part_bytes(size_bytes)
        assert kept(place.town, cycle_id) == [recording_id]
        expect(amina.page.get_by_role("link", name=re.compile("^Watch"))).to_be_visible(timeout=120_000)
        amina.go(f"/recordings/{recording_id}")
        amina.page.get_by_role("button", name="Play", exact=True).click()
        until(lambda: amina.page.evaluate("document.querySelector('video').currentTime") > 0, "it plays")
        for number in range(4):
            until(partial(shows, amina, number), f"picture {number} is the one shown at its moment", patience_s=10)
    until(
        lambda: place_of(place.town, recording_id) == (UploadState.VERIFIED, MediaState.READY), "it is ready, and safe"
    )


def test_an_answer_that_is_lost_and_a_call_that_is_repeated_make_one_recording(
    place: Place, chromium: Browser, small_film: Lesson
) -> None:
    cycle_id, calls = place.town.turn(), []

    def lose_first_answer(route: Route) -> None:
        calls.append(route.request)
        if len(calls) > 1:
            route.continue_()
            return
        answer = route.fetch()
        assert (answer.status, answer.json()["state"]) == (202, "verifying")
        route.abort()

    with somebody(chromium, "amina", place.address) as amina:
        amina.page.route("**/complete", lose_first_answer)
        begin_sending(amina, cycle_id, small_film.path)
        recording_id = arrived(amina)
        assert len(calls) == 2
        assert calls[0].headers["idempotency-key"] == calls[1].headers["idempotency-key"]
        assert calls[0].post_data == calls[1].post_data
        for key in (calls[0].headers["idempotency-key"], str(ids.new())):
            again = amina.context.request.post(
                calls[0].url,
                data=calls[0].post_data_json,
                headers={"X-CSRF-Token": calls[0].headers["x-csrf-token"], "Idempotency-Key": key},
            )
            assert (again.status, again.json()) == (202, {"recording_id": str(recording_id), "state": "verifying"})
    assert kept(place.town, cycle_id) == [recording_id]
    until(
        lambda: place_of(place.town, recording_id) == (UploadState.VERIFIED, MediaState.READY), "it is ready, and safe"
    )


def begin_sending(person: Somebody, cycle_id: UUID, file: Path) -> None:
    sign_in(person, AMINA)
    open_upload(person, cycle_id)
    person.page.set_input_files("input[type=file]", file)
    person.press("Start sending")


def arrived(person: Somebody) -> UUID:
    person.page.wait_for_url(re.compile("/recordings/[^/]+/status"), timeout=120_000)
    return UUID(person.page.url.split("/")[-2])


def kept(town: Town, cycle_id: UUID) -> list[UUID]:
    """List a turn's recordings, by the uploads that they came by."""
    with town.sessions() as session:
        of_turn = select(Recording.id).join(Upload, Upload.recording_id == Recording.id)
        return list(session.scalars(of_turn.where(Recording.cycle_id == cycle_id)))


def place_of(town: Town, recording_id: UUID) -> tuple[str, str]:
    with town.sessions() as session:
        states = select(Upload.state, Recording.media_state).join(Recording, Upload.recording_id == Recording.id)
        upload, film = session.execute(states.where(Recording.id == recording_id)).one()
        return upload, film


def copies(place: Place) -> list[Path]:
    """List the files that workers have at hand just now."""
    scratch = place.backrow.folder / "data" / "scratch"
    return [path for path in scratch.rglob("*") if path.is_file() and path.suffix != ".lock"]
