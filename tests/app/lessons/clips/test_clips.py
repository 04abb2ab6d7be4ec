"""Clips: made by whom the protocol lets, within the lesson, and open exactly as long as their lesson is."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app import ids
from app.audit.models import AuditEvent
from app.lessons.clips.models import Clip
from app.lessons.clips.service import LONGEST_TITLE, LONGEST_WHY
from tests.app.lessons.recordings.lesson import Lesson
from tests.app.observation.scene import build
from tests.conftest import Clock

#: The lesson of the scene is twelve minutes long.
TYPED = {"in": "4:12", "out": "4m 58", "title": " Six seconds of nothing ", "why": "Nobody breaks the silence."}
SENT = {"in_ms": 252_000, "out_ms": 298_000, "title": "Six seconds of nothing", "why": "Nobody breaks the silence."}


@pytest.fixture
def lesson(sessions: sessionmaker[Session], tmp_path: Path) -> Lesson:
    """Tom's lesson, of which its watchers may mark clips too."""
    return Lesson(build(sessions, tmp_path, clips_by="watchers"))


def make(lesson: Lesson, who: str = "Tom", **changes: str) -> TestResponse:
    return lesson.scene[who].post(f"{lesson.at}/clips", TYPED | changes)


def send(lesson: Lesson, who: str = "Tom", **changes: Any) -> TestResponse:  # noqa: ANN401 - of the JSON body
    return lesson.scene[who].send("POST", f"/api/v1{lesson.at}/clips", SENT | changes, key=ids.new())


def made(lesson: Lesson, who: str = "Tom") -> str:
    """Let somebody make a clip; give its address."""
    answer = make(lesson, who)
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith("/clips/")
    return answer.location


def clips(lesson: Lesson) -> list[Clip]:
    with lesson.scene.sessions() as session:
        return list(session.scalars(select(Clip).order_by(Clip.made_at)))


def logged(lesson: Lesson) -> list[tuple[str, str]]:
    with lesson.scene.sessions() as session:
        kept = session.scalars(select(AuditEvent).where(AuditEvent.thing_kind == "clip").order_by(AuditEvent.number))
        return [(event.what, event.rule) for event in kept]


def test_a_stretch_is_marked_as_people_type_it(lesson: Lesson) -> None:
    at = made(lesson)
    (clip,) = clips(lesson)
    assert (clip.in_ms, clip.out_ms, clip.title, clip.why) == tuple(SENT.values())
    assert clip.author_id == lesson.scene.ids["Tom"]
    assert logged(lesson) == [("clip.made", "watch_owner")]
    page = lesson.scene["Amina"].get(at).text
    assert "Six seconds of nothing" in page
    assert 'at-ms="252000" until-ms="298000" lock' in page
    assert f'href="{at}"' in lesson.scene["Amina"].get(lesson.at).text


@pytest.mark.parametrize(
    ("typed", "field", "mend"),
    [
        ({"in": "soon"}, "in", "Write a time like 4:12, or 252 for seconds."),
        ({"out": ""}, "out", "Write a time like 4:12, or 252 for seconds."),
        ({"in": "4:75"}, "in", "Minutes and seconds go up to 59, as in 4:12."),
        ({"in": "5:00"}, "out", "The end must come after the beginning."),
        pytest.param({"in": "4:58"}, "out", "The end must come after the beginning.", id="no time between them"),
        ({"out": "12:01"}, "out", "That is after the end of the lesson."),
        ({"out": "99:00:00"}, "out", "That is after the end of the lesson."),
        ({"title": "  "}, "title", "Give it a title, in a few words."),
        ({"title": "x" * (LONGEST_TITLE + 1)}, "title", f"Keep the title to {LONGEST_TITLE} characters."),
        ({"why": "x" * (LONGEST_WHY + 1)}, "why", f"Keep this to {LONGEST_WHY} characters."),
    ],
)
def test_what_needs_mending_is_said_at_its_field_and_nothing_is_lost(
    lesson: Lesson, typed: dict[str, str], field: str, mend: str
) -> None:
    answer = make(lesson, **typed)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{mend}</a>' in answer.text
    assert f'id="{field}"' in answer.text
    assert f'id="{field}-mend"' in answer.text
    kept = TYPED | typed
    assert all(f'value="{kept[name]}"' in answer.text for name in ("in", "out", "title", "why") if kept[name])
    assert (clips(lesson), logged(lesson)) == ([], [])


