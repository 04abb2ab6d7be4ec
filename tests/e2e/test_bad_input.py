"""What can't be a lesson: each says what is wrong, in the browser and at the command, and leaves nothing behind."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from sqlalchemy import select

from app.lessons.media.models import Asset
from app.lessons.uploads.models import Upload, UploadState
from tests.e2e.people import Somebody, somebody
from tests.e2e.town import AMINA, TOM, Town, open_upload, settled, sign_in
from tests.running import Backrow, running, until
from tests.video.hostile import REFUSED
from tests.video.lessons import Maker

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow, pytest.mark.timeout(600)]

#: What the teacher reads, word for word as it was agreed.
SENTENCES = {
    "empty": "This file is empty. Choose the recording again.",
    "not_video": "We could not find a video in this file. Check that it is the recording itself.",
    "no_video": "This file has sound but no picture. Choose the video recording.",
    "incomplete": "The end of this recording is missing, and without it the file cannot be read. "
    "Copy it from the camera again.",
    "too_big": "The picture of this recording is larger than we can take (8192 × 4320).",
    "name_refused": "This file's name is too long or has signs we can't take. Rename it and choose it again.",
}
#: Chooses a film under a name that no file system would let it have.
_CHOOSE = """(name) => {
  const hand = new DataTransfer();
  hand.items.add(new File(["a film"], name, { type: "video/mp4" }));
  document.querySelector("input[type=file]").files = hand.files;
}"""
_PATIENCE_S = 120


@dataclass
class Place:
    """An installation that runs, and Amina at her browser."""

    backrow: Backrow
    town: Town
    amina: Somebody

    def ingest(self, file: Path) -> dict[str, Any]:
        """Send a file of Tom's by the command; give its only line."""
        command = [sys.executable, "-m", "config.cli", "ingest", str(file), "--owner", TOM, "--json"]
        ended = subprocess.run(  # noqa: S603 - our own words
            command, capture_output=True, check=False, env=self.backrow.environ, text=True, timeout=_PATIENCE_S
        )
        assert ended.returncode == 1, ended.stderr
        (line,) = ended.stdout.splitlines()
        said: dict[str, Any] = json.loads(line)
        return said

    def open(self) -> None:
        """Open the page from which a film is sent, for a turn that has none."""
        open_upload(self.amina, self.town.turn())

    def processes(self) -> dict[int, str]:
        """Give all processes of the installation, and how each was called."""
        serving = int((self.backrow.folder / "data" / "in_use").read_text().split()[1])
        parents = {process_id: parent_of(process_id) for process_id in alive()}
        ours, found = {serving}, -1
        while len(ours) != found:
            found = len(ours)
            ours |= {process_id for process_id, parent_id in parents.items() if parent_id in ours}
        return {process_id: called(process_id) for process_id in ours}


@pytest.fixture(scope="module")
def place(chromium: Browser) -> Iterator[Place]:
    folder = Path(tempfile.mkdtemp(prefix="backrow-tests-"))
    try:
        with (
            running(folder) as backrow,
            settled(backrow) as town,
            somebody(chromium, "amina", backrow.address) as amina,
        ):
            sign_in(amina, AMINA)
            yield Place(backrow, town, amina)
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def maker(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("films"))


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("text", id="text renamed to .mp4"),
        pytest.param("without-index", id="truncated film"),
        pytest.param("hls", id="playlist disguised as .mp4"),
        pytest.param("huge", id="header that says 30000 by 30000"),
        pytest.param("sound-alone", id="film with no picture"),
    ],
)
def test_a_file_that_is_no_lesson_is_sent_and_then_refused(
    place: Place, maker: Maker, tmp_path: Path, kind: str
) -> None:
    code, make = REFUSED[kind]
    file = tmp_path / "IMG_2041.mp4"
    file.write_bytes(make(maker))
    place.open()
    place.amina.page.set_input_files("input[type=file]", file)
    place.amina.press("Start sending")
    expect(place.amina.page.get_by_text(SENTENCES[code], exact=True)).to_be_visible(timeout=60_000)
    expect(place.amina.page.get_by_role("link", name="Choose another file")).to_be_visible()
    place.amina.look(f"refused {kind}")
    assert "/status" in place.amina.page.url
    said = place.ingest(file)
    assert (said["state"], said["error_code"], said["message"]) == ("needs_attention", code, SENTENCES[code])
    assert (said["duration_ms"], said["renditions"]) == (None, [])


