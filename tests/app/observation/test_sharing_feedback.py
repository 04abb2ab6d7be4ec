"""Feedback: nobody's but its author's until shared; then the teacher's, and further only as the protocol says."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from app import ids
from app.agreements.cycles.models import CycleState
from app.audit.models import AuditEvent
from app.lessons.recordings.models import Recording, RecordingState
from app.notify.models import Notification
from app.observation.feedback.models import Feedback
from app.observation.notes import hooks
from app.observation.notes.models import Note
from tests.app.observation.scene import Scene, build
from tests.app.observation.seeing import cycle_state, everything, plain
from tests.conftest import Clock

CANARY = "a canary that nobody else may hear"


def test_p42_an_unshared_note_is_in_no_answer_to_anybody_else(scene: Scene) -> None:
    before = {who: everything(scene, who) for who in ("Tom", "Priya", "Joan", "Zoe")}
    note = scene.note("Amina", CANARY)
    assert CANARY in everything(scene, "Amina")
    for who, page in before.items():
        after = everything(scene, who)
        assert CANARY not in after
        assert note["id"] not in after
        # Not by a count either: nothing that they see tells that she has written at all.
        assert plain(after) == plain(page), who
    for who in before:
        address = f"/api/v1/notes/{note['id']}"
        for method, body in (("GET", None), ("PATCH", {"body": "x"}), ("DELETE", None)):
            assert scene[who].send(method, address, body, match=1).status_code == 404
        assert scene[who].send("POST", f"{address}/replies", {"body": "x"}, key=ids.new()).status_code == 404
        assert scene[who].get(f"{scene.lesson}/notes/{note['id']}").status_code == 404
        stolen = scene.share(who, note["id"])
        assert stolen.status_code in (404, 409)
    # Another person's sharing doesn't open it, nor does hers for what she left unticked.
    scene.share("Priya", scene.note("Priya", "Ticked by Priya.")["id"])
    scene.share("Amina", scene.note("Amina", "Ticked by Amina.")["id"])
    for who in before:
        assert CANARY not in everything(scene, who)
    with scene.sessions() as session:
        assert CANARY not in str(session.execute(select(AuditEvent.__table__)).all())


def test_p43_feedback_goes_to_the_teacher_together_and_once(scene: Scene) -> None:
    shared, kept = scene.note("Amina", "Six seconds pass."), scene.note("Amina", "Not for Tom yet.")
    key, body = ids.new(), {"note_ids": [shared["id"]], "took_away": "the silence", "why_dont_you_try": "B before A"}
    address = f"/api/v1{scene.cycle}/feedback"
    first = scene["Amina"].send("POST", address, body, key=key)
    assert first.status_code == 201
    assert set(first.get_json()) == {"feedback_id", "released_at", "undo_until"}
    again = scene["Amina"].send("POST", address, body, key=key)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert cycle_state(scene) == CycleState.FED_BACK
    page = scene["Tom"].get(f"{scene.cycle}/response").text
    for words in ("Six seconds pass.", "the silence", "B before A", f"{scene.lesson}?at=252000"):
        assert words in page
    assert "Not for Tom yet." not in page
    mine = {note["id"]: note for note in scene["Amina"].get(f"/api/v1{scene.lesson}/notes").get_json()["items"]}
    assert (mine[shared["id"]]["state"], mine[kept["id"]]["state"]) == ("released", "own")
    assert mine[shared["id"]]["may"] == ["reply"]
    with scene.sessions() as session:
        told = session.scalars(select(Notification.person_id).where(Notification.kind == "feedback.released")).all()
        assert told == [scene.ids["Tom"]]


def test_a_shared_note_stays_as_it_was_read(scene: Scene) -> None:
    note = scene.note("Amina", "Six seconds pass.")
    scene.share("Amina", note["id"])
    for answer in (
        scene["Amina"].send("PATCH", f"/api/v1/notes/{note['id']}", {"body": "Else."}, match=2),
        scene["Amina"].send("DELETE", f"/api/v1/notes/{note['id']}", match=2),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "released")


def test_replies_go_between_author_and_teacher(scene: Scene) -> None:
    note = scene.note("Amina", "Was it planned?")
    scene.share("Amina", note["id"])
    key, address = ids.new(), f"/api/v1/notes/{note['id']}/replies"
    first = scene["Tom"].send("POST", address, {"body": "It was."}, key=key)
    assert (first.status_code, first.get_json()["author"]["name"]) == (201, "Tom")
    assert scene["Tom"].send("POST", address, {"body": "It was."}, key=key).headers["Idempotency-Replayed"] == "true"
    assert scene["Priya"].send("POST", address, {"body": "Me too."}, key=ids.new()).status_code == 404
    assert scene["Amina"].post(f"{scene.lesson}/notes/{note['id']}/replies", {"body": "Thank you."}).status_code == 303
    empty = scene["Amina"].post(f"{scene.lesson}/notes/{note['id']}/replies", {"body": " "})
    assert empty.status_code == 422
    replies = scene["Tom"].get(address).get_json()["items"]
    assert [reply["body"] for reply in replies] == ["It was.", "Thank you."]
    assert scene["Amina"].get(f"/api/v1/notes/{note['id']}").get_json()["replies"] == 2


def test_feedback_is_all_or_nothing(scene: Scene) -> None:
    mine, theirs = scene.note("Amina", "Mine."), scene.note("Priya", "Not mine.")
    missing = scene.share("Amina", mine["id"], took_away=" ", why_dont_you_try="")
    assert missing.status_code == 422
    assert set(missing.get_json()["fields"]) == {"took_away", "why_dont_you_try"}
    stolen = scene.share("Amina", mine["id"], theirs["id"])
    assert (stolen.status_code, stolen.get_json()["code"]) == (409, "notes_changed")
    with scene.sessions() as session:
        assert session.scalars(select(Feedback.id)).all() == []
        assert set(session.scalars(select(Note.state))) == {"own"}
    assert cycle_state(scene) == CycleState.OBSERVING


def test_nothing_new_is_shared_from_a_lesson_that_was_taken_back(scene: Scene) -> None:
    note = scene.note("Amina", "Too late.")
    with scene.sessions.begin() as session:
        session.execute(
            update(Recording).where(Recording.id == scene.ids["recording"]).values(state=RecordingState.PAUSED)
        )
    assert scene.share("Amina", note["id"]).status_code == 404


def test_p42_the_teacher_sees_who_is_writing_and_no_count(scene: Scene) -> None:
    before = scene["Tom"].get(f"{scene.cycle}/response").text
    assert "Amina and Priya are still writing." in before
    scene.note("Amina", "One.")
    scene.note("Amina", "Two.")
    assert plain(scene["Tom"].get(f"{scene.cycle}/response").text) == plain(before)
    assert scene["Amina"].get(f"{scene.cycle}/response").status_code == 404
    assert scene["Tom"].get(f"{scene.cycle}/feedback").location == f"{scene.cycle}/response"


def test_taking_feedback_back_unread_leaves_no_trace_with_the_teacher(scene: Scene) -> None:
    note = scene.note("Amina", "Six seconds pass.")
    feedback_id = scene.share("Amina", note["id"]).get_json()["feedback_id"]
    assert "Undo" in scene["Amina"].get(f"{scene.cycle}/feedback").text
    for who in ("Tom", "Priya", "Joan", "Zoe"):
        assert scene[who].send("DELETE", f"/api/v1/feedback/{feedback_id}").status_code == 404
    assert scene["Amina"].send("DELETE", f"/api/v1/feedback/{feedback_id}").status_code == 204
    assert cycle_state(scene) == CycleState.OBSERVING
    assert "Six seconds pass." not in everything(scene, "Tom")
    own = scene["Amina"].get(f"/api/v1/notes/{note['id']}").get_json()
    assert (own["state"], own["may"]) == ("own", ["edit", "delete", "release"])


@pytest.mark.parametrize(
    "where", ["{cycle}/response", "{lesson}", "{lesson}/notes", "/api/v1{lesson}/notes", "/api/v1{cycle}/feedback"]
)
def test_what_the_teacher_has_opened_cannot_be_taken_back(scene: Scene, where: str) -> None:
    feedback_id = scene.share("Amina", scene.note("Amina", "Six seconds pass.")["id"]).get_json()["feedback_id"]
    assert scene["Tom"].get(where.format(cycle=scene.cycle, lesson=scene.lesson)).status_code == 200
    late = scene["Amina"].send("DELETE", f"/api/v1/feedback/{feedback_id}")
    assert (late.status_code, late.get_json()["code"]) == (409, "opened")
    page = scene["Amina"].post(f"/feedback/{feedback_id}/take-back")
    assert page.status_code == 409
    assert "has been opened" in page.text
    assert "What you typed" not in page.text  # a button's form holds nothing that anybody typed


def test_after_ten_minutes_it_stays_shared(scene: Scene, clock: Clock) -> None:
    feedback_id = scene.share("Amina", scene.note("Amina", "Six seconds pass.")["id"]).get_json()["feedback_id"]
    clock.forward(minutes=10)
    late = scene["Amina"].send("DELETE", f"/api/v1/feedback/{feedback_id}")
    assert (late.status_code, late.get_json()["code"]) == (409, "undo_over")


def test_more_notes_join_the_same_feedback(scene: Scene) -> None:
    scene.share("Amina", scene.note("Amina", "First.")["id"])
    later = scene.note("Amina", "Later.")
    twice = scene.share("Amina", later["id"])
    assert (twice.status_code, twice.get_json()["code"]) == (409, "already_shared")
    page = scene["Amina"].get(f"{scene.cycle}/feedback").text
    assert "Add to my feedback" in page
    nothing = scene["Amina"].post(f"{scene.cycle}/feedback", {})
    assert nothing.status_code == 422
    assert 'id="note_ids-mend"' in nothing.text
    assert scene["Amina"].post(f"{scene.cycle}/feedback", {"note_ids": [later["id"]]}).status_code == 303
    assert "Later." in scene["Tom"].get(f"{scene.cycle}/response").text


def test_sharing_by_a_plain_form_hints_once_and_never_blocks(scene: Scene) -> None:
    note = scene.note("Amina", "An outstanding start.")
    page = scene["Amina"].get(f"{scene.cycle}/feedback").text
    assert "Reads as a grade: “outstanding”. What did you see or hear?" in page
    assert "Goes to Tom (Hillside). Nobody else" in page
    assert len(re.findall(r'class="[^"]*button--main', page)) == 1
    missing = scene["Amina"].post(f"{scene.cycle}/feedback", {"note_ids": [note["id"]], "took_away": "Silence."})
    assert missing.status_code == 422
    assert "Why don&#39;t you try…" in missing.text
    form = {"note_ids": [note["id"]], "took_away": "An excellent lesson.", "why_dont_you_try": "More of it."}
    hint = scene["Amina"].post(f"{scene.cycle}/feedback", form)
    assert hint.status_code == 200
    assert "Does this read as a grade?" in hint.text
    assert "An excellent lesson." in hint.text
    assert 'name="looked_over"' in hint.text
    assert scene["Amina"].post(f"{scene.cycle}/feedback", {**form, "looked_over": "y"}).status_code == 303
    assert "An excellent lesson." in scene["Tom"].get(f"{scene.cycle}/response").text


def test_p43_a_group_reads_each_others_feedback_only_after_sharing_their_own(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    scene = build(sessions, tmp_path, readers="group")
    note = scene.note("Amina", "Six seconds pass.")
    assert (
        "and to Priya (Hillside), each once they have shared theirs"
        in scene["Amina"].get(f"{scene.cycle}/feedback").text
    )
    before = everything(scene, "Priya")
    scene.share("Amina", note["id"])
    after = everything(scene, "Priya")
    assert "Six seconds pass." not in after
    assert "the silence" not in after
    assert plain(after) == plain(before)  # nor that there is any
    scene.share("Priya", scene.note("Priya", "The pair talk.")["id"])
    assert "Six seconds pass." in everything(scene, "Priya")
    assert "Six seconds pass." not in everything(scene, "Joan")
    assert (
        scene["Priya"].send("POST", f"/api/v1/notes/{note['id']}/replies", {"body": "x"}, key=ids.new()).status_code
        == 409
    )
    assert scene["Priya"].send("DELETE", f"/api/v1/feedback/{feedback_by(scene, 'Amina')}").status_code == 404


def feedback_by(scene: Scene, name: str) -> UUID:
    with scene.sessions() as session:
        return session.scalars(select(Feedback.id).where(Feedback.author_id == scene.ids[name])).one()


def test_nothing_starts_while_nobody_hears_that_shared_notes_are_about_to_be_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert scene["Tom"].get(scene.lesson).status_code == 200
    hooks.check()
    monkeypatch.setattr(hooks, "on_read", [])
    with pytest.raises(hooks.HookWithoutReceiver, match="on_read"):
        hooks.check()
