"""From a box drawn over the picture to a lesson in which nobody can see any more what lies beneath it."""

import re
from functools import partial

import pytest
from playwright.sync_api import Browser, expect

from tests.e2e.people import Somebody, somebody
from tests.e2e.test_main_job import agree, invite, join, send, set_up, share
from tests.e2e.watching import NUMBER_AT, is_past, place_s, play
from tests.running import Backrow, until
from tests.video.lessons import Lesson

pytestmark = [pytest.mark.needs_chromium, pytest.mark.slow, pytest.mark.timeout(600)]

#: Shows the picture at a second, and says how far from one colour the middle of each of a box's sixteen blocks is.
_ROUGHNESS = """async ([at_s, left, top, wide, tall]) => {
  const film = document.querySelector("br-player video");
  film.pause();
  const there = new Promise((done) => film.addEventListener("seeked", done, { once: true }));
  film.currentTime = at_s;
  await there;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [film.videoWidth, film.videoHeight];
  const draw = canvas.getContext("2d");
  draw.drawImage(film, 0, 0);
  const spread = [];
  for (let row = 0; row < 4; row += 1) for (let column = 0; column < 4; column += 1) {
    const [w, h] = [canvas.width * wide / 400, canvas.height * tall / 400];
    const [x, y] = [canvas.width * left / 100 + w * column, canvas.height * top / 100 + h * row];
    const { data } = draw.getImageData(x + w * 0.35, y + h * 0.35, Math.max(w * 0.3, 1), Math.max(h * 0.3, 1));
    const grey = [];
    for (let at = 0; at < data.length; at += 4) grey.push((data[at] + data[at + 1] + data[at + 2]) / 3);
    const mean = grey.reduce((sum, one) => sum + one, 0) / grey.length;
    spread.push(Math.sqrt(grey.reduce((sum, one) => sum + (one - mean) ** 2, 0) / grey.length));
  }
  return Math.max(...spread);
}"""
#: Of 255: what lies beneath the box differs by more, and what encoding leaves of one colour by less.
OPEN, HIDDEN = 20, 16
_SIDES = ("left", "top", "wide", "tall")


def test_a_box_is_drawn_seen_made_and_used(backrow: Backrow, chromium: Browser, lesson: Lesson) -> None:
    with (
        somebody(chromium, "joan", backrow.address) as joan,
        somebody(chromium, "amina", backrow.address) as amina,
        somebody(chromium, "tom", backrow.address) as tom,
    ):
        set_up(joan, backrow.code)
        join(amina, invite(joan, "Amina Khan", "amina@hillside.example", "Hillside"))
        join(tom, invite(joan, "Tom Reed", "tom@stmarys.example", "St Mary’s"))
        agree(amina, tom)
        recording = send(amina, lesson, backrow)
        share(amina, recording)
        until(lambda: "Blur it" in amina.read(recording), "all of it is ready")
        place = draw(amina, recording)
        see_ten_seconds(amina)
        make_the_whole(amina, tom, recording, place)
        use(amina, recording)
        everybody_gets_it(amina, tom, recording, place)
        nothing_else_is_stored(backrow, recording)


def draw(amina: Somebody, recording: str) -> list[float]:
    """Draw a box, move it by keys, and let it follow to another place; give that place."""
    page = amina.page
    amina.go(recording)
    amina.press("Blur it")
    boxes = page.locator(".boxes")
    expect(boxes).to_be_visible()
    until(lambda: page.evaluate("document.querySelector('br-player video').readyState") >= 2, "there is a picture")
    amina.look("blur")
    boxes.scroll_into_view_if_needed()
    middle_x, middle_y = centre(amina)
    page.mouse.move(middle_x - 40, middle_y - 60)
    page.mouse.down()
    page.mouse.move(middle_x + 20, middle_y + 10)
    page.mouse.move(middle_x + 40, middle_y + 60)
    page.mouse.up()
    box = page.locator(".boxes__box")
    expect(box).to_be_focused()
    before = typed(amina, 0)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    after = typed(amina, 0)
    assert [round(b - a, 1) for a, b in zip(before, after, strict=True)] == [1, 0, 0, 1]
    page.evaluate("document.querySelector('br-player').seek(5000)")
    until(lambda: abs(page.evaluate("document.querySelector('br-player').atMs") - 5000) < 1, "it is there")
    amina.press("Also here")
    assert page.locator("input[name=at]").nth(1).input_value() == "0:05"
    assert typed(amina, 1) == after
    middle_x, middle_y = centre(amina)
    page.mouse.move(middle_x, middle_y)
    page.mouse.down()
    page.mouse.move(middle_x - 10, middle_y + 40)
    page.mouse.up()
    place = typed(amina, 1)
    assert place[1] > after[1]
    assert typed(amina, 0) == after, "the first place stays"
    page.get_by_label("Turn all voices into a whisper").check()
    amina.look("boxes drawn")
    return place


