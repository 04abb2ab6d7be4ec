"""The lesson page: who sees it, what it says, and in how few queries."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import Engine, event, select, update
from sqlalchemy.orm import Session

from app import clock as database_clock
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from app.observation.notes.models import Note
from tests.app.observation.scene import Scene
from video.errors import say_for

MOST_QUERIES = 12


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """List the statements that are sent meanwhile."""
    sent: list[str] = []

    def remember(*args: object) -> None:
        sent.append(str(args[2]))

    event.listen(engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", remember)


def write_many(scene: Scene, name: str, how_many: int) -> None:
    with scene.sessions.begin() as session:
        now = session.scalars(select(database_clock.now())).one()
        alliance_id = session.get_one(Recording, scene.ids["recording"]).alliance_id
        session.add_all(
            Note(
                id=database_id(number),
                alliance_id=alliance_id,
                recording_id=scene.ids["recording"],
                author_id=scene.ids[name],
                kind="evidence",
                at_ms=number * 1000,
                body=f"Note {number}.",
                written_at=now,
            )
            for number in range(how_many)
        )


def database_id(number: int) -> UUID:
    return UUID(int=number + 1)


def set_lesson(scene: Scene, **values: object) -> None:
    with scene.sessions.begin() as session:
        session.execute(update(Recording).where(Recording.id == scene.ids["recording"]).values(**values))


@pytest.mark.parametrize("who", ["Amina", "Tom"])
def test_the_number_of_queries_does_not_grow_with_the_notes(scene: Scene, engine: Engine, who: str) -> None:
    write_many(scene, who, 1)
    scene[who].get(scene.lesson)
    with counted(engine) as few:
        one = scene[who].get(scene.lesson)
    assert one.text.count("data-at-ms=") == 1
    with scene.sessions.begin() as session:
        session.query(Note).delete()
    write_many(scene, who, 300)
    with counted(engine) as many:
        page = scene[who].get(scene.lesson)
    assert page.text.count("data-at-ms=") == 300
    assert len(many) == len(few)
    assert len(many) <= MOST_QUERIES, "\n\n".join(many)


def test_an_observer_is_told_why_and_finds_all_that_is_needed(scene: Scene) -> None:
    scene.note("Amina", "Six seconds pass.")
    page = scene["Amina"].get(scene.lesson).text
    assert re.search(r"You can watch this because Tom shares it with you under protocol v1, until \d+ \w+", page)
    assert "<title>Year 8 fractions – Questioning – Backrow</title>" in page
    assert page.count("<h1") == 1
    assert len(re.findall(r'class="[^"]*button--main', page)) == 1
    assert f'<br-player src="/api/v1{scene.lesson}/play" watched="/api/v1{scene.lesson}/watched"' in page
    assert f'<br-note-box recording="{scene.ids["recording"]}" notes="#notes-list"' in page
    assert f'<li data-focus="{scene.ids["focus"]}">Wait time</li>' in page
    assert "Only you, until you share your feedback." in page
    assert f'href="{scene.cycle}/feedback">Share my feedback' in page
    assert f'href="{scene.lesson}/notes">Notes to print' in page
    for own in ("sharing", "seen"):
        assert f'href="{scene.lesson}/{own}"' not in page


def test_the_teacher_finds_sharing_and_who_has_seen_it(scene: Scene) -> None:
    page = scene["Tom"].get(scene.lesson).text
    assert "You can watch this because it is your own lesson." in page
    for link in (f"{scene.lesson}/sharing", f"{scene.lesson}/seen", f"{scene.cycle}/response"):
        assert f'href="{link}"' in page
    assert "Share my feedback" not in page
    assert len(re.findall(r'class="[^"]*button--main', page)) == 1


def test_a_film_on_its_way_says_truthfully_how_far_it_is(scene: Scene) -> None:
    set_lesson(scene, media_state=MediaState.WATCHABLE, watchable_ms=372_000)
    page = scene["Tom"].get(scene.lesson).text
    assert "You can watch the first 6 minutes. The rest is being prepared." in page
    set_lesson(scene, media_state=MediaState.PREPARING, watchable_ms=0)
    page = scene["Tom"].get(scene.lesson).text
    assert "Nothing can be watched yet." in page
    assert "/master.m3u8" not in page
    set_lesson(scene, media_state=MediaState.NEEDS_ATTENTION, media_code="no_video")
    assert say_for("no_video") in scene["Tom"].get(scene.lesson).text.replace("&#39;", "'")


def test_an_address_holds_its_moment(scene: Scene) -> None:
    page = scene["Amina"].get(f"{scene.lesson}?at=252000&until=270000").text
    assert 'at-ms="252000" until-ms="270000"' in page
    assert scene["Amina"].get(f"{scene.lesson}?at=soon").status_code == 200


def test_without_script_the_list_is_filtered_by_a_button_and_the_film_begins_at_the_moment(scene: Scene) -> None:
    notes = {
        kind: scene.note("Amina", f"A note of {kind}.", kind=kind, **about)
        for kind, about in (("evidence", {"focus_item_id": str(scene.ids["focus"])}), ("question", {}))
    }

    def left_out(query: str) -> list[str]:
        page = scene["Amina"].get(f"{scene.lesson}?{query}").text
        items = {kind: re.search(rf'<li id="item-{note["id"]}"[^>]*>', page) for kind, note in notes.items()}
        return [kind for kind, item in items.items() if item and item[0].endswith(" hidden>")]

    assert left_out("") == []
    assert left_out("kind=question") == ["evidence"]
    assert left_out(f"kind=&focus={scene.ids['focus']}") == ["question"]
    page = scene["Amina"].get(f"{scene.lesson}?at=252500&until=260000&kind=question").text
    form = re.search(r'<form class="filters".*?</form>', page, re.DOTALL)
    assert form is not None
    assert "<button" in form[0]
    assert '<option value="question" selected>' in form[0]
    assert '<input type="hidden" name="at" value="252500">' in form[0]
    assert "/master.m3u8#t=252.5,260.0" in page
    assert "/poster.jpg" in page


def test_what_is_dead_without_script_is_marked_so_that_it_can_be_hidden(scene: Scene) -> None:
    page = scene["Amina"].get(scene.lesson).text
    parts = re.findall(r"<button[^>]* data-part=[^>]*>", page)
    assert len(parts) == 4
    assert all("script-only" in part for part in parts)
    assert re.search(r'<div class="script-only">(?:(?!</div>).)*name="pause_while_writing"', page, re.DOTALL)
    assert re.search(r'class="[^"]*script-only[^"]*"><kbd>Ctrl', page)


def test_the_page_says_how_to_write_the_first_note(scene: Scene) -> None:
    assert (
        "Play the lesson, and write down one thing that you hear a pupil say" in scene["Amina"].get(scene.lesson).text
    )


def test_a_clip_is_the_same_page_with_its_ends_fixed(scene: Scene) -> None:
    with scene.sessions.begin() as session:
        clip = make_clip(session, scene)
    page = scene["Amina"].get(f"/clips/{clip}").text
    assert f'src="/api/v1{scene.lesson}/play?clip={clip}"' in page
    assert 'at-ms="60000" until-ms="120000" lock' in page
    assert 'from-ms="60000" until-ms="120000" notes="#notes-list"' in page
    assert "Six seconds of nothing" in page
    assert "/poster.jpg" not in page  # it shows a moment outside the clip
    assert scene["Joan"].get(f"/clips/{clip}").status_code == 404
    assert scene["Zoe"].get(f"/clips/{clip}").status_code == 404
    set_lesson(scene, state=RecordingState.PAUSED)
    assert scene["Amina"].get(f"/clips/{clip}").status_code == 404


def make_clip(session: Session, scene: Scene) -> UUID:
    recording = session.get_one(Recording, scene.ids["recording"])
    clip = Clip(
        alliance_id=recording.alliance_id,
        recording_id=recording.id,
        author_id=recording.owner_id,
        in_ms=60_000,
        out_ms=120_000,
        title="Six seconds of nothing",
    )
    session.add(clip)
    session.flush()
    return clip.id


def test_nobody_else_finds_the_lesson(scene: Scene) -> None:
    note = scene.note("Amina", "Mine.")
    for path in (
        scene.lesson,
        f"{scene.lesson}/notes",
        f"{scene.lesson}/notes/{note['id']}",
        f"/api/v1{scene.lesson}/notes",
        f"/api/v1/notes/{note['id']}",
        f"/api/v1/notes/{note['id']}/replies",
        f"{scene.cycle}/feedback",
        f"{scene.cycle}/response",
        f"/api/v1{scene.cycle}/feedback",
    ):
        absent = path.replace(str(scene.ids["recording"]), str(scene.ids["project"])).replace(
            str(scene.ids["cycle"]), str(scene.ids["project"])
        )
        for who in ("Joan", "Zoe"):
            answer = scene[who].get(path)
            assert answer.status_code == 404, (who, path)
            assert "Year 8" not in answer.text
            nothing = scene[who].get(absent)
            assert nothing.status_code == 404
    for who in ("Joan", "Zoe"):
        address = f"/api/v1/notes/{note['id']}"
        assert scene[who].send("PATCH", address, {"body": "x"}, match=1).status_code == 404
        assert scene[who].send("DELETE", address, match=1).status_code == 404
        assert scene[who].post(f"{scene.lesson}/notes", {"at": "1:00", "kind": "try", "body": "x"}).status_code == 404
        assert scene[who].post(f"{scene.cycle}/response").status_code == 404
        assert scene.share(who, note["id"]).status_code == 404
    page = scene.app.test_client().get(scene.lesson)
    assert page.status_code == 303
    assert scene.app.test_client().get(f"/api/v1{scene.lesson}/notes").status_code == 401


def test_a_turn_offers_its_lesson_to_those_who_may_watch_it(scene: Scene) -> None:
    assert f'href="{scene.lesson}"' in scene["Amina"].get(scene.cycle).text
    set_lesson(scene, state=RecordingState.PAUSED)
    assert f'href="{scene.lesson}"' not in scene["Amina"].get(scene.cycle).text
    assert f'href="{scene.lesson}/sharing"' in scene["Tom"].get(scene.cycle).text


def test_a_clip_shows_the_notes_that_fall_in_it_and_no_others(scene: Scene) -> None:
    notes = {
        "Long before.": (1_000, None),
        "Reaches into it.": (8_000, 12_000),
        "At its first moment.": (10_000, None),
        "Inside.": (15_000, 18_000),
        "At its end.": (20_000, None),
    }
    for body, (at_ms, until_ms) in notes.items():
        scene.note("Amina", body, at_ms=at_ms, until_ms=until_ms)
    with scene.sessions.begin() as session:
        clip = session.get_one(Clip, make_clip(session, scene))
        clip.in_ms, clip.out_ms = 10_000, 20_000
        clip_id = clip.id
    page = scene["Amina"].get(f"/clips/{clip_id}").text
    assert [words for words in notes if words in page] == ["Reaches into it.", "At its first moment.", "Inside."]


def test_p14_a_teacher_is_told_why_nobody_else_can_watch(scene: Scene) -> None:
    with scene.sessions() as session:
        lesson = session.get_one(Recording, scene.ids["recording"])
    day = {f"from_on-{part}": str(getattr(lesson.recorded_on, part)) for part in ("day", "month", "year")}
    kept = scene["Tom"].post(f"/schools/{lesson.school_id}/objections", {"class_code": lesson.class_code, **day})
    assert kept.status_code == 303
    says = "does not wish to be seen"
    assert says in scene["Tom"].get(scene.lesson).text
    assert says in scene["Tom"].get(f"{scene.lesson}/sharing").text
    assert "only you can watch “Year 8 fractions”" in scene["Tom"].get("/").text
    assert scene["Amina"].get(scene.lesson).status_code == 404
    for name in ("Amina", "Priya", "Joan"):
        assert says not in scene[name].get("/").text
