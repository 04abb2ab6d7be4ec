"""A film is cut in the browser: what is sent is its stretch, from a whole picture on, and nothing of the rest."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.js.driving import Site, until
from tests.video.lessons import Lesson, Maker, Shot
from tests.video.reading import beeps, pictures, size_of

pytestmark = pytest.mark.needs_chromium
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "300k", "-g", "50")
FILES = """(async () => {
  const names = [];
  for await (const name of (await navigator.storage.getDirectory()).keys()) names.push(name);
  return names;
})()"""
SHARED = "document.documentElement.toggleAttribute('data-shared-computer', true)"
START, END = "Start", "End"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Maker:
    return Maker(tmp_path_factory.mktemp("films"))


def choose(page: Page, film: Path) -> None:
    page.goto("/pages/upload")
    page.wait_for_load_state("networkidle")
    page.get_by_label("Choose the video").set_input_files(film)
    expect(page.get_by_role("group", name=re.compile("^Trim first"))).to_be_visible()
    page.get_by_label("Send a small copy first").uncheck()


def keep(page: Page, start: str, end: str) -> None:
    for name, words in ((START, start), (END, end)):
        field = page.get_by_role("textbox", name=name, exact=True)
        field.fill(words)
        field.press("Tab")


def sent(page: Page, site: Site, to: Path) -> Path:
    """Press the button; give what came over the line."""
    page.get_by_role("button", name="Start sending").click()
    page.wait_for_url("**/recordings/r1/status")
    to.write_bytes(b"".join(body for _, body in sorted(site.said.parts.items())))
    assert to.stat().st_size == site.said.uploads["u1"]["size_bytes"]
    return to


@pytest.mark.parametrize(
    ("name", "start"),
    [
        pytest.param("long.mp4", "0:12", id="MP4, with B frames"),
        pytest.param("long.mp4", "0:00", id="only its end is cut off"),
        pytest.param("long.ts", "0:12", id="a transport stream, with a clock that begins late"),
    ],
)
def test_the_stretch_alone_is_sent(page: Page, site: Site, films: Maker, name: str, start: str) -> None:
    lesson = films.lesson("long.mp4")
    film = films.folder / name
    if not film.exists():
        films.ffmpeg("-i", lesson.path, "-c", "copy", film)
    choose(page, film)
    keep(page, start, "0:31")
    expect(page.get_by_text("The rest never leaves this device.")).to_be_visible()
    made = sent(page, site, films.folder / "sent")
    check(lesson, made, range(100 if start == "0:12" else 0, 310))
    wish = site.said.uploads["u1"]
    assert wish["trim"]["cut_in_browser"] is True
    assert wish["name"] == name
    until(page, lambda: page.evaluate(FILES) == [])


def check(lesson: Lesson, made: Path, numbers: range) -> None:
    """The pictures of the stretch, each at its time, and the beeps with them."""
    shown = pictures(made)
    assert [number for number, _ in shown] == list(numbers)
    first = float(shown[0][1])
    times = dict(zip(lesson.numbers, lesson.times_s, strict=True))
    expected = [times[number] - times[numbers[0]] for number in numbers]
    assert [float(at) - first for _, at in shown] == pytest.approx(expected, abs=0.0011)
    ends = times[numbers[-1]] - times[numbers[0]]
    assert [round(at - first, 1) for at in beeps(made)] == [float(second) for second in range(int(ends) + 1)]


def test_webm_stays_webm(page: Page, site: Site, films: Maker) -> None:
    shot = Shot(seconds=10.0, fps_num=25, codec=VP9, sound_codec=("-c:a", "libopus"))
    lesson = films.film(films.folder / "screen.webm", shot)
    choose(page, lesson.path)
    keep(page, "0:05", "0:08")
    expect(page.get_by_text("The rest never leaves this device.")).to_be_visible()
    made = sent(page, site, films.folder / "sent.mkv")
    numbers = [number for number, _ in pictures(made)]
    assert numbers == list(range(numbers[0], 200))
    assert numbers[0] in {0, 50, 100}
    assert site.said.uploads["u1"]["mime"] == "video/x-matroska"


def test_the_two_ends_are_sliders(page: Page, films: Maker) -> None:
    choose(page, films.lesson("long.mp4").path)
    start, end = page.get_by_role("slider", name=START), page.get_by_role("slider", name=END)
    expect(end).to_have_attribute("aria-valuetext", "1 minute 4 of 1 minute 4")
    start.focus()
    for key in ("ArrowRight", "Shift+ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
    expect(start).to_have_attribute("aria-valuenow", "10000")
    end.focus()
    page.keyboard.press("Shift+ArrowLeft")
    expect(page.get_by_role("textbox", name=END, exact=True)).to_have_value("0:54")
    expect(page.get_by_text(re.compile("^Keeps 44 s of 1 min 4 s, about "))).to_be_visible()
    expect(page.get_by_text("It begins at 0:10, the nearest place where it can be cut.")).to_be_visible()
    page.evaluate("document.querySelector('br-trim video').currentTime = 20")
    page.get_by_role("button", name="Start: here").click()
    expect(start).to_have_attribute("aria-valuenow", "20000")
    page.get_by_role("textbox", name=START, exact=True).fill("soon")
    page.keyboard.press("Tab")
    expect(start).to_have_attribute("aria-valuenow", "20000")


@pytest.mark.parametrize("name", ["interlaced.ts", "crowded.avi", "edit-list.mp4", "wrapping.ts"])
def test_what_cannot_be_cut_here_is_sent_whole_and_the_page_says_so(
    page: Page, site: Site, films: Maker, name: str
) -> None:
    film = films.lesson(name).path
    choose(page, film)
    keep(page, "0:01", "0:03")
    expect(page.get_by_text(re.compile("erases the rest before anyone can watch"))).to_be_visible()
    made = sent(page, site, films.folder / "sent")
    assert made.read_bytes() == film.read_bytes()
    assert site.said.uploads["u1"]["trim"] == {"in_ms": 1000, "out_ms": 3000, "cut_in_browser": False}


def test_on_a_shared_computer_nothing_is_kept_not_even_for_a_moment(page: Page, films: Maker) -> None:
    choose(page, films.lesson("long.mp4").path)
    page.evaluate(SHARED)
    keep(page, "0:12", "0:31")
    expect(page.get_by_text(re.compile("erases the rest before anyone can watch"))).to_be_visible()


def test_a_film_that_is_not_trimmed_is_sent_as_it_is(page: Page, site: Site, films: Maker) -> None:
    film = films.lesson("long.mp4").path
    choose(page, film)
    expect(page.get_by_text("Keeps all of it, 1 min 4 s, ")).to_be_visible()
    assert sent(page, site, films.folder / "sent").read_bytes() == film.read_bytes()
    assert site.said.uploads["u1"]["trim"] is None
    assert "mediabunny" not in str(page.evaluate("performance.getEntriesByType('resource').map((each) => each.name)"))


def test_a_stretch_that_was_being_sent_is_carried_on_after_a_reload(page: Page, site: Site, films: Maker) -> None:
    codec = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "0", "-pix_fmt", "yuv420p", "-g", "30")
    shot = Shot(seconds=10.0, codec=codec, chain=("noise=alls=50:allf=t:all_seed=7",))
    lesson = films.film(films.folder / "IMG_2041.mp4", shot)
    site.said.hold_after = 12
    choose(page, lesson.path)
    keep(page, "0:02", "0:08")
    page.get_by_role("button", name="Start sending").click()
    until(page, lambda: len(site.said.parts) == 12)
    site.said.hold_after = None
    choose(page, lesson.path)
    site.said.go.set()
    expect(page.get_by_role("textbox", name=START, exact=True)).to_have_value("0:02")
    expect(page.get_by_role("textbox", name=END, exact=True)).to_have_value("0:08")
    made = sent(page, site, films.folder / "sent")
    assert [number for number, _ in pictures(made)] == list(range(60, 240))
    assert len(site.said.uploads) == 1
    assert set(site.said.puts.values()) == {1}, "no part was sent twice"


def test_a_small_copy_goes_first_with_every_picture_at_its_moment(page: Page, site: Site, films: Maker) -> None:
    lesson = films.lesson("large.mp4")
    choose(page, lesson.path)
    page.get_by_label("Send a small copy first").check()
    page.get_by_role("button", name="Start sending").click()
    page.wait_for_url("**/recordings/r1/status", timeout=60_000)
    assert [wish["kind"] for wish in site.said.uploads.values()] == ["small_copy", "source"]
    small, full = (files_of(site, upload, films.folder / upload) for upload in ("u1", "u2"))
    assert full.read_bytes() == lesson.path.read_bytes()
    assert size_of(small)[1] == 240
    shown = pictures(small)
    assert [number for number, _ in shown] == list(lesson.numbers)
    first = float(shown[0][1])
    assert [float(at) - first for _, at in shown] == pytest.approx(lesson.times_s, abs=0.0011)
    assert [round(at - first, 1) for at in beeps(small)] == list(lesson.beeps_s)
    until(page, lambda: page.evaluate(FILES) == [])


def files_of(site: Site, upload: str, to: Path) -> Path:
    to.write_bytes(b"".join(body for (name, _), body in sorted(site.said.parts.items()) if name == upload))
    return to


def test_no_small_copy_is_made_of_a_film_that_is_cut_on_arrival(page: Page, site: Site, films: Maker) -> None:
    choose(page, films.lesson("edit-list.mp4").path)
    page.get_by_label("Send a small copy first").check()
    keep(page, "0:01", "0:03")
    sent(page, site, films.folder / "sent")
    assert [wish["kind"] for wish in site.said.uploads.values()] == ["source"]