@pytest.mark.parametrize(
    ("body", "code", "fields"),
    [
        ({"in_ms": -1}, "clip_unclear", {"in_ms"}),
        ({"out_ms": 252_000}, "clip_unclear", {"out_ms"}),
        ({"out_ms": 720_001}, "clip_unclear", {"out_ms"}),
        ({"out_ms": 2**70, "title": ""}, "clip_unclear", {"out_ms", "title"}),
        ({"in_ms": "4:12"}, "field_kind", {"in_ms"}),
        ({"in_ms": True}, "field_kind", {"in_ms"}),
        ({"title": "a\0b", "why": "\0"}, "clip_unclear", {"title", "why"}),
        ({"out_ms": None}, "field_missing", {"out_ms"}),
        ({"author_id": "Amina"}, "field_unknown", {"author_id"}),
    ],
)
def test_a_script_is_told_what_is_wrong(lesson: Lesson, body: dict[str, Any], code: str, fields: set[str]) -> None:
    answer = send(lesson, **body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, code)
    assert set(answer.get_json()["fields"]) == fields
    assert clips(lesson) == []


def test_the_whole_lesson_is_the_longest_clip_and_so_far_what_is_there(lesson: Lesson) -> None:
    assert send(lesson, in_ms=0, out_ms=720_000).status_code == 201
    lesson.change(duration_ms=None, watchable_ms=60_000)
    assert send(lesson, in_ms=0, out_ms=60_001).status_code == 422
    assert send(lesson, in_ms=0, out_ms=60_000).status_code == 201