def centre(amina: Somebody) -> tuple[float, float]:
    """Give the middle of the picture on the screen."""
    found = amina.page.locator(".boxes").bounding_box()
    assert found is not None
    return found["x"] + found["width"] / 2, found["y"] + found["height"] / 2


def typed(amina: Somebody, row: int) -> list[float]:
    """Read a row's four measures."""
    return [float(amina.page.locator(f"input[name={side}]").nth(row).input_value()) for side in _SIDES]


def see_ten_seconds(amina: Somebody) -> None:
    amina.press("See ten seconds of it")
    film = amina.page.locator("video.blur__film")
    expect(film).to_be_visible(timeout=60_000)
    lasts_s = "document.querySelector('video.blur__film').duration || 0"
    until(lambda: round(float(amina.page.evaluate(lasts_s))) == 10, "ten seconds are loaded")
    amina.look("ten seconds")


def make_the_whole(amina: Somebody, tom: Somebody, recording: str, place: list[float]) -> None:
    amina.press("Have the whole made")
    expect(amina.page.get_by_role("link", name="Use this copy …")).to_be_visible(timeout=240_000)
    amina.look("copy to look over")
    for address in (f"{recording}/blur", f"{media(recording)}/blurred/master.m3u8"):
        assert tom.status_of(address) == 404, address
    tom.go(recording)
    play(tom)
    until(lambda: place_s(tom) > 0.5, "it plays")
    assert tom.page.evaluate(_ROUGHNESS, [5, *place]) > OPEN, "until it is used, others get what there was"
    play(amina)
    until(lambda: place_s(amina) > 0.5, "the copy plays")
    assert amina.page.evaluate(_ROUGHNESS, [5, *place]) < HIDDEN


def use(amina: Somebody, recording: str) -> None:
    amina.press("Use this copy …")
    amina.look("use the copy")
    amina.press("Use it, and erase the film")
    until(lambda: "The film as it was is erased" in amina.read(f"{recording}/blur"), "the film is erased")
    amina.go(f"{recording}/blur")
    amina.look("the copy is used")


def everybody_gets_it(amina: Somebody, tom: Somebody, recording: str, place: list[float]) -> None:
    for person in (amina, tom):
        person.go(recording)
        play(person)
        until(partial(is_past, person, 0.5), "it plays")
        assert person.page.evaluate(_ROUGHNESS, [5, *place]) < HIDDEN
        assert int(person.page.evaluate(NUMBER_AT, 5)) == 150, "each picture is still at its moment"
    amina.go(f"{recording}/seen")
    expect(amina.page.get_by_text(re.compile("everybody watches the blurred copy"))).to_be_visible()


def nothing_else_is_stored(backrow: Backrow, recording: str) -> None:
    recording_id = recording.rsplit("/", 1)[-1]
    left = [file for file in (backrow.folder / "data").rglob("*") if recording_id in str(file) and file.is_file()]
    folders = {str(file).split(recording_id, 1)[1].split("/")[1] for file in left}
    assert len(folders) == 1, folders


def media(recording: str) -> str:
    """Give the address beneath which a lesson is handed out."""
    return recording.replace("/recordings/", "/media/")
