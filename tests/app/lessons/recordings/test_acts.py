"""What a teacher may do with a lesson in each of its states: done and in the log, or refused and untouched."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.agreements.cycles.models import CycleState
from app.lessons.recordings.models import RecordingState
from tests.app.lessons.recordings.lesson import VERBS, Lesson
from tests.conftest import Database

pytestmark = pytest.mark.usefixtures("any_state")

STATES = (
    "private", "shared", "changed", "newer", "paused", "withdrawn", "objection", "hold", "past", "erasing", "erased",
)  # fmt: skip
ALIVE = ("private", "shared", "changed", "newer", "paused", "withdrawn", "objection")
#: In which states the rule book says yes to an act, and what the lesson is afterwards.
YES = {
    "share": (("private", "withdrawn"), "shared"),
    "carry-over": (("newer",), "shared"),
    "pause": (("shared", "changed", "newer", "objection", "hold"), "paused"),
    "resume": (("paused",), "shared"),
    "withdraw": (("shared", "changed", "newer", "paused", "objection", "hold"), "withdrawn"),
    "erase": (ALIVE, "erasing"),
}
#: The owner is told why it can't be done now, as long as the lesson is there for them at all.
GONE = ("past", "erasing", "erased")
LATER = "This can't be done now. Look at the lesson's sharing page: it says what has to happen first."
LOGGED = {
    "share": ("recording.shared", "private", "shared v1", "share_owner"),
    "pause": ("recording.paused", "shared", "paused", "pause_owner"),
    "resume": ("recording.resumed", "paused", "shared", "resume_owner"),
    "withdraw": ("recording.withdrawn", "shared", "withdrawn", "withdraw_owner"),
    "carry-over": ("recording.carried_over", "shared v1", "shared v2", "carry_over_owner"),
    "erase": ("recording.erasing", "shared", "erasing", "erase_owner"),
}
BEFORE = {"share": "private", "resume": "paused", "carry-over": "newer"}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_each_act_is_done_or_refused_as_the_rule_book_says(lesson: Lesson, verb: str, state: str) -> None:
    lesson.bring_into(state)
    before, allowed = lesson.row, state in YES[verb][0]
    answer = lesson.post(verb)
    assert answer.status_code == (303 if allowed else 404 if state in GONE else 409)
    if allowed:
        assert lesson.row.state == YES[verb][1]
        assert len(lesson.log) == 1
        return
    assert (LATER in answer.get_data(as_text=True).replace("&#39;", "'")) is (state not in GONE)
    kept = lesson.row
    assert (kept.state, kept.bound_version_id, kept.delete_at) == (
        before.state,
        before.bound_version_id,
        before.delete_at,
    )
    assert lesson.log == []


@pytest.mark.parametrize("verb", VERBS)
def test_a_script_gets_the_same_answers(lesson: Lesson, verb: str) -> None:
    lesson.bring_into(BEFORE.get(verb, "shared"))
    done = lesson.send(verb)
    assert done.status_code == 200, done.text
    told = done.get_json()
    assert set(told) == {"state", "delete_at", "audience"}
    assert told["state"] == YES[verb][1]
    again = lesson.send(verb)
    # What was carried over or shared is so now; what is being erased doesn't exist any more.
    assert (again.status_code, again.get_json()["code"]) == (
        (404, "not_found") if verb == "erase" else (409, "not_now")
    )


@pytest.mark.parametrize("verb", VERBS)
def test_a_request_whose_answer_was_lost_gets_it_again(lesson: Lesson, verb: str) -> None:
    lesson.bring_into(BEFORE.get(verb, "shared"))
    first, again = lesson.send(verb, key="lost"), lesson.send(verb, key="lost")
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.get_json() == first.get_json()
    assert again.headers["Idempotency-Replayed"] == "true"
    assert len(lesson.log) == 1


def test_a_key_is_needed_and_belongs_to_one_request(lesson: Lesson) -> None:
    assert lesson.scene["Tom"].send("POST", f"/api/v1{lesson.at}/pause", {}).get_json()["code"] == "key_needed"
    lesson.bring_into("private")
    assert lesson.send("share", key="one").status_code == 200
    other = lesson.send("share", key="one", version_id=str(lesson.scene.ids["recording"]))
    assert other.get_json()["code"] == "key_reused"


@pytest.mark.parametrize("verb", VERBS)
def test_each_act_is_in_the_log_with_its_rule(lesson: Lesson, verb: str) -> None:
    lesson.bring_into(BEFORE.get(verb, "shared"))
    lesson.post(verb)
    assert lesson.log == [LOGGED[verb]]


@pytest.mark.parametrize("verb", VERBS)
def test_no_row_in_the_log_no_act(lesson: Lesson, verb: str, database: Database) -> None:
    lesson.bring_into(BEFORE.get(verb, "shared"))
    before = lesson.row
    with database.owner() as connection:
        connection.execute("REVOKE INSERT ON audit_event FROM backrow_app")
    with pytest.raises(DBAPIError):
        lesson.post(verb)
    kept = lesson.row
    assert (kept.state, kept.bound_version_id) == (before.state, before.bound_version_id)
    assert waiting_jobs(lesson) == []


@pytest.mark.parametrize("verb", [*VERBS, "keep"])
@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param("Amina", 409, id="a watcher may know of it, but the act is its teacher's"),
        pytest.param("Joan", 404, id="rank opens nothing"),
        pytest.param("Zoe", 404, id="another alliance"),
    ],
)
def test_nobody_else_does_any_of_it(lesson: Lesson, verb: str, who: str, status: int) -> None:
    form = lesson.scene[who].post(f"{lesson.at}/{verb}", {"version_id": str(lesson.in_force())})
    body = {"delete_on": "2030-01-01"} if verb == "keep" else {}
    assert (form.status_code, lesson.send(verb, who, **body).status_code) == (status, status)
    assert lesson.row.state == "shared"
    assert lesson.log == []


def test_the_sharing_page_is_its_teachers_alone(lesson: Lesson) -> None:
    asked = {name: lesson.scene[name].get(f"{lesson.at}/sharing").status_code for name in ("Amina", "Joan", "Zoe")}
    assert asked == {"Amina": 404, "Joan": 404, "Zoe": 404}


def test_what_is_still_being_compared_is_not_shared_yet(lesson: Lesson) -> None:
    lesson.bring_into("private")
    lesson.change(verified_at=None)
    assert "Share this lesson" not in lesson.page()
    assert "still checking that everything arrived" in lesson.page()
    refused = lesson.send("share")
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_verified")
    assert lesson.row.state == RecordingState.PRIVATE


@pytest.mark.parametrize("verb", ["share", "carry-over"])
def test_only_under_the_version_that_was_read(lesson: Lesson, verb: str) -> None:
    lesson.bring_into(BEFORE[verb])
    read = str(lesson.in_force())
    lesson.succeed(3, feedback_days=3)
    bound = lesson.row.bound_version_id
    refused = lesson.send(verb, version_id=read)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "version_changed")
    page = lesson.post(verb, version_id=read)
    assert page.status_code == 409
    assert "Another version is in force now" in page.text
    assert lesson.post(verb, version_id="").status_code == 422
    assert lesson.send(verb, version_id=None).get_json()["code"] == "field_missing"
    assert lesson.row.bound_version_id == bound


def test_sharing_keeps_the_sentence_that_was_read_and_moves_the_turn_on(lesson: Lesson) -> None:
    lesson.bring_into("private")
    assert lesson.sees("Amina", "Priya") == {"Amina": False, "Priya": False}
    page = lesson.page()
    lesson.post("share")
    row = lesson.row
    assert row.audience is not None
    assert row.audience in page.replace("&#39;", "'")
    assert "Amina (Hillside) and Priya (Hillside) can watch this, as protocol v1 names them" in row.audience
    assert (row.bound_version_id, row.shared_at is not None) == (lesson.scene.ids["version"], True)
    assert lesson.sees("Amina", "Priya") == {"Amina": True, "Priya": True}
    assert lesson.cycle_state() == CycleState.OBSERVING


def test_what_was_taken_back_can_be_shared_again(lesson: Lesson) -> None:
    lesson.post("withdraw")
    assert lesson.cycle_state() == CycleState.RECORDED
    assert lesson.sees("Amina") == {"Amina": False}
    lesson.post("share")
    assert lesson.cycle_state() == CycleState.OBSERVING
    assert lesson.sees("Amina") == {"Amina": True}


def test_erasing_is_asked_once_more_and_queued_with_the_act(lesson: Lesson) -> None:
    assert "This can’t be undone" in lesson.scene["Tom"].get(f"{lesson.at}/delete").text
    assert lesson.row.state == RecordingState.SHARED
    answer = lesson.post("erase")
    assert answer.location == f"{lesson.at}/seen"
    assert "Every copy of it is being erased now" in lesson.scene["Tom"].get(answer.location).text
    assert lesson.row.erase_cause == "owner"
    assert waiting_jobs(lesson) == [str(lesson.scene.ids["recording"])]
    assert lesson.sees("Tom", "Amina") == {"Tom": False, "Amina": False}


def waiting_jobs(lesson: Lesson) -> list[str]:
    """List the recordings that a worker is to erase."""
    asked = text("SELECT args->>'recording_id' FROM procrastinate_jobs WHERE task_name = 'EraseRecording'")
    with lesson.scene.sessions() as session:
        return list(session.scalars(asked))


@pytest.mark.parametrize("closing", ["objection", "hold", "changed"])
@pytest.mark.parametrize(("state", "verb"), [("private", "share"), ("withdrawn", "share"), ("paused", "resume")])
def test_p16_what_is_closed_to_others_is_not_opened(lesson: Lesson, state: str, verb: str, closing: str) -> None:
    lesson.bring_into(state)
    lesson.bring_into(closing)
    page = lesson.page()
    told, button = "notice--warn" in page, f'action="{lesson.at}/{verb}"' in page
    assert (told, button) == (True, False)
    assert (lesson.post(verb).status_code, lesson.send(verb).status_code) == (409, 409)
    assert (lesson.row.state, lesson.log) == (state, [])
