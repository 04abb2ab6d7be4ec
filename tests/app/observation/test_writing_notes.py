"""Writing, changing and deleting notes: by JSON as the outbox does, and by plain forms."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from app import ids
from app.audit.models import AuditEvent
from app.lessons.recordings.models import Recording, RecordingState
from app.observation.notes.models import Note
from tests.app.observation.scene import Scene

NOTE = {"at_ms": 252_000, "kind": "evidence", "body": "Nobody speaks for six seconds."}


def test_a_note_is_kept_for_its_author_alone(scene: Scene) -> None:
    key = ids.new()
    body = {
        **NOTE,
        "until_ms": 270_500,
        "focus_item_id": str(scene.ids["focus"]),
        "written_at": "2026-03-12T15:04:05.120Z",
    }
    answer = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", body, key=key)
    assert answer.status_code == 201
    note = answer.get_json()
    assert answer.headers["ETag"] == '"1"'
    assert answer.headers["Location"] == f"{scene.lesson}/notes/{key}"
    assert note.pop("saved_at").endswith("Z")
    assert note == {
        "id": str(key),
        "recording_id": str(scene.ids["recording"]),
        "at_ms": 252_000,
        "until_ms": 270_500,
        "kind": "evidence",
        "focus_item_id": str(scene.ids["focus"]),
        "case_pupil_id": None,
        "phase_id": None,
        "body": "Nobody speaks for six seconds.",
        "audience": {"id": "me", "sentence": "Only you."},
        "state": "own",
        "author": {"id": str(scene.ids["Amina"]), "name": "Amina"},
        "written_at": "2026-03-12T15:04:05.120Z",
        "version": 1,
        "replies": 0,
        "may": ["edit", "delete", "release"],
    }


def test_the_same_note_sent_twice_is_one_note(scene: Scene) -> None:
    key = ids.new()
    first = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", NOTE, key=key)
    second = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", NOTE, key=key)
    assert second.status_code == 201
    assert second.get_json() == first.get_json()
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    with scene.sessions() as session:
        assert session.scalars(select(Note.id)).all() == [key]
        assert len(session.scalars(select(AuditEvent.number).where(AuditEvent.what == "note.written")).all()) == 1


def test_a_key_is_no_other_notes(scene: Scene) -> None:
    key = ids.new()
    scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", NOTE, key=key)
    other_words = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", {**NOTE, "body": "Else."}, key=key)
    other_person = scene["Priya"].send("POST", f"/api/v1{scene.lesson}/notes", NOTE, key=key)
    for answer in (other_words, other_person):
        assert (answer.status_code, answer.get_json()["code"]) == (422, "key_reused")
        assert "six seconds" not in answer.text


def test_a_note_needs_a_key(scene: Scene) -> None:
    answer = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", NOTE)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "key_needed")


def test_a_deleted_note_that_comes_once_more_stays_deleted(scene: Scene) -> None:
    note = scene.note("Amina", "Gone soon.")
    assert scene["Amina"].send("DELETE", f"/api/v1/notes/{note['id']}", match=1).status_code == 204
    again = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", {**NOTE, "body": "Gone soon."}, key=note["id"])
    assert (again.status_code, again.get_json()["code"]) == (410, "note_deleted")


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        pytest.param({"at_ms": 720_001}, "outside_lesson", "at_ms", id="after the end"),
        pytest.param({"at_ms": -1}, "outside_lesson", "at_ms", id="before the beginning"),
        pytest.param({"until_ms": 252_000}, "outside_lesson", "until_ms", id="ends where it begins"),
        pytest.param({"until_ms": 900_000}, "outside_lesson", "until_ms", id="ends after the lesson"),
        pytest.param({"kind": "praise"}, "not_in_protocol", "kind", id="a kind that isn't agreed"),
        pytest.param({"focus_item_id": str(uuid4())}, "not_in_protocol", "focus_item_id", id="no such focus item"),
        pytest.param({"case_pupil_id": "p1"}, "not_in_protocol", "case_pupil_id", id="no case pupils yet"),
        pytest.param({"body": "  "}, "note_unclear", "body", id="no words"),
        pytest.param({"body": "x" * 4001}, "note_unclear", "body", id="too many words"),
        pytest.param({"grade": 4}, "field_unknown", "grade", id="an unknown field"),
        pytest.param({"at_ms": "4:12"}, "field_kind", "at_ms", id="a time as text"),
        pytest.param({"written_at": "2026-03-12T15:04:05"}, "field_kind", "written_at", id="a time of no zone"),
    ],
)
def test_a_note_that_cannot_be_kept_says_why_at_the_field(
    scene: Scene, wrong: dict[str, object], code: str, field: str
) -> None:
    answer = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", {**NOTE, **wrong}, key=ids.new())
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert field in answer.get_json()["fields"]
    with scene.sessions() as session:
        assert session.scalars(select(Note.id)).all() == []


def test_a_focus_item_of_another_alliance_is_not_in_the_protocol(scene: Scene) -> None:
    body = {**NOTE, "focus_item_id": str(scene.ids["other_focus"])}
    answer = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", body, key=ids.new())
    assert (answer.status_code, answer.get_json()["code"]) == (422, "not_in_protocol")


@pytest.mark.usefixtures("any_state")
def test_a_teacher_notes_on_a_private_lesson_of_their_own(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        session.execute(
            update(Recording)
            .where(Recording.id == scene.ids["recording"])
            .values(state=RecordingState.PRIVATE, bound_version_id=None)
        )
    note = scene.note("Tom", "I hurried here.", focus_item_id=str(scene.ids["focus"]))
    assert note["may"] == ["edit", "delete"]
    assert scene["Amina"].get(f"/api/v1{scene.lesson}/notes").status_code == 404


def test_changing_a_note_asks_for_the_version_that_was_seen(scene: Scene) -> None:
    note = scene.note("Amina", "First.")
    address = f"/api/v1/notes/{note['id']}"
    assert scene["Amina"].send("PATCH", address, {"body": "Second."}).get_json()["code"] == "match_needed"
    changed = scene["Amina"].send("PATCH", address, {"body": "Second.", "until_ms": 260_000}, match=1)
    assert (changed.status_code, changed.headers["ETag"]) == (200, '"2"')
    assert (changed.get_json()["body"], changed.get_json()["until_ms"]) == ("Second.", 260_000)
    stale = scene["Amina"].send("PATCH", address, {"body": "Third."}, match=1)
    assert stale.status_code == 412
    assert stale.mimetype == "application/problem+json"
    assert stale.get_json()["current"]["body"] == "Second."
    cleared = scene["Amina"].send("PATCH", address, {"until_ms": None}, match=2)
    assert (cleared.get_json()["until_ms"], cleared.get_json()["body"]) == (None, "Second.")


def test_deleting_a_note_can_be_said_twice(scene: Scene) -> None:
    note = scene.note("Amina", "First.")
    address = f"/api/v1/notes/{note['id']}"
    assert scene["Amina"].send("DELETE", address).status_code == 428
    assert scene["Amina"].send("DELETE", address, match=9).status_code == 412
    assert scene["Amina"].send("DELETE", address, match=1).status_code == 204
    assert scene["Amina"].send("DELETE", address, match=1).status_code == 204
    assert scene["Priya"].send("DELETE", address, match=1).status_code == 404
    assert scene["Amina"].send("DELETE", f"/api/v1/notes/{uuid4()}", match=1).status_code == 404


def test_notes_are_listed_by_moment_and_filtered(scene: Scene) -> None:
    late = scene.note("Amina", "Late.", at_ms=600_000, kind="try")
    early = scene.note("Amina", "Early.", at_ms=1000, focus_item_id=str(scene.ids["focus"]))
    address = f"/api/v1{scene.lesson}/notes"

    def listed(query: str) -> list[str]:
        return [note["id"] for note in scene["Amina"].get(address + query).get_json()["items"]]

    assert listed("") == [early["id"], late["id"]]
    assert listed("?kind=try") == [late["id"]]
    assert listed(f"?focus={scene.ids['focus']}") == [early["id"]]
    assert listed("?from_ms=1000&to_ms=599999") == [early["id"]]
    assert listed("?from_ms=1001") == [late["id"]]
    assert scene["Amina"].get(address + "?from_ms=soon").status_code == 422


def test_a_list_that_has_not_changed_is_not_sent_again(scene: Scene) -> None:
    scene.note("Amina", "One.")
    address = f"/api/v1{scene.lesson}/notes"
    tag = scene["Amina"].get(address).headers["ETag"]
    assert scene["Amina"].get(address, headers={"If-None-Match": tag}).status_code == 304
    scene.note("Amina", "Two.")
    assert scene["Amina"].get(address, headers={"If-None-Match": tag}).status_code == 200


def test_a_note_is_written_without_script_with_a_typed_time(scene: Scene) -> None:
    form = {"at": "4:12", "kind": "question", "body": "What were you hoping for?", "back": "notes"}
    answer = scene["Amina"].post(f"{scene.lesson}/notes", form)
    assert answer.status_code == 303
    page = scene["Amina"].get(answer.location).text
    assert "What were you hoping for?" in page
    assert "4:12" in page
    assert "only you, until you share your feedback" in page


def test_a_typed_note_says_what_to_mend_and_keeps_the_words(scene: Scene) -> None:
    answer = scene["Amina"].post(f"{scene.lesson}/notes", {"at": "soon", "kind": "question", "body": "What if?"})
    assert answer.status_code == 422
    assert "Type minutes and seconds, like 4:12." in answer.text
    assert "What if?" in answer.text
    late = scene["Amina"].post(f"{scene.lesson}/notes", {"at": "99:00", "kind": "question", "body": "What if?"})
    assert late.status_code == 422
    assert "That moment is not in this lesson." in late.text


def test_a_note_is_changed_and_deleted_without_script_and_brought_back(scene: Scene) -> None:
    note = scene.note("Amina", "First.")
    address = f"{scene.lesson}/notes/{note['id']}"
    page = scene["Amina"].get(address).text
    assert page.count("button--main") == 1
    assert page.count("<h1") == 1
    form = {"at": "1:00", "kind": "try", "body": "Second.", "version": "1"}
    assert scene["Amina"].post(address, form).status_code == 303
    stale = scene["Amina"].post(address, {**form, "body": "Third."})
    assert stale.status_code == 412
    assert "Second." in stale.text
    assert "Third." in stale.text
    deleted = scene["Amina"].post(f"{address}/delete")
    assert deleted.status_code == 200
    assert "Second." in deleted.text
    assert scene["Amina"].get(address).status_code == 404
    undo = {"kind": "try", "at_ms": "60000", "body": "Second.", "written_at": note["written_at"]}
    assert scene["Amina"].post(f"{address}/restore", undo).status_code == 303
    assert "Second." in scene["Amina"].get(address).text


def test_nobody_brings_back_what_they_have_not_deleted(scene: Scene) -> None:
    note = scene.note("Amina", "Mine.")
    scene["Amina"].send("DELETE", f"/api/v1/notes/{note['id']}", match=1)
    undo = {"kind": "try", "at_ms": "60000", "body": "Not mine."}
    assert scene["Priya"].post(f"{scene.lesson}/notes/{note['id']}/restore", undo).status_code == 404
    assert scene["Amina"].post(f"{scene.lesson}/notes/{uuid4()}/restore", undo).status_code == 404


def test_a_part_of_the_page_gets_a_part(scene: Scene) -> None:
    note = scene.note("Amina", "One.")
    address = f"{scene.lesson}/notes/{note['id']}"
    part = scene["Amina"].get(address, headers={"HX-Request": "true"}).text
    assert part.lstrip().startswith(f'<li id="item-{note["id"]}" data-at-ms=')
    assert "<html" not in part
    form = scene["Amina"].get(f"{address}/edit", headers={"HX-Request": "true"}).text
    assert "<textarea" in form
    gone = scene["Amina"].post(f"{address}/delete", headers={"HX-Request": "true"}).text
    assert "<hx-partial" in gone
    assert "One." in gone


def test_an_undo_in_the_lesson_brings_the_note_back_into_its_place(scene: Scene) -> None:
    note = scene.note("Amina", "One.")
    address, part = f"{scene.lesson}/notes/{note['id']}", {"HX-Request": "true"}
    gone = scene["Amina"].post(f"{address}/delete", headers=part).text
    assert f'<li id="item-{note["id"]}" hidden></li>' in gone
    form = re.search(r"<form[^>]*data-undo[^>]*>", gone)
    assert form is not None
    assert f'action="{address}/restore"' in form[0]
    assert f'hx-post="{address}/restore"' in form[0]
    assert "hx-nonce=" in form[0]
    undo = {"kind": "evidence", "at_ms": "252000", "body": "One.", "written_at": note["written_at"]}
    back = scene["Amina"].post(f"{address}/restore", undo, headers=part)
    assert back.status_code == 200
    assert f'hx-target="#item-{note["id"]}" hx-swap="outerHTML"' in back.text
    assert f'<li id="item-{note["id"]}" data-at-ms="252000"' in back.text
    assert "The note at 4:12 is back." in back.text


def test_an_undo_on_a_page_without_the_list_is_a_plain_form(scene: Scene) -> None:
    note = scene.note("Amina", "One.")
    page = scene["Amina"].post(f"{scene.lesson}/notes/{note['id']}/delete").text
    assert "data-undo" in page
    assert "hx-post" not in page


def test_of_two_tabs_the_later_one_is_shown_both_versions_in_its_place(scene: Scene) -> None:
    note = scene.note("Amina", "As it was.")
    address = f"{scene.lesson}/notes/{note['id']}"
    part, form = {"HX-Request": "true"}, {"kind": "evidence", "at_ms": "252000", "version": "1"}
    assert scene["Amina"].post(address, {**form, "body": "The first tab."}, headers=part).status_code == 200
    late = scene["Amina"].post(address, {**form, "body": "The second tab."}, headers=part)
    assert late.status_code == 412
    assert "<q hx-ignore>The first tab.</q>" in late.text
    assert "The second tab.</textarea>" in late.text
    assert 'name="version" value="2"' in late.text


def test_own_words_stay_readable_when_the_lesson_is_taken_back(scene: Scene) -> None:
    note = scene.note("Amina", "My own words.")
    with scene.sessions.begin() as session:
        session.execute(
            update(Recording).where(Recording.id == scene.ids["recording"]).values(state=RecordingState.WITHDRAWN)
        )
    page = scene["Amina"].get(f"{scene.lesson}/notes")
    assert page.status_code == 200
    assert "My own words." in page.text
    assert "Year 8 fractions" not in page.text
    mine = scene["Amina"].get("/me/notes").text
    assert "My own words." in mine
    assert "Year 8 fractions" not in mine
    assert scene["Amina"].get(scene.lesson).status_code == 404
    late = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", NOTE, key=ids.new())
    assert late.status_code == 404
    assert scene["Amina"].send("DELETE", f"/api/v1/notes/{note['id']}", match=1).status_code == 204
