"""The page from which a film is sent: who will see it is said before the first byte, and it works without script."""

from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from app.agreements.cycles.models import Cycle
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from tests.app.lessons.uploads.hand import Hand, some_bytes
from tests.app.lessons.uploads.test_contract import object_to
from tests.browser import Browser


def page(hand: Hand) -> str:
    answer = hand.web.of("Amina").get(f"/cycles/{hand.cycle_id}/upload")
    assert answer.status_code == 200
    return answer.text


def post(hand: Hand, film: bytes | None, name: str = "lesson.mp4", **fields: str) -> TestResponse:
    """Send the plain form."""
    return send(hand.web.of("Amina"), hand, film, name, fields)


def send(
    browser: Browser, hand: Hand, film: bytes | None, name: str = "lesson.mp4", fields: dict[str, str] | None = None
) -> TestResponse:
    """Send the plain form from some browser, its file in memory."""
    values: dict[str, Any] = {"csrf_token": browser.token(), **(fields or {})}
    if film is not None:
        values["film"] = FileStorage(BytesIO(film), name)
    boundary, said = encode_multipart(values)
    kind = f"multipart/form-data; boundary={boundary}"
    return browser.client.post(f"/cycles/{hand.cycle_id}/upload", data=said, content_type=kind)


def test_the_page_says_who_will_see_it_and_until_when_before_anything_is_sent(hand: Hand) -> None:
    text = page(hand)
    assert "Who will be able to watch once you press Share: Tom Day" in text
    assert ", named in protocol v1, until " in text
    assert "Until then only you. Nobody else, not even heads or administrators." in text
    assert "is the latest day" in text
    assert text.count("<h1") == 1
    assert text.count("button--main") == 1
    assert f'cycle="{hand.cycle_id}"' in text
    assert 'create="/api/v1/uploads"' in text


def test_before_all_have_signed_it_says_that_nobody_else_can_watch(hand: Hand) -> None:
    with hand.web.sessions.begin() as session:
        project = hand.web.town(session).open("Amina", "Priya")
        hand.cycle_id = session.scalars(select(Cycle.id).where(Cycle.project_id == project.id)).one()
    assert "Until you all have signed a protocol, nobody but you can watch." in page(hand)


def test_a_film_can_be_sent_without_script(hand: Hand) -> None:
    answer = post(hand, hand.film, class_code="8F2")
    assert answer.status_code == 303, answer.text
    with hand.web.sessions() as session:
        recording, upload = session.scalars(select(Recording)).one(), session.scalars(select(Upload)).one()
    assert answer.location == f"/recordings/{recording.id}/status"
    assert (upload.state, recording.media_state) == (UploadState.VERIFYING, MediaState.PROBING)
    assert upload.size_bytes == len(hand.film)
    assert hand.storage.local_path(upload.storage_key).read_bytes() == hand.film


def test_a_form_that_can_not_be_taken_says_so_at_its_field(hand: Hand) -> None:
    for answer, sentence in (
        (post(hand, None), "Choose the film of the lesson first."),
        (post(hand, b""), "This file is empty."),
        (post(hand, b"x", delete_on="2020-01-01"), "Choose today or a later day."),
        (post(hand, b"x", **{"recorded_on-day": "31", "recorded_on-month": "2", "recorded_on-year": "2026"}), "day"),
    ):
        assert answer.status_code == 422
        assert sentence in answer.text
        assert "error-summary" in answer.text
    with hand.web.sessions() as session:
        assert session.scalars(select(Recording)).all() == []


def test_a_form_without_its_token_is_refused_before_a_byte_is_kept(hand: Hand) -> None:
    client = hand.web.of("Amina").client
    answer = client.post(f"/cycles/{hand.cycle_id}/upload", data={"film": (BytesIO(b"x"), "x.mp4")})
    assert answer.status_code == 403
    assert send(hand.web.stranger(), hand, some_bytes(3 * 1024 * 1024)).status_code == 413, "strangers send words only"


def test_an_open_objection_stands_on_the_page_of_that_class(hand: Hand) -> None:
    hand.begun()
    assert "wish to be seen" not in page(hand)
    object_to(hand)
    assert "Somebody in 8F2 doesn’t wish to be seen" in page(hand)


def test_a_turn_that_has_its_lesson_leads_to_it(hand: Hand) -> None:
    book = hand.sent()
    text = page(hand)
    assert "This turn has its lesson already." in text
    assert f'href="/recordings/{book["recording_id"]}"' in text
    assert "<br-uploader" not in text


def test_trying_again_is_refused_while_nothing_stopped(hand: Hand) -> None:
    book = hand.sent()
    answer = hand.web.of("Amina").post(f"/recordings/{UUID(book['recording_id'])}/try-again")
    assert answer.status_code == 409
