"""What a film says of its colours is believed where it can be true; a plan older than that is kept to."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.video import cards
from tests.video.corpus import CORPUS
from tests.video.filming import film
from tests.video.lessons import Maker
from video import recipe
from video.colours import full_of, light_of, matrix_of
from video.frames import make_poster
from video.plan import Chunk, plan
from video.probe import probe
from video.process import Jail
from video.transcode import Encoded, encode_chunk

_SAYS_NOTHING = {"transfer": 2, "matrix": 2, "range": 0, "pix_fmt": "yuv420p", "width": 640, "height": 480}


@pytest.mark.parametrize(
    ("head", "look", "matrix"),
    [
        pytest.param({}, {}, "bt601", id="small, and nothing said"),
        pytest.param({"width": 1920, "height": 1080}, {}, "bt709", id="large, and nothing said"),
        pytest.param({"width": 640, "height": 1280}, {}, "bt709", id="tall, and nothing said"),
        pytest.param({"width": 720, "height": 576}, {}, "bt601", id="television of old"),
        pytest.param({"matrix": 1}, {}, "bt709", id="the head says so"),
        pytest.param({"matrix": 1}, {"matrix": 6}, "bt601", id="the picture knows better than the head"),
        pytest.param({"matrix": 1}, {"matrix": 2}, "bt709", id="the picture says nothing"),
        pytest.param({"transfer": 16}, {}, "bt2020", id="high dynamic range, of which half is said"),
        pytest.param({"pix_fmt": "gbrp"}, {"matrix": 1}, "rgb", id="no matrix at all"),
        pytest.param({"matrix": 0}, {}, "bt601", id="says that it is RGB, and isn't"),
        pytest.param({"matrix": 8}, {}, "bt601", id="one that nobody here knows"),
        pytest.param({"pix_fmt": None}, {}, "bt601", id="no format either"),
    ],
)
def test_a_matrix_is_believed_or_guessed(head: dict[str, Any], look: dict[str, Any], matrix: str) -> None:
    said = _SAYS_NOTHING | head
    assert matrix_of(said, look, light=light_of(said, look)) == matrix


@pytest.mark.parametrize(
    ("head", "look", "full"),
    [
        pytest.param({}, {}, False, id="nothing said"),
        pytest.param({"range": 2}, {}, True, id="the head says so"),
        pytest.param({"range": 2}, {"range": 1}, False, id="the picture knows better"),
        pytest.param({"pix_fmt": "yuvj420p"}, {}, True, id="a photograph's format"),
        pytest.param({}, {"format": "yuvj420p", "range": 0}, True, id="a photograph's format, in the picture"),
    ],
)
def test_a_range_is_believed(head: dict[str, Any], look: dict[str, Any], full: bool) -> None:
    assert full_of(_SAYS_NOTHING | head, look) is full


def test_a_lesson_planned_before_colours_were_looked_at_keeps_its_head(
    maker: Maker, tmp_path: Path, jail: Jail
) -> None:
    """Some of its chunks may be published: what is encoded after a new version is installed has to fit them."""
    source = maker.lesson("plain.mp4").path
    planned = plan(probe(source, jail=jail))
    old = [Chunk.from_json(_as_before(chunk)) for chunk in planned.chunks]
    asked = " ".join(recipe.picture(old[0], planned.renditions))
    assert "color" not in asked

    def encoded(chunk: Chunk, name: str) -> Encoded:
        (tmp_path / name).mkdir()
        return encode_chunk(source, chunk, renditions=planned.renditions, into=tmp_path / name, jail=jail)

    first, second = (encoded(chunk, f"old-{chunk.index}") for chunk in old)
    new = encoded(planned.chunks[0], "new")
    assert first.inits[0].sha256 == second.inits[0].sha256 != new.inits[0].sha256


def _as_before(chunk: Chunk) -> dict[str, Any]:
    row = json.loads(json.dumps(chunk.to_json()))
    return {name: value for name, value in row.items() if name not in {"matrix", "full"}}


@pytest.mark.parametrize("name", ["hd-unsaid.mp4", "full.mov", "screen.mkv", "turned-90.mp4", "hlg.mov"])
def test_a_poster_has_its_films_colours(maker: Maker, into: Path, jail: Jail, name: str) -> None:
    source = into / name
    film(maker, CORPUS[name], source)
    poster = make_poster(source, plan(probe(source, jail=jail)), into=into, jail=jail)
    assert poster is not None
    pixels = cv2.imread(str(poster), cv2.IMREAD_COLOR_RGB)
    assert pixels is not None
    height, width, _ = pixels.shape
    for patch, ((across, down), truth) in cards.PATCHES.items():
        seen = pixels[int(height * (1 + 7 * down) / 8), int(width * across)]
        most = 60 if CORPUS[name].hdr else 12
        assert np.abs(np.subtract(seen, truth)).mean() < most, (patch, seen)
