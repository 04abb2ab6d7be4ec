"""Times as people write, read and hear them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from video.timecode import clock_face, parse_time, spoken


@pytest.mark.parametrize(
    ("at_ms", "face"),
    [
        pytest.param(0, "0:00", id="first frame"),
        pytest.param(59_999, "0:59", id="cut down: never a moment that isn't on screen yet"),
        pytest.param(3_599_999, "59:59", id="just below the hour"),
        pytest.param(3_600_000, "1:00:00", id="hours appear when needed"),
    ],
)
def test_clock_face_shows_the_second_on_screen(at_ms: int, face: str) -> None:
    assert clock_face(at_ms) == face


@pytest.mark.parametrize(
    ("at_ms", "words"),
    [
        pytest.param(0, "0 seconds", id="start"),
        pytest.param(1_000, "1 second", id="one"),
        pytest.param(252_000, "4 minutes 12 seconds", id="minutes"),
        pytest.param(3_660_000, "1 hour 1 minute 0 seconds", id="hours"),
    ],
)
def test_spoken_is_what_one_would_say(at_ms: int, words: str) -> None:
    assert spoken(at_ms) == words


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        pytest.param("4:12", 252_000, id="clock"),
        pytest.param("252", 252_000, id="seconds"),
        pytest.param("4m12", 252_000, id="letters"),
        pytest.param(" 4M 12S ", 252_000, id="spaces and capitals"),
        pytest.param("1:04:12", 3_852_000, id="hours"),
        pytest.param("1h4m", 3_840_000, id="hours in letters"),
        pytest.param("75:00", 4_500_000, id="more than an hour in minutes"),
        pytest.param("4:12.5", 252_500, id="tenths"),
        pytest.param("0,25", 250, id="comma"),
    ],
)
def test_parse_time_reads_what_people_type(text: str, at_ms: int) -> None:
    assert parse_time(text) == at_ms


@pytest.mark.parametrize("text", ["", "  ", "4:72", "1:75:00", "-4", "four", "4:1:2", "1h99m", "9999999", "4:12pm"])
def test_parse_time_refuses_with_a_mend(text: str) -> None:
    with pytest.raises(ValueError, match=r"4:12|59|longer"):
        parse_time(text)


@given(st.integers(min_value=0, max_value=100 * 3600 - 1))
def test_what_the_clock_shows_can_be_typed_back(second: int) -> None:
    assert parse_time(clock_face(second * 1000)) == second * 1000


@given(st.text(max_size=30))
def test_any_text_gives_a_time_or_a_plain_refusal(text: str) -> None:
    try:
        assert parse_time(text) >= 0
    except ValueError as refusal:
        assert str(refusal).endswith(".")  # noqa: PT017 - either way is right, but a refusal must be a sentence
