"""The number from which a page goes on: it moves by what the page may know, and never stands still for good."""

import pytest

from app.lessons.recordings.models import Recording
from app.notify.live import queries
from app.notify.live.service import sweep, tell_live
from tests.app.home.happening import act, polled, prepared
from tests.app.observation.scene import Scene
from tests.conftest import Clock


def test_the_number_to_go_on_from_says_nothing_of_what_one_may_not_know(scene: Scene, topics: str) -> None:
    """It would tell a stranger that there is such a lesson, and an observer what happens while it is paused."""

    def goes_on_from(who: str, topics: str) -> str:
        answer = scene[who].get(f"/api/v1/events/poll?topics={topics}&after=0")
        return str(answer.get_json()["after"])

    note = scene.note("Amina", "Six seconds after why.")
    assert scene.share("Amina", note["id"]).status_code == 201
    for outsider in ("Joan", "Zoe"):
        assert goes_on_from(outsider, topics) == "0"
    last_told = polled(scene, "Priya", topics)[-1]
    assert goes_on_from("Priya", topics) == str(last_told.id)


def test_what_one_may_not_know_holds_nothing_up(scene: Scene, topics: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_AT_ONCE", 2)
    act(scene, "pause")
    for percent in (10, 20, 30):
        prepared(scene, percent)
    with scene.sessions.begin() as session:
        alliance_id = session.get_one(Recording, scene.ids["recording"]).alliance_id
        tell_live(session, f"me:{scene.ids['Amina']}", "me.steps", {}, alliance_id=alliance_id)
    assert [told.event for told in polled(scene, "Amina", topics)] == ["me.steps"]


def test_a_page_to_which_nothing_happened_begins_anew_once(scene: Scene, topics: str, clock: Clock) -> None:
    prepared(scene, 10)
    (old,) = polled(scene, "Tom", topics)
    clock.forward(hours=26)
    prepared(scene, 20)
    with scene.sessions.begin() as session:
        sweep(session)
    (reset,) = polled(scene, "Tom", "me", old.id)
    assert reset.event == "sync.reset"
    assert polled(scene, "Tom", "me", reset.id) == [], "It would fetch everything anew at each look, without end."
