"""The picture that stands for a lesson is sharp, neither dark nor glaring, and small."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.video.lessons import Maker
from video.frames import choose_poster, make_poster, sharpness, write_poster
from video.plan import plan
from video.probe import probe
from video.process import Jail


def still(folder: Path, name: str, pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Path:
    path = folder / f"{name}.png"
    assert cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def room() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """A busy picture of middling brightness."""
    noise = np.random.default_rng(3).integers(60, 190, size=(360, 640, 3))
    return noise.astype(np.uint8)


def test_the_sharp_and_fair_one_is_chosen(
    tmp_path: Path, room: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    blurred = still(tmp_path, "blurred", cv2.GaussianBlur(room, (0, 0), 5).astype(np.uint8))
    dark = still(tmp_path, "dark", (room // 8).astype(np.uint8))
    sharp = still(tmp_path, "sharp", (room // 2 + 60).astype(np.uint8))
    glaring = still(tmp_path, "glaring", np.where(room > 65, 255, 0).astype(np.uint8))
    assert choose_poster([blurred, dark, sharp, glaring]) == sharp


def test_where_all_are_dark_the_sharpest_is_taken(
    tmp_path: Path, room: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    paths = [still(tmp_path, str(share), (room // share).astype(np.uint8)) for share in (16, 9)]
    assert choose_poster(paths) == paths[1]


def test_what_can_not_be_read_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "no.png").write_bytes(b"no picture")
    assert choose_poster([tmp_path / "no.png"]) is None


def test_even_noise_fits_into_25_kilobytes(
    tmp_path: Path, room: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]
) -> None:
    poster = write_poster(still(tmp_path, "noise", room), tmp_path / "poster.jpg")
    assert poster.stat().st_size <= 25_000
    assert cv2.imread(str(poster)) is not None


@pytest.mark.parametrize("name", ["large.mp4", "phone.mp4", "wrapping.ts", "pasted.ts", "odd.mp4"])
def test_a_lesson_gets_its_poster(maker: Maker, into: Path, each_jail: Jail, name: str) -> None:
    lesson = maker.lesson(name)
    poster = make_poster(lesson.path, plan(probe(lesson.path, jail=each_jail)), into=into, jail=each_jail)
    assert poster is not None
    assert poster.stat().st_size <= 25_000
    pixels = cv2.imread(str(poster))
    assert pixels is not None
    height, width = pixels.shape[:2]
    assert width <= 640
    assert width / height == pytest.approx(lesson.upright[0] / lesson.upright[1], rel=0.03)
    assert sharpness(np.asarray(pixels, dtype=np.uint8)) > 50
