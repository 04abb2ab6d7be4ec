"""The teacher's answer to feedback, and the next step that comes of it."""

import re
from uuid import UUID

import pytest
from sqlalchemy import select

from app import ids
from app.agreements.cycles.models import CycleState
from app.notify.models import Notification
from app.observation.feedback.models import TryAnswer
from app.reflection.targets.models import Target
from tests.app.observation.scene import Scene
from tests.app.observation.seeing import cycle_state, everything


def answered(scene: Scene, **choice: object) -> tuple[str, str]:
    note = scene.note("Amina", "Asking B before A?", kind="try")
    feedback_id = scene.share("Amina", note["id"]).get_json()["feedback_id"]
    body = {
        "choices": [{"try_id": note["id"], "choice": "will_try", "by": "2026-03-28", "text": "On Monday.", **choice}]
    }
    answer = scene["Tom"].send("PUT", f"/api/v1{scene.cycle}/response", body, match=0)
    assert answer.status_code == 200, answer.text
    return note["id"], feedback_id


def test_the_teacher_answers_each_try_and_sets_a_next_step(scene: Scene) -> None:
    note_id, feedback_id = answered(scene)
    assert cycle_state(scene) == CycleState.RESPONDED
    address = f"/api/v1{scene.cycle}/response"
    more = {"choices": [{"try_id": feedback_id, "choice": "not_for_me"}], "thanks": "Thank you, Amina."}
    assert scene["Tom"].send("PUT", address, more).status_code == 428
    assert scene["Tom"].send("PUT", address, more, match=0).status_code == 412
    tag = scene["Tom"].get(f"/api/v1{scene.cycle}/feedback").headers["ETag"]
    assert scene["Tom"].send("PUT", address, more, match=tag).status_code == 200
    page = scene["Amina"].get(f"{scene.cycle}/response").text
    for words in ("Tom will try it, by 28 March", "On Monday.", "Thank you, Amina."):
        assert words in page
    assert scene["Priya"].get(f"{scene.cycle}/response").status_code == 404
    with scene.sessions() as session:
        told = session.scalars(select(Notification.person_id).where(Notification.kind == "response.saved")).all()
        assert set(told) == {scene.ids["Amina"]}
        kept = {row.try_id: row.choice for row in session.scalars(select(TryAnswer))}
        assert kept == {UUID(note_id): "will_try", UUID(feedback_id): "not_for_me"}
    target = {"body": "Ask B first.", "by_on": "2026-03-28", "from_try_id": note_id}
    key = ids.new()
    first = scene["Tom"].send("POST", f"/api/v1{scene.cycle}/targets", target, key=key)
    assert first.status_code == 201
    assert scene["Tom"].send("POST", f"/api/v1{scene.cycle}/targets", target, key=key).get_json() == first.get_json()
    assert cycle_state(scene) == CycleState.CLOSED
    assert "Ask B first." in scene["Tom"].get("/me/targets").text
    assert scene["Tom"].post(f"/me/targets/{first.get_json()['id']}/tried").status_code == 303
    with scene.sessions() as session:
        assert session.scalars(select(Target.tried_at)).one() is not None


@pytest.mark.parametrize(
    ("choice", "field"),
    [
        pytest.param({"choice": "marvellous"}, "choice-", id="not one of the three"),
        pytest.param({"choice": "tried", "by": "2026-03-28"}, "choice-", id="a date with something done"),
        pytest.param({"text": "x" * 2001}, "choice-", id="too many words"),
        pytest.param({"try_id": str(ids.new())}, "choice-", id="no such try"),
        pytest.param({"stars": 5}, "stars", id="an unknown field"),
    ],
)
def test_an_answer_that_is_none_changes_nothing(scene: Scene, choice: dict[str, object], field: str) -> None:
    note = scene.note("Amina", "Asking B before A?", kind="try")
    scene.share("Amina", note["id"])
    body = {"choices": [{"try_id": note["id"], "choice": "will_try", **choice}]}
    answer = scene["Tom"].send("PUT", f"/api/v1{scene.cycle}/response", body, match=0)
    assert answer.status_code == 422
    assert any(name.startswith(field) for name in answer.get_json()["fields"])
    assert cycle_state(scene) == CycleState.FED_BACK


def test_after_erasing_the_page_of_the_feedback_says_so(scene: Scene) -> None:
    answered(scene)
    assert scene["Tom"].post(f"{scene.lesson}/erase").status_code in {200, 303}
    page = scene["Tom"].get(f"{scene.cycle}/response").text
    assert "lesson is closed for good. There is no feedback to read here any more." in page
    assert "Nobody can write feedback yet" not in page


def test_an_answer_and_a_target_are_given_without_script(scene: Scene) -> None:
    note = scene.note("Amina", "Asking B before A?", kind="try")
    scene.share("Amina", note["id"])
    page = scene["Tom"].get(f"{scene.cycle}/response").text
    assert "Amina reads this. Nobody else." in page
    assert len(re.findall(r'class="[^"]*button--main', page)) == 1
    form = {f"choice-{note['id']}": "will_try", "version": "0", f"by-{note['id']}-day": "40"}
    form |= {f"by-{note['id']}-month": "3", f"by-{note['id']}-year": "2026"}
    wrong = scene["Tom"].post(f"{scene.cycle}/response", form)
    assert wrong.status_code == 422
    assert "There is no such day" in wrong.text
    thanks = re.findall(r'name="(thanks-[^"]+)"', page)[0]
    half = {"version": "0", f"text-{note['id']}": "Gladly.", thanks: "Thank you."}
    assert "Say whether you&#39;ll try it" in scene["Tom"].post(f"{scene.cycle}/response", half).text  # nothing is lost
    assert scene["Tom"].post(f"{scene.cycle}/response", {"version": "0"}).status_code == 422
    good = scene["Tom"].post(f"{scene.cycle}/response", {**form, f"by-{note['id']}-day": "28"})
    assert good.location == f"{scene.cycle}/response?sent=1#next"
    assert "Your answer is sent to" in scene["Tom"].get(good.location).text
    page = scene["Tom"].get(f"{scene.cycle}/response").text
    assert "Set this target" in page
    assert len(re.findall(r'class="[^"]*button--main', page)) == 1
    assert scene["Tom"].post(f"{scene.cycle}/response", form | {f"by-{note['id']}-day": "29"}).status_code == 412
    assert scene["Tom"].post(f"{scene.cycle}/targets", {"body": ""}).status_code == 422
    done = scene["Tom"].post(f"{scene.cycle}/targets", {"body": "Ask B first.", "from_try_id": note["id"]})
    assert done.location == f"/projects/{scene.ids['project']}"


def test_targets_are_their_teachers_alone(scene: Scene) -> None:
    note_id, _ = answered(scene)
    target = {"body": "Mine alone.", "from_try_id": note_id}
    for who in ("Amina", "Joan", "Zoe"):
        assert scene[who].send("POST", f"/api/v1{scene.cycle}/targets", target, key=ids.new()).status_code == 404
    made = scene["Tom"].send("POST", f"/api/v1{scene.cycle}/targets", target, key=ids.new()).get_json()
    for who in ("Amina", "Joan", "Zoe"):
        assert scene[who].post(f"/me/targets/{made['id']}/tried").status_code == 404
        assert "Mine alone." not in everything(scene, who)
    stolen = {"body": "x", "from_try_id": str(ids.new())}
    assert scene["Tom"].send("POST", f"/api/v1{scene.cycle}/targets", stolen, key=ids.new()).status_code == 422
