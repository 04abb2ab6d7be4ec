"""Trimming in a real browser, through all of Backrow: the lesson is the stretch, wherever it was cut."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.lessons.media.models import Asset, Rendition, Segment
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload
from tests.e2e.people import Somebody, somebody
from tests.e2e.town import AMINA, Town, open_upload, settled, sign_in
from tests.running import Backrow, until
from tests.video.lessons import Maker
from tests.video.reading import pictures, size_of

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow, pytest.mark.timeout(600)]
HERE = "The rest never leaves this device."
ON_ARRIVAL = "erases the rest before anyone can watch"


@dataclass
class Place:
    """An installation, and films to send to it."""

    backrow: Backrow
    town: Town
    maker: Maker


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
        stack.callback(shutil.rmtree, folder)
        backrow = Backrow(folder)
        backrow.start()
        stack.callback(backrow.stop)
        yield Place(backrow, stack.enter_context(settled(backrow)), Maker(tmp_path_factory.mktemp("films")))


@dataclass(frozen=True)
class Trimmed:
    """A film, what is kept of it, what the page must say, and which pictures the lesson must have."""

    name: str
    keeps: tuple[str, str]
    says: str
    numbers: range


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(Trimmed("long.mp4", ("0:12", "0:31"), HERE, range(100, 310)), id="cut here"),
        pytest.param(Trimmed("interlaced.ts", ("0:00", "0:03"), ON_ARRIVAL, range(75)), id="cut on arrival"),
        pytest.param(Trimmed("edit-list.mp4", ("0:03", "0:06"), ON_ARRIVAL, range(120, 217)), id="with a hidden part"),
    ],
)
def test_a_trimmed_film_becomes_a_lesson_of_its_stretch_and_nothing_of_the_rest_is_kept(
    place: Place, chromium: Browser, case: Trimmed
) -> None:
    recording_id = send_trimmed(place, chromium, case)
    served = put_together(place, recording_id)
    assert [number for number, _ in pictures(served)] == list(case.numbers)
    with place.town.sessions() as session:
        upload = session.scalars(select(Upload).where(Upload.recording_id == recording_id)).one()
    films = [key for key in place.town.storage.keys(f"r/{recording_id}") if key.endswith("/source")]
    assert films == [upload.storage_key]
    assert (upload.cut_in_browser, upload.cut_at is None) == ((True, True) if case.says == HERE else (False, False))


def test_an_upright_phone_s_film_stays_upright(place: Place, chromium: Browser) -> None:
    film = place.maker.lesson("phone.mp4")
    recording_id = send_trimmed(place, chromium, Trimmed("phone.mp4", ("0:02", "0:09"), HERE, range(0)))
    served = put_together(place, recording_id)
    assert size_of(served) == (136, 240)
    shown = [number for number, _ in pictures(served)]
    assert shown == [number for number, at in zip(film.numbers, film.times_s, strict=True) if at < 9][: len(shown)]
    assert len(shown) > 210


def send_trimmed(place: Place, chromium: Browser, case: Trimmed) -> UUID:
    """Trim and send a film as Amina, and wait until the lesson is ready."""
    cycle_id = place.town.turn()
    with somebody(chromium, "amina", place.backrow.address) as amina:
        choose(amina, cycle_id, place.maker.lesson(case.name).path)
        for label, words in zip(("Start", "End"), case.keeps, strict=True):
            field = amina.page.get_by_role("textbox", name=label, exact=True)
            field.fill(words)
            field.press("Tab")
        expect(amina.page.get_by_text(re.compile(re.escape(case.says)))).to_be_visible()
        if case.name == "long.mp4":
            amina.look("trimming")
        amina.press("Start sending")
        amina.page.wait_for_url(re.compile("/recordings/[^/]+/status"), timeout=60_000)
        recording_id = UUID(amina.page.url.split("/")[-2])
    until(lambda: state_of(place.town, recording_id) == MediaState.READY, "it is ready", patience_s=120)
    return recording_id


def choose(person: Somebody, cycle_id: UUID, film: Path) -> None:
    sign_in(person, AMINA)
    open_upload(person, cycle_id)
    person.page.set_input_files("input[type=file]", film)
    expect(person.page.get_by_role("group", name=re.compile("^Trim first"))).to_be_visible()
    person.page.get_by_label("Send a small copy first").uncheck()


def state_of(town: Town, recording_id: UUID) -> str:
    with town.sessions() as session:
        return session.get_one(Recording, recording_id).media_state


def put_together(place: Place, recording_id: UUID) -> Path:
    """Put the smallest picture together as a player does."""
    whole, piece = place.maker.folder / "served.mp4", place.maker.folder / "piece"
    with place.town.sessions() as session:
        of = select(Rendition).join(Asset, Asset.id == Rendition.asset_id)
        of = of.where(Asset.recording_id == recording_id, Rendition.kind == "picture").order_by(Rendition.height)
        rendition = session.scalars(of.limit(1)).one()
        segments = select(Segment.key).where(Segment.rendition_id == rendition.id).order_by(Segment.number)
        keys = [str(rendition.init_key), *session.scalars(segments)]
    with whole.open("wb") as file:
        for key in keys:
            place.town.storage.fetch(key, piece)
            file.write(piece.read_bytes())
    return whole
