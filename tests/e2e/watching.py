"""What a person does with the player, and which picture it shows: the number that each picture carries is read back."""

from tests.e2e.film import FPS
from tests.e2e.people import Somebody
from tests.running import until
from tests.video.lessons import BITS, STRIP

_READ = f"""
  const video = document.querySelector("video"), canvas = document.createElement("canvas");
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const draw = canvas.getContext("2d"); draw.drawImage(video, 0, 0);
  const y = Math.round(canvas.height / {STRIP} / 2);
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit += 1) {{
    const x = Math.round((bit + 0.5) * canvas.width / {BITS});
    if (draw.getImageData(x, y, 1, 1).data[0] > 128) number += 2 ** bit;
  }}
  return number;"""
#: Reads the number in the picture that the player shows at this moment.
NUMBER_SHOWN = f"() => {{ {_READ} }}"
#: Shows the picture at a second of the lesson, and reads the number that it carries.
NUMBER_AT = f"""async (at_s) => {{
  const film = document.querySelector("video");
  film.pause();
  const there = new Promise((done) => film.addEventListener("seeked", done, {{ once: true }}));
  film.currentTime = at_s;
  await there;
  {_READ}
}}"""


def play(person: Somebody) -> None:
    """Press Play."""
    person.page.get_by_role("button", name="Play", exact=True).click()


def is_past(person: Somebody, seconds: float) -> bool:
    """Tell whether the picture is past a second."""
    return place_s(person) > seconds


def place_s(person: Somebody) -> float:
    """Say where the picture is, in seconds."""
    return float(person.page.evaluate("document.querySelector('video').currentTime"))


def write(person: Somebody, key: str, words: str) -> None:
    """Begin a note by a key, type it; the picture pauses meanwhile."""
    person.page.locator("br-player").press("Escape")
    person.page.keyboard.press(key)
    person.page.keyboard.type(words)
    until(lambda: person.page.evaluate("document.querySelector('video').paused"), "the picture pauses while writing")


def assert_shown_is_the_stamp(person: Somebody) -> None:
    """Read the number in the picture that is shown: it belongs to the note's moment, to within three frames."""
    at_ms = int(person.page.locator("input[name=at_ms]").input_value())
    shown = int(person.page.evaluate(NUMBER_SHOWN))
    assert abs(shown * 1000 / FPS - at_ms) <= 3 * 1000 / FPS, (shown, at_ms)
