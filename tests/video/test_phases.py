"""Hints of phases lie where what is heard or seen changes for longer, and nowhere else."""

from itertools import pairwise

from video.phases import LEAST_MS, MOST, hints

MINUTE = 60_000
EVERY = 4000


def heard(*parts: tuple[str, int]) -> str:
    return "".join(letter * (minutes * 30) for letter, minutes in parts)


def guessed(strip: str, minutes: int, *, sights: dict[int, float] | None = None) -> list[int]:
    times = list(range(0, minutes * MINUTE, EVERY))
    changes = [(sights or {}).get(at, 2.0) for at in times]
    return hints(strip=strip, times_ms=times, changes=changes, lasts_ms=minutes * MINUTE)


def test_a_change_of_what_is_heard_is_found_where_it_is() -> None:
    found = guessed(heard(("o", 5), ("m", 6), ("q", 4)), 15)
    assert len(found) == 2
    assert [abs(at - about) <= 2 * EVERY for at, about in zip(found, (5 * MINUTE, 11 * MINUTE), strict=True)] == [
        True
    ] * 2


def test_a_wholly_other_view_is_found_without_any_sound() -> None:
    (at,) = guessed("", 10, sights={5 * MINUTE: 60.0})
    assert 5 * MINUTE - EVERY <= at <= 5 * MINUTE


def test_where_nothing_changes_nothing_is_guessed() -> None:
    assert guessed(heard(("o", 20)), 20) == []
    assert guessed("om" * 300, 20) == [], "to and fro all the time is one phase"


def test_hints_keep_their_distance_and_are_few() -> None:
    restless = "".join(("o" if minute % 4 < 2 else "m") * 30 for minute in range(60))
    found = guessed(restless, 60)
    assert 0 < len(found) <= MOST
    ends = [0, *found, 60 * MINUTE]
    assert all(after - before >= LEAST_MS for before, after in pairwise(ends))


def test_a_short_lesson_has_none() -> None:
    assert guessed(heard(("o", 1), ("m", 1)), 2) == []
