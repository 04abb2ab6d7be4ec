"""Marks of whole parts: each in its own place, whole or not there."""

from pathlib import Path

import pytest

from video.storage import part_marks
from video.storage.base import Part

FIRST, THIRD = Part(1, "a" * 32, 8_388_608), Part(3, "0123456789abcdef" * 2, 1)


@pytest.fixture
def marks(tmp_path: Path) -> Path:
    part_marks.begin(tmp_path / "marks", parts=3)
    return tmp_path / "marks"


def test_parts_are_listed_by_number_whatever_came_first(marks: Path) -> None:
    assert part_marks.read(marks) == []
    part_marks.put(marks, THIRD)
    part_marks.put(marks, FIRST)
    assert part_marks.read(marks) == [FIRST, THIRD]
    assert [part_marks.has(marks, number) for number in (1, 2, 3)] == [True, False, True]


def test_a_mark_is_taken_away_and_put_again(marks: Path) -> None:
    for part in (FIRST, THIRD):
        part_marks.put(marks, part)
    part_marks.take_away(marks, 1)
    assert part_marks.read(marks) == [THIRD]
    again = Part(1, "b" * 32, 5)
    part_marks.put(marks, again)
    assert part_marks.read(marks) == [again, THIRD]


@pytest.mark.parametrize("kept", [1, 20, 40, 56, 63])
def test_half_a_mark_is_none(marks: Path, kept: int) -> None:
    part_marks.put(marks, FIRST)
    part_marks.put(marks, THIRD)
    written = marks.read_bytes()
    marks.write_bytes(bytes(kept) + written[kept:])
    assert part_marks.read(marks) == [THIRD]
    marks.write_bytes(written[:kept] + bytes(64 - kept) + written[64:])
    assert part_marks.read(marks) == [THIRD]


def test_the_line_of_the_largest_part_has_room(marks: Path) -> None:
    largest = Part(2, "f" * 32, 2**63)
    part_marks.put(marks, largest)
    assert part_marks.read(marks) == [largest]
    assert marks.stat().st_size == 3 * 64