def test_a_script_sends_it_once_however_often(lesson: Lesson) -> None:
    path = f"/api/v1{lesson.at}/clips"
    first, again = (lesson.scene["Tom"].send("POST", path, SENT, key="a clip") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert set(first.get_json()) == {"id", "recording_id", "in_ms", "out_ms", "href", "version"}
    assert lesson.scene["Tom"].get(first.get_json()["href"]).status_code == 200
    assert len(clips(lesson)) == 1
    assert lesson.scene["Tom"].send("POST", path, SENT).status_code == 400


@pytest.mark.parametrize(
    ("who", "by_watchers", "status"),
    [
        ("Tom", False, 303),
        pytest.param("Amina", False, 409, id="she may watch, but the protocol keeps clips for the teacher"),
        ("Amina", True, 303),
        ("Joan", True, 404),
        ("Zoe", True, 404),
    ],
)
def test_who_may_make_one(lesson: Lesson, who: str, *, by_watchers: bool, status: int) -> None:
    if not by_watchers:
        lesson.succeed()  # both versions must let watchers, and this one doesn't
    assert make(lesson, who).status_code == status
    assert send(lesson, who).status_code == (201 if status == 303 else status)
    assert len(clips(lesson)) == (2 if status == 303 else 0)


@pytest.mark.usefixtures("any_state")
@pytest.mark.parametrize(
    ("state", "tom", "amina"),
    [
        ("private", 303, 404),
        ("changed", 303, 404),
        ("paused", 303, 404),
        ("withdrawn", 303, 404),
        ("objection", 303, 404),
        ("hold", 409, 404),
        ("past", 404, 404),
        ("erasing", 404, 404),
    ],
)
def test_in_which_state_of_the_lesson(lesson: Lesson, state: str, tom: int, amina: int) -> None:
    lesson.bring_into(state)
    assert (make(lesson, "Tom").status_code, make(lesson, "Amina").status_code) == (tom, amina)
    assert len(clips(lesson)) == (tom == 303)


@pytest.mark.parametrize("act", ["pause", "withdraw", "erase"])
def test_it_closes_with_its_lesson(lesson: Lesson, act: str) -> None:
    at = made(lesson)
    clip_id = at.removeprefix("/clips/")
    media = f"/media/{lesson.scene.ids['recording']}/clips/{clip_id}/master.m3u8"
    asked = (at, f"/api/v1{lesson.at}/play?clip={clip_id}", media)
    amina, tom = lesson.scene["Amina"], lesson.scene["Tom"]
    assert amina.get(at).status_code == 200
    assert [lesson.scene[name].get(at).status_code for name in ("Joan", "Zoe")] == [404, 404]
    assert lesson.post(act).status_code == 303
    assert [amina.get(path).status_code for path in asked] == [404] * 3
    assert tom.get(at).status_code == (404 if act == "erase" else 200)


def test_a_clip_of_another_lesson_is_none_of_this_one(lesson: Lesson) -> None:
    clip_id = made(lesson).removeprefix("/clips/")
    elsewhere = lesson.scene.ids["elsewhere"]
    for path in (
        f"/media/{elsewhere}/clips/{clip_id}/master.m3u8",
        f"/api/v1/recordings/{elsewhere}/play?clip={clip_id}",
    ):
        assert [lesson.scene[name].get(path).status_code for name in ("Tom", "Zoe")] == [404, 404]


@pytest.mark.parametrize(
    ("who", "by", "status", "rule"),
    [
        ("Tom", "Amina", 200, "watch_owner"),
        ("Amina", "Amina", 200, "clip_author"),
        pytest.param("Priya", "Amina", 409, "", id="she may watch it, and it isn't hers"),
        ("Joan", "Amina", 404, ""),
        ("Zoe", "Amina", 404, ""),
    ],
)
def test_who_takes_one_away(lesson: Lesson, who: str, by: str, status: int, rule: str) -> None:
    at = made(lesson, by)
    answer = lesson.scene[who].post(f"{at}/delete")
    assert answer.status_code == status
    assert len(clips(lesson)) == (status != 200)
    assert logged(lesson)[1:] == ([("clip.deleted", rule)] if rule else [])
    if rule:
        assert f'href="{lesson.at}"' in answer.text
        assert lesson.scene["Tom"].get(at).status_code == 404
        assert lesson.scene[who].post(f"{at}/delete").status_code == 404


@pytest.mark.parametrize(
    ("who", "by", "offered"), [("Tom", "Amina", 1), ("Amina", "Amina", 1), ("Priya", "Amina", 0), ("Amina", "Tom", 0)]
)
def test_its_page_offers_removing_to_whom_the_policy_lets(lesson: Lesson, who: str, by: str, offered: int) -> None:
    at = made(lesson, by)
    page = lesson.scene[who].get(at).text
    assert page.count(f'action="{at}/delete"') == offered
    assert page.count("Remove this clip") == offered
    assert "Remove this clip" not in lesson.scene[who].get(lesson.at).text


def test_who_lost_sight_of_the_lesson_takes_nothing_away(lesson: Lesson) -> None:
    at = made(lesson, "Amina")
    lesson.post("pause")
    assert lesson.scene["Amina"].post(f"{at}/delete").status_code == 404
    assert lesson.scene["Tom"].post(f"{at}/delete").status_code == 200


def taken(answer: TestResponse) -> dict[str, str]:
    """Give what the page of a removed clip sends for its undo."""
    return {"taken": answer.text.split('name="taken" value="')[1].split('"')[0]}


@pytest.mark.parametrize(("who", "by"), [("Tom", "Amina"), ("Amina", "Amina"), ("Tom", "Tom")])
def test_removing_is_undone_at_the_same_address_and_the_clip_stays_its_authors(
    lesson: Lesson, who: str, by: str
) -> None:
    at = made(lesson, by)
    (before,) = clips(lesson)
    sent = taken(lesson.scene[who].post(f"{at}/delete"))
    for _ in range(2):  # pressed twice, it changes nothing more
        answer = lesson.scene[who].post(f"{lesson.at}/clips/restore", sent)
        assert (answer.status_code, answer.location) == (303, at)
    (after,) = clips(lesson)
    kept = ("id", "author_id", "in_ms", "out_ms", "title", "why")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
    assert [what for what, _ in logged(lesson)] == ["clip.made", "clip.deleted", "clip.restored"]
    assert lesson.scene["Priya"].get(at).status_code == 200


def test_an_undo_is_for_its_remover_its_lesson_and_ten_minutes(lesson: Lesson, clock: Clock) -> None:
    at = made(lesson, "Amina")
    sent = taken(lesson.scene["Amina"].post(f"{at}/delete"))
    again = f"{lesson.at}/clips/restore"
    others = [lesson.scene[name].post(again, sent).status_code for name in ("Tom", "Priya", "Joan", "Zoe")]
    said, dot, sum_ = sent["taken"].rpartition(".")  # not its last sign: some of that one's bits say nothing
    turned = said + dot + ("A" if sum_[0] != "A" else "B") + sum_[1:]
    forged = lesson.scene["Amina"].post(again, {"taken": turned}).status_code
    assert (others, forged) == ([404] * 4, 404)
    clock.forward(minutes=10)
    answer = lesson.scene["Amina"].post(again, sent)
    assert answer.status_code == 410
    assert "Mark the stretch again as a new clip." in answer.text
    assert clips(lesson) == []


def test_nothing_is_put_back_into_a_lesson_that_has_closed(lesson: Lesson) -> None:
    at = made(lesson, "Amina")
    sent = taken(lesson.scene["Amina"].post(f"{at}/delete"))
    lesson.post("pause")
    assert lesson.scene["Amina"].post(f"{lesson.at}/clips/restore", sent).status_code == 404
    assert clips(lesson) == []


def test_no_undo_is_offered_to_whom_the_protocol_no_longer_lets_mark_clips(lesson: Lesson) -> None:
    at = made(lesson, "Amina")
    lesson.succeed()
    answer = lesson.scene["Amina"].post(f"{at}/delete")
    assert answer.status_code == 200
    assert "Undo" not in answer.text
