"""Lesson phases: named by the teacher alone, read by whoever may watch; hints are for the teacher."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.lessons.media import looks
from app.lessons.media.models import Asset
from app.lessons.phases.models import Chapter
from app.lessons.phases.service import LONGEST_NAME, MOST
from app.lessons.recordings.models import Recording
from tests.app.lessons.recordings.lesson import Lesson
from tests.app.observation.scene import build

MINUTE = 60_000
Row = tuple[str, str]


@pytest.fixture
def lesson(sessions: sessionmaker[Session], tmp_path: Path) -> Lesson:
    """Tom's lesson of twelve minutes."""
    return Lesson(build(sessions, tmp_path))


def name(lesson: Lesson, *rows: Row, who: str = "Tom", seen: tuple[tuple[int, str], ...] = ()) -> TestResponse:
    """Send the form with these rows."""
    form: dict[str, list[str]] = {
        "at": [at for at, _ in rows],
        "name": [words for _, words in rows],
        "hint": ["no"] * len(rows),
        "seen_at": [str(at) for at, _ in seen],
        "seen_name": [words for _, words in seen],
    }
    return lesson.scene[who].post(f"{lesson.at}/phases", form)


def kept(lesson: Lesson) -> list[tuple[int, str]]:
    with lesson.scene.sessions() as session:
        return [(row.at_ms, row.name) for row in session.scalars(select(Chapter).order_by(Chapter.at_ms))]


ARRIVAL, DRILL = ("0:00", "Arrival"), ("4:12", "Drill 1")
BOTH = ((0, "Arrival"), (252_000, "Drill 1"))


def test_phases_are_named_and_found_by_whoever_watches(lesson: Lesson) -> None:
    assert name(lesson, DRILL, ARRIVAL, ("", "")).status_code == 303
    assert kept(lesson) == list(BOTH)
    page = lesson.scene["Amina"].get(lesson.at).text
    assert page.index("Arrival") < page.index("Drill 1")
    assert f'href="{lesson.at}?at=252000"' in page
    with lesson.scene.sessions() as session:
        acts = session.scalars(select(AuditEvent).where(AuditEvent.what == "phases.set")).all()
    assert [(act.rule, act.count) for act in acts] == [("watch_owner", 2)]


def test_clearing_a_name_takes_its_phase_away_and_the_same_again_changes_nothing(lesson: Lesson) -> None:
    name(lesson, ARRIVAL, DRILL)
    assert name(lesson, ARRIVAL, DRILL, seen=BOTH).status_code == 303
    assert name(lesson, ARRIVAL, ("4:12", ""), seen=BOTH).status_code == 303
    assert kept(lesson) == [(0, "Arrival")]
    assert name(lesson, ("0:00", ""), seen=BOTH[:1]).status_code == 303
    assert kept(lesson) == []
    with lesson.scene.sessions() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.what == "phases.set")).all()) == 3


@pytest.mark.parametrize(
    ("row", "mend"),
    [
        (("soon", "Drill"), "Write a time like 4:12, or 252 for seconds."),
        (("", "Drill"), "Write a time like 4:12, or 252 for seconds."),
        (("4:00", ""), "Say what begins here, or clear the time."),
        (("12:00", "Drill"), "That is after the end of the lesson."),
        (("0:00", "Drill"), "Two phases begin here. Move one, or take it away."),
        (("4:00", "x" * (LONGEST_NAME + 1)), f"Keep the name to {LONGEST_NAME} characters."),
        (("4:00", "a\0b"), "There is a sign in it that can&#39;t be kept. Type it anew."),
    ],
)
def test_what_can_not_be_kept_is_said_at_its_row_and_stays_typed(lesson: Lesson, row: Row, mend: str) -> None:
    answer = name(lesson, ARRIVAL, row)
    assert answer.status_code == 422
    assert answer.text.count(mend) >= 2, "above, and beside its field"
    assert 'value="Arrival"' in answer.text
    assert kept(lesson) == []


def test_there_is_an_end_to_them(lesson: Lesson) -> None:
    rows = [(f"0:{second:02}", "Phase") for second in range(MOST + 1)]
    answer = name(lesson, *rows)
    assert answer.status_code == 422
    assert f"Keep it to {MOST} phases." in answer.text


def test_another_tab_s_phases_are_never_overwritten_unseen(lesson: Lesson) -> None:
    name(lesson, ARRIVAL)
    answer = name(lesson, DRILL)
    assert answer.status_code == 409
    assert "changed in another tab" in answer.text
    assert "Arrival" in answer.text
    assert 'value="Drill 1"' in answer.text
    assert kept(lesson) == [(0, "Arrival")]
    assert name(lesson, DRILL, seen=((0, "Arrival"),)).status_code == 303
    assert kept(lesson) == [(252_000, "Drill 1")]


def test_nobody_else_names_them_or_sees_the_page(lesson: Lesson) -> None:
    for who in ("Amina", "Joan", "Zoe"):
        assert lesson.scene[who].get(f"{lesson.at}/phases").status_code == 404, who
        assert name(lesson, ARRIVAL, who=who).status_code == 404, who
    assert kept(lesson) == []


def looked_through(lesson: Lesson) -> None:
    """Let the lesson be one voice for six minutes, then many."""
    with lesson.scene.sessions.begin() as session:
        recording = session.get_one(Recording, lesson.scene.ids["recording"])
        asset = Asset(
            alliance_id=recording.alliance_id,
            recording_id=recording.id,
            kind="source",
            upload_id=recording.id,
            source_key="r/source",
            size_bytes=1,
            planned_at=recording.delete_at,
        )
        session.add(asset)
        session.flush()
        times = list(range(0, 12 * MINUTE, 4000))
        looks.keep_storyboard(
            session, asset.id, sheet_keys=["r/x"], times_ms=times, changes=[1.0] * len(times), size=(2, 2)
        )
        looks.keep_strip(session, asset.id, "o" * 180 + "m" * 180)


def test_hints_are_offered_to_the_teacher_and_count_only_with_a_name(lesson: Lesson) -> None:
    looked_through(lesson)
    page = lesson.scene["Tom"].get(f"{lesson.at}/phases").text
    assert page.count("something changes here") == 1
    assert 'value="6:00"' in page
    form = {"at": ["6:00", "0:00"], "name": ["", "Arrival"], "hint": ["yes", "no"]}
    assert lesson.scene["Tom"].post(f"{lesson.at}/phases", form).status_code == 303
    assert kept(lesson) == [(0, "Arrival")]


def test_what_can_be_heard_is_its_teacher_s_alone(lesson: Lesson) -> None:
    looked_through(lesson)
    own, others = (lesson.scene[who].get(lesson.at).text for who in ("Tom", "Amina"))
    assert "What can be heard" in own
    assert own.count("<rect ") == others.count("<rect ") + 2
    for words in ("What can be heard", "many voices", "one voice"):
        assert words in own
        assert words not in others
