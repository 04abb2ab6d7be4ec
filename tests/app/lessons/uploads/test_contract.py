"""The contract of `/api/v1/uploads`: resumed by asking the storage, completed once, and nobody else's."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text, update

from app.agreements.consents.models import Objection
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.protocols.models import ProtocolVersion
from app.audit.models import AuditEvent
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from app.lessons.uploads.models import Upload, UploadState
from app.people.alliances.models import Alliance
from tests.app.lessons.uploads.hand import PART, Hand, body, digest, some_bytes
from tests.conftest import Clock


def recording(hand: Hand) -> Recording:
    return hand.web.ask(lambda session: session.scalars(select(Recording)).one())


def upload(hand: Hand) -> Upload:
    return hand.web.ask(lambda session: session.scalars(select(Upload)).one())


def jobs(hand: Hand) -> list[str]:
    return hand.web.ask(
        lambda session: list(session.scalars(text("SELECT task_name FROM procrastinate_jobs ORDER BY task_name")))
    )


def test_a_new_upload_makes_a_private_recording_with_a_date(hand: Hand) -> None:
    answer = hand.create()
    assert answer.status_code == 201
    book = body(answer)
    assert {**book, "expires_at": "", "delete_at": ""} == {
        "upload_id": str(upload(hand).id),
        "recording_id": str(recording(hand).id),
        "state": "open",
        "part_bytes": PART,
        "parts_total": 3,
        "received": [],
        "urls_at_once": 8,
        "expires_at": "",
        "delete_at": "",
        "objection": None,
    }
    lesson = recording(hand)
    assert (lesson.state, lesson.media_state) == (RecordingState.PRIVATE, MediaState.WAITING)
    assert lesson.class_code == "8F2"
    assert lesson.delete_at - datetime.now(UTC) <= timedelta(days=90), "while it is private"
    events = hand.web.ask(lambda session: list(session.scalars(select(AuditEvent.what))))
    assert {"recording.created", "upload.opened"} <= set(events)


def test_a_name_says_nothing_in_any_key(hand: Hand) -> None:
    hand.create(name="Y8 Jane Doe.mov")
    assert upload(hand).name == "Y8 Jane Doe.mov"
    key = upload(hand).storage_key
    assert key.startswith(f"r/{recording(hand).id}/")
    assert "Jane" not in key
    assert "mov" not in key


def test_the_same_file_resumes_and_what_has_arrived_is_counted_at_the_storage(hand: Hand) -> None:
    book = hand.begun()
    etag = hand.put(book, 2)
    answer = hand.create()
    assert answer.status_code == 200
    assert body(answer)["upload_id"] == book["upload_id"]
    wanted = [{"number": 2, "etag": etag, "size_bytes": PART, "sha256": digest(hand.block(2))}]
    assert body(answer)["received"] == wanted
    assert body(hand.show(book))["received"] == wanted
    lost = upload(hand)
    hand.storage.abort_upload(lost.storage_key, lost.storage_upload_id)
    assert body(hand.show(book))["received"] == []


def test_another_file_of_the_same_name_is_another_upload_of_the_same_lesson(hand: Hand) -> None:
    book = hand.begun()
    hand.film = some_bytes(len(hand.film), seed=2)
    other = hand.create()
    assert other.status_code == 201
    assert body(other)["upload_id"] != book["upload_id"]
    assert body(other)["recording_id"] == book["recording_id"]


def test_the_same_request_twice_is_one_upload(hand: Hand) -> None:
    key = str(uuid4())
    first, again = hand.create(key=key), hand.create(key=key)
    assert first.status_code == again.status_code == 201
    assert body(first) == body(again)
    assert again.headers["Idempotency-Replayed"] == "true"
    refused = hand.create(key=key, class_code="9A")
    assert (refused.status_code, body(refused)["code"]) == (422, "key_reused")


def test_a_whole_film_is_completed_and_its_work_waits_in_the_queue(hand: Hand) -> None:
    book = hand.sent()
    assert upload(hand).state == UploadState.VERIFYING
    assert recording(hand).media_state == MediaState.PROBING
    assert jobs(hand) == ["ProbeUpload", "VerifyUpload"]
    assert hand.storage.sha256_of(upload(hand).storage_key)
    cycle = hand.web.ask(lambda session: session.get_one(Cycle, hand.cycle_id))
    assert cycle.state == CycleState.RECORDED
    assert body(hand.show(book))["state"] == "verifying"


def test_completing_again_after_a_lost_answer_changes_nothing(hand: Hand) -> None:
    book = hand.begun()
    parts = {number: hand.put(book, number) for number in (1, 2, 3)}
    key = str(uuid4())
    first = hand.complete(book, parts, key=key)
    again = hand.complete(book, parts, key=key)
    other = hand.complete(book, parts)
    assert first.status_code == again.status_code == other.status_code == 202
    assert body(first) == body(again) == body(other) == {"recording_id": book["recording_id"], "state": "verifying"}
    assert jobs(hand) == ["ProbeUpload", "VerifyUpload"]


def test_missing_parts_are_named_and_can_be_sent(hand: Hand) -> None:
    book = hand.begun()
    etag = hand.put(book, 2)
    answer = hand.complete(book, {2: etag})
    assert (answer.status_code, body(answer)["code"]) == (422, "parts_missing")
    assert body(answer)["fields"] == {"parts": "1,3"}
    answer = hand.complete(book, {1: etag, 2: etag, 3: etag})
    assert (answer.status_code, body(answer)["code"]) == (422, "parts_missing"), "named, but not there"
    assert body(answer)["fields"] == {"parts": "1,3"}
    assert body(hand.show(book))["state"] == "open"
    parts = {1: hand.put(book, 1), 2: etag, 3: hand.put(book, 3)}
    assert hand.complete(book, parts).status_code == 202


def test_another_etag_than_the_storage_gave_is_refused_and_the_upload_stays_open(hand: Hand) -> None:
    book = hand.begun()
    parts = {number: hand.put(book, number) for number in (1, 2, 3)}
    answer = hand.complete(book, parts | {2: parts[1]})
    assert (answer.status_code, body(answer)["code"]) == (409, "hash_differs")
    assert "part 2" in body(answer)["detail"]
    assert body(hand.show(book))["state"] == "open"
    assert hand.complete(book, parts).status_code == 202


def test_a_part_whose_bytes_are_not_those_announced_does_not_arrive(hand: Hand) -> None:
    book = hand.begun()
    changed = bytes([hand.block(1)[0] ^ 1]) + hand.block(1)[1:]
    with pytest.raises(AssertionError, match="changed on the way"):
        hand.put(book, 1, block=changed)
    assert body(hand.show(book))["received"] == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        pytest.param({"name": "x" * 256}, "name_refused", id="longer than any file's name"),
        pytest.param({"name": "lesson\n.mov"}, "name_refused", id="a line's end"),
        pytest.param({"name": "../lesson.mov"}, "name_refused", id="a way to somewhere else"),
        pytest.param({"name": "a\\b.mov"}, "name_refused", id="the same on Windows"),
        pytest.param({"name": " "}, "name_refused", id="no name"),
        pytest.param({"size_bytes": 0}, "empty", id="nothing in it"),
        pytest.param({"size_bytes": 17 * 1024**3}, "file_too_big", id="larger than the alliance takes"),
        pytest.param({"delete_on": "2036-01-01"}, "delete_on_too_late", id="kept for years"),
        pytest.param({"delete_on": "2020-01-01"}, "delete_on_past", id="gone before it is there"),
        pytest.param({"kind": "holiday"}, "kind_refused", id="no such kind"),
        pytest.param({"surprise": 1}, "field_unknown", id="a field too many"),
        pytest.param({"fingerprint": "md5:1"}, "fingerprint_refused", id="named otherwise"),
    ],
)
def test_what_cant_be_taken_is_said_and_nothing_is_kept(hand: Hand, changes: dict[str, Any], code: str) -> None:
    answer = hand.create(**changes)
    assert (answer.status_code, body(answer)["code"]) == (422, code)
    assert body(answer)["detail"]
    assert hand.web.ask(lambda session: session.scalars(select(Recording)).all()) == []
    assert list(hand.storage.open_uploads("r")) == []


def test_a_wish_for_earlier_is_kept_and_the_protocol_caps_the_latest(hand: Hand) -> None:
    hand.create(delete_on=(datetime.now(UTC).date() + timedelta(days=10)).isoformat())
    assert timedelta(days=9) < recording(hand).delete_at - datetime.now(UTC) < timedelta(days=12)
    agreed = hand.web.ask(lambda session: session.scalars(select(ProtocolVersion.erase_at)).one())
    last = (agreed.astimezone(ZoneInfo("Europe/London")) - timedelta(microseconds=1)).date()
    assert hand.create(delete_on=last.isoformat()).status_code == 200
    assert recording(hand).delete_at <= agreed
    late = hand.create(delete_on=(last + timedelta(days=1)).isoformat())
    assert body(late)["code"] == "delete_on_too_late"
    assert "at the latest" in body(late)["fields"]["delete_on"]


def test_a_full_disk_is_said_and_nothing_is_kept(hand: Hand) -> None:
    hand.web.ask(lambda session: session.execute(update(Alliance).values(largest_bytes=1 << 40)))
    answer = hand.create(size_bytes=1 << 40)
    assert (answer.status_code, body(answer)["code"]) == (507, "storage_full")
    assert "stays on your device" in body(answer)["detail"]
    assert hand.web.ask(lambda session: session.scalars(select(Recording)).all()) == []


@pytest.mark.parametrize("who", ["Tom", "Priya"])
def test_nobody_else_knows_of_an_upload(hand: Hand, who: str) -> None:
    book = hand.begun()
    assert hand.show(book, who=who).status_code == 404
    assert hand.urls(book, (1, digest(b"x")), who=who).status_code == 404
    assert hand.complete(book, {1: "x"}, who=who).status_code == 404
    assert hand.web.send(who, "DELETE", f"/api/v1/uploads/{book['upload_id']}", {}).status_code == 404
    assert hand.create(who=who).status_code == 404
    assert hand.web.of(who).get(f"/cycles/{hand.cycle_id}/upload").status_code == 404
    assert hand.web.of(who).post(f"/cycles/{hand.cycle_id}/upload").status_code == 404
    assert hand.web.of(who).post(f"/recordings/{book['recording_id']}/try-again").status_code == 404


def test_another_alliance_knows_of_nothing(hand: Hand) -> None:
    book = hand.begun()
    there = hand.web.of("Amina", elsewhere=True)
    assert hand.show(book, elsewhere=True).status_code == 404
    assert there.get(f"/cycles/{hand.cycle_id}/upload").status_code == 404
    headers = {"X-CSRF-Token": there.token(), "Idempotency-Key": str(uuid4())}
    assert there.client.post("/api/v1/uploads", json=hand.wish(), headers=headers).status_code == 404
    assert hand.web.stranger().get(f"/api/v1/uploads/{book['upload_id']}").status_code == 401


def test_what_is_taken_back_is_erased_and_the_turn_is_free_again(hand: Hand) -> None:
    book = hand.begun()
    hand.put(book, 1)
    path = f"/api/v1/uploads/{book['upload_id']}"
    assert hand.web.send("Amina", "DELETE", path, {}).status_code == 204
    assert hand.web.send("Amina", "DELETE", path, {}).status_code == 204
    assert list(hand.storage.open_uploads("r")) == []
    assert (hand.show(book).status_code, body(hand.show(book))["code"]) == (410, "expired")
    assert hand.create().status_code == 201


def test_what_has_arrived_is_not_taken_back_nor_sent_twice(hand: Hand) -> None:
    book = hand.sent()
    answer = hand.web.send("Amina", "DELETE", f"/api/v1/uploads/{book['upload_id']}", {})
    assert (answer.status_code, body(answer)["code"]) == (409, "not_open")
    again = hand.create()
    assert (again.status_code, body(again)["state"]) == (200, "verifying")
    answer = hand.urls(book, (1, digest(hand.block(1))))
    assert (answer.status_code, body(answer)["code"]) == (409, "not_open")
    hand.film = some_bytes(1000)
    answer = hand.create()
    assert (answer.status_code, body(answer)["code"]) == (409, "not_open")


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="none"),
        pytest.param([(number, digest(b"x")) for number in range(1, 10)], id="more than at once"),
        pytest.param([(4, digest(b"x"))], id="beyond the last"),
        pytest.param([(0, digest(b"x"))], id="before the first"),
        pytest.param([(1, "no digest")], id="no digest"),
        pytest.param([(1, digest(b"x")), (1, digest(b"y"))], id="twice"),
    ],
)
def test_only_parts_that_there_are_get_an_address(hand: Hand, parts: list[tuple[int, str]]) -> None:
    answer = hand.urls(hand.begun(), *parts)
    assert (answer.status_code, body(answer)["code"]) == (422, "parts_refused")


def test_past_its_date_an_upload_is_gone_too(hand: Hand, clock: Clock) -> None:
    book = hand.begun()
    clock.forward(days=91)
    hand.web.browsers.clear()
    assert hand.show(book).status_code == 404


def test_an_open_objection_is_said_in_the_answer(hand: Hand) -> None:
    object_to(hand)
    answer = hand.create()
    assert answer.status_code == 201
    assert "doesn't wish to be seen" in body(answer)["objection"]


def object_to(hand: Hand) -> None:
    """Have somebody of Amina's class object."""
    amina = hand.web.here["Amina"]
    objection = Objection(
        alliance_id=amina.actor.alliance_id,
        school_id=amina.school_id,
        class_code="8f2 ",
        from_on=date(2020, 1, 1),
        recorded_by=amina.id,
    )
    hand.web.ask(lambda session: session.add(objection))


def test_the_clock_finishes_an_upload_whose_last_answer_was_lost(hand: Hand) -> None:
    book = hand.begun()
    for number in (1, 2, 3):
        hand.put(book, number)
    hand.lose_the_answer(UUID(book["upload_id"]))
    assert upload(hand).state == UploadState.VERIFYING
    assert jobs(hand) == ["ProbeUpload", "VerifyUpload"]
