"""A small copy and the full film are two uploads of one lesson; what was said with the first is not said again."""

from sqlalchemy import select

from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload
from tests.app.lessons.uploads.hand import Hand, Json, body, some_bytes


def recording(hand: Hand) -> Recording:
    return hand.web.ask(lambda session: session.scalars(select(Recording)).one())


def small_sent(hand: Hand) -> Json:
    """Send the small copy; the full film is in Amina's hand again after it."""
    full, hand.film = hand.film, some_bytes(1000, seed=3)
    book = body(hand.create(kind="small_copy"))
    assert hand.complete(book, {1: hand.put(book, 1)}).status_code == 202
    hand.film = full
    return book


def test_the_full_film_follows_under_the_same_recording(hand: Hand) -> None:
    small = small_sent(hand)
    full = hand.create(class_code="9A")
    assert full.status_code == 201
    assert body(full)["recording_id"] == small["recording_id"]
    assert recording(hand).class_code == "8F2", "it may be shared by now: nothing of it changes by another upload"
    page = hand.web.of("Amina").get(f"/cycles/{hand.cycle_id}/upload").text
    assert "This turn has its lesson already." not in page
    book = body(full)
    assert hand.complete(book, {number: hand.put(book, number) for number in (1, 2, 3)}).status_code == 202
    assert recording(hand).media_state == MediaState.PROBING
    kinds = hand.web.ask(lambda session: session.scalars(select(Upload.kind).order_by(Upload.opened_at)).all())
    assert list(kinds) == ["small_copy", "source"]
    assert "This turn has its lesson already." in hand.web.of("Amina").get(f"/cycles/{hand.cycle_id}/upload").text


def test_a_second_small_copy_is_refused_and_so_is_one_after_the_full_film(hand: Hand) -> None:
    small_sent(hand)
    other = hand.create(kind="small_copy")
    assert (other.status_code, body(other)["code"]) == (409, "not_open")
    hand.sent()
    again = hand.create(kind="small_copy", fingerprint="sha256:" + "0" * 64)
    assert (again.status_code, body(again)["code"]) == (409, "not_open")


def test_a_small_copy_is_nobody_else_s_either(hand: Hand) -> None:
    book = small_sent(hand)
    for path in (f"/recordings/{book['recording_id']}", f"/api/v1/recordings/{book['recording_id']}/play"):
        assert hand.web.of("Tom").get(path).status_code == 404
    assert hand.show(book, who="Tom").status_code == 404
