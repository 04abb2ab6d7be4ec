"""Which stretch of a film is kept is said with its upload: part of what it is, and checked before anything is kept."""

import pytest
from sqlalchemy import select, text

from app.lessons.uploads.models import Upload
from tests.app.lessons.uploads.hand import Hand, body


def jobs(hand: Hand) -> list[str]:
    return hand.web.ask(
        lambda session: list(session.scalars(text("SELECT task_name FROM procrastinate_jobs ORDER BY task_name")))
    )


def test_another_stretch_of_the_same_file_is_another_upload(hand: Hand) -> None:
    trim = {"in_ms": 1000, "out_ms": 9000, "cut_in_browser": True}
    book = body(hand.create(trim=trim))
    assert body(hand.create(trim=trim))["upload_id"] == book["upload_id"]
    others = [None, trim | {"in_ms": 2000}, trim | {"out_ms": 8000}, trim | {"cut_in_browser": False}]
    ids = {body(hand.create(trim=other))["upload_id"] for other in others}
    assert len(ids | {book["upload_id"]}) == 5


@pytest.mark.parametrize(
    ("in_ms", "out_ms"),
    [
        pytest.param(5000, 5000, id="nothing"),
        pytest.param(9000, 5000, id="backwards"),
        pytest.param(-1, 5000, id="before the film"),
        pytest.param(0, 999, id="less than a second"),
        pytest.param(0, 86_400_001, id="more than a day"),
    ],
)
def test_a_stretch_that_no_film_has_is_refused_before_anything_is_kept(hand: Hand, in_ms: int, out_ms: int) -> None:
    answer = hand.create(trim={"in_ms": in_ms, "out_ms": out_ms, "cut_in_browser": False})
    assert (answer.status_code, body(answer)["code"]) == (422, "trim_outside")
    assert list(body(answer)["fields"]) == ["trim"]
    assert hand.web.ask(lambda session: session.scalars(select(Upload)).all()) == []


def test_what_is_cut_on_arrival_is_read_back_and_not_looked_into_before(hand: Hand) -> None:
    book = body(hand.create(trim={"in_ms": 0, "out_ms": 9000, "cut_in_browser": False}))
    hand.complete(book, {number: hand.put(book, number) for number in (1, 2, 3)})
    assert jobs(hand) == ["VerifyUpload"]
    page = hand.web.of("Amina").get(f"/recordings/{book['recording_id']}/status").text
    assert "The rest is erased before anyone can watch." in page