def test_an_empty_file_is_refused_before_it_is_sent(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "IMG_2041.mp4"
    file.touch()
    place.open()
    place.amina.page.set_input_files("input[type=file]", file)
    assert_refused_at_the_field(place, "empty")
    said = place.ingest(file)
    assert (said["recording_id"], said["error_code"], said["message"]) == (None, "empty", SENTENCES["empty"])


@pytest.mark.parametrize(
    ("name", "on_disk"),
    [
        pytest.param("ü" * 300 + ".mp4", "IMG\n2041.mp4", id="endless name"),
        pytest.param("../../etc/cron.d/film.mp4", "..\\..\\film.mp4", id="name that leads elsewhere"),
    ],
)
def test_a_name_that_no_file_has_is_refused_before_it_is_sent(
    place: Place, tmp_path: Path, name: str, on_disk: str
) -> None:
    """No disk holds a file of such a name, so that the command is given the nearest that one does."""
    place.open()
    place.amina.page.evaluate(_CHOOSE, name)
    assert_refused_at_the_field(place, "name_refused")
    file = tmp_path / on_disk
    file.write_bytes(b"a film")
    said = place.ingest(file)
    assert (said["recording_id"], said["error_code"]) == (None, "name_refused")
    assert said["message"] == SENTENCES["name_refused"]


def assert_refused_at_the_field(place: Place, code: str) -> None:
    before = stored(place.town)
    place.amina.press("Start sending")
    expect(place.amina.page.locator(".mend:visible")).to_have_text(SENTENCES[code])
    expect(place.amina.page.get_by_label("Choose the video")).to_have_attribute("aria-invalid", "true")
    place.amina.look(f"refused {code}")
    assert stored(place.town) == before


def test_what_was_refused_leaves_nothing_but_what_its_teacher_can_erase(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "IMG_2042.mp4"
    file.write_bytes(b"Dear colleagues\n" * 100)
    assert place.ingest(file)["error_code"] == "not_video"
    with place.town.sessions() as session:
        # One takes the former's place in the same turn: what was replaced waits for the hourly sweep.
        there = (UploadState.NEEDS_ATTENTION, UploadState.ERASED)
        kept = set(session.scalars(select(Upload.storage_key).where(Upload.state.in_(there))))
        good = {str(each) for each in session.scalars(select(Asset.recording_id))}
    assert {key for key in stored(place.town) if key.split("/")[1] not in good} == kept
    until(lambda: not any("ffmpeg" in each or "probe" in each for each in place.processes().values()), "all are done")
    scratch = place.backrow.folder / "data" / "scratch"
    assert [path for path in scratch.rglob("*") if path.is_file() and path.suffix != ".lock"] == []
    ours = place.processes()
    assert len(ours) > 3
    place.backrow.stop()
    until(lambda: not set(ours) & set(alive()), f"of these, all end: {ours}", patience_s=10)
    place.backrow.start()


def test_another_film_takes_the_place_of_a_refused_one(place: Place, maker: Maker, tmp_path: Path) -> None:
    file = tmp_path / "IMG_2041.mp4"
    file.write_bytes(b"Dear colleagues, here is another plan.\n" * 100)
    place.open()
    page = place.amina.page
    page.set_input_files("input[type=file]", file)
    place.amina.press("Start sending")
    page.get_by_role("link", name="Choose another file").click(timeout=60_000)
    page.locator("br-uploader:defined").wait_for(state="attached")
    page.set_input_files("input[type=file]", maker.lesson("plain.mp4").path)
    place.amina.press("Start sending")
    expect(page.locator("#media-status").get_by_text("The whole lesson can be watched.")).to_be_visible(timeout=120_000)
    expect(page.get_by_text(SENTENCES["not_video"])).to_have_count(0)


def stored(town: Town) -> set[str]:
    """List all that the storage holds, and uploads that it holds open."""
    return {*town.storage.keys("r"), *(key for key, _ in town.storage.open_uploads("r"))}


def alive() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and called(int(entry.name))]


def called(process_id: int) -> str:
    """Give a process's words; none where it has ended."""
    try:
        return Path(f"/proc/{process_id}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def parent_of(process_id: int) -> int:
    try:
        return int(Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
