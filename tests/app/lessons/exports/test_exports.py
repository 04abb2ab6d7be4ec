"""Files to take along: for whom both protocols let it be, asked again each time, and gone after a day."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.audit.models import AuditEvent
from app.lessons.exports import making
from app.lessons.exports.models import Export, ExportState
from app.lessons.exports.service import MOST
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.models import Recording
from tests.app.lessons.recordings.lesson import Lesson
from tests.app.observation.scene import build
from tests.conftest import Clock

MINUTE = 60_000


def settled(sessions: sessionmaker[Session], tmp_path: Path, download: str) -> Lesson:
    """Tom's lesson of twelve minutes, all of it ready."""
    lesson = Lesson(build(sessions, tmp_path, download=download))
    with sessions.begin() as session:
        recording = session.get_one(Recording, lesson.scene.ids["recording"])
        recording.watchable_ms = recording.duration_ms or 0
    return lesson


@pytest.fixture
def lesson(sessions: sessionmaker[Session], tmp_path: Path) -> Lesson:
    return settled(sessions, tmp_path, "watchers")


def ask(lesson: Lesson, who: str = "Amina", begins: str = "1:00", ends: str = "2:00") -> TestResponse:
    return lesson.scene[who].post(f"{lesson.at}/download", {"in": begins, "out": ends})


def kept(lesson: Lesson) -> list[Export]:
    with lesson.scene.sessions() as session:
        return list(session.scalars(select(Export).order_by(Export.asked_at)))


def finish(lesson: Lesson, **changes: Any) -> UUID:  # noqa: ANN401 - of the row
    """Let the newest file be there."""
    with lesson.scene.sessions.begin() as session:
        export = session.scalars(select(Export).order_by(Export.asked_at.desc()).limit(1)).one()
        making.keep(session, export.id, key=f"r/{export.recording_id}/x{'0' * 32}/lesson.mp4", size_bytes=1_234_567)
        for name, value in changes.items():
            setattr(export, name, value)
        return export.id


@pytest.mark.parametrize(
    ("download", "may"),
    [("nobody", ""), ("owner", "Tom"), ("watchers", "Tom Amina Priya")],
)
def test_only_those_whom_the_protocol_lets(
    sessions: sessionmaker[Session], tmp_path: Path, download: str, may: str
) -> None:
    lesson = settled(sessions, tmp_path, download)
    for who in ("Tom", "Amina", "Priya", "Joan", "Zoe"):
        allowed = who in may.split()
        # Whoever may watch knows the lesson: to them it is said that this can't be done. To all others it isn't there.
        refused = 409 if who in ("Tom", "Amina", "Priya") else 404
        assert lesson.scene[who].get(f"{lesson.at}/download").status_code == (200 if allowed else refused), who
        assert ask(lesson, who).status_code == (303 if allowed else refused), who
        assert ("Save as a file" in lesson.scene[who].get(lesson.at).text) == allowed, who
    assert len(kept(lesson)) == len(may.split())


def test_a_file_is_asked_for_made_and_fetched_and_all_of_it_is_in_the_log(lesson: Lesson) -> None:
    amina = lesson.scene["Amina"]
    assert ask(lesson).status_code == 303
    assert "being made" in amina.get(f"{lesson.at}/download").text
    export_id = finish(lesson)
    page = amina.get(f"{lesson.at}/download").text
    assert "1.2 MB" in page
    answer = amina.get(f"/exports/{export_id}/file")
    assert answer.status_code == 302
    assert "/lesson.mp4?" in answer.location
    with lesson.scene.sessions() as session:
        handed = session.scalars(select(AccessEvent).where(AccessEvent.what == "export")).all()
        acts = session.scalars(select(AuditEvent.what).where(AuditEvent.thing_kind == "export")).all()
    assert [(row.clause, row.from_ms, row.until_ms) for row in handed] == [("watch_named", MINUTE, 2 * MINUTE)]
    assert list(acts) == ["export.asked", "export.made", "export.fetched"]
    assert "downloaded 1:00–2:00" in lesson.scene["Tom"].get(f"{lesson.at}/seen").text


def test_the_same_stretch_is_the_same_file(lesson: Lesson) -> None:
    ask(lesson)
    ask(lesson)
    ask(lesson, "Tom")
    assert [(one.in_ms, one.out_ms) for one in kept(lesson)] == [(MINUTE, 2 * MINUTE)] * 2


def test_somebody_else_s_file_does_not_exist(lesson: Lesson) -> None:
    ask(lesson)
    export_id = finish(lesson)
    for who in ("Tom", "Priya", "Joan", "Zoe"):
        assert lesson.scene[who].get(f"/exports/{export_id}/file").status_code == 404, who
        assert "1.2 MB" not in lesson.scene[who].get(f"{lesson.at}/download").text


@pytest.mark.parametrize("act", ["pause", "withdraw"])
def test_p07_what_was_made_can_not_be_fetched_once_the_teacher_says_no(lesson: Lesson, act: str) -> None:
    ask(lesson)
    export_id = finish(lesson)
    assert lesson.scene["Tom"].post(f"{lesson.at}/{act}").status_code == 303
    assert lesson.scene["Amina"].get(f"/exports/{export_id}/file").status_code == 404
    with lesson.scene.sessions.begin() as session:
        assert making.expire(session) == 1
    assert kept(lesson) == []


def test_a_file_that_may_no_longer_be_had_is_not_made(lesson: Lesson) -> None:
    ask(lesson)
    (export,) = kept(lesson)
    lesson.scene["Tom"].post(f"{lesson.at}/pause")
    with lesson.scene.sessions.begin() as session:
        assert making.to_make(session, export.id) is None
    assert kept(lesson) == []


def test_p21_erasing_takes_it_along(lesson: Lesson) -> None:
    ask(lesson)
    export_id = finish(lesson)
    lesson.scene["Tom"].post(f"{lesson.at}/erase")
    assert lesson.scene["Amina"].get(f"/exports/{export_id}/file").status_code == 404
    with lesson.scene.sessions.begin() as session:
        making.keep(session, export_id, key="r/late", size_bytes=1)
        assert session.get_one(Export, export_id).key != "r/late", "nothing is added to what is going"


def test_it_is_there_for_a_day(lesson: Lesson, clock: Clock) -> None:
    ask(lesson)
    export_id = finish(lesson)
    clock.forward(hours=24)
    assert lesson.scene["Amina"].get(f"/exports/{export_id}/file").status_code == 404
    assert ask(lesson).status_code == 303
    (fresh,) = kept(lesson)
    assert fresh.id != export_id
    assert fresh.state == ExportState.WAITING
    assert fresh.expires_at - fresh.asked_at == timedelta(hours=24)


@pytest.mark.parametrize(
    ("begins", "ends", "field", "mend"),
    [
        ("soon", "2:00", "in", "Write a time like 4:12, or 252 for seconds."),
        ("2:00", "1:00", "out", "The end must come after the beginning."),
        ("1:00", "12:01", "out", "The lesson ends at 12:00."),
    ],
)
def test_what_can_not_be_made_says_so(lesson: Lesson, begins: str, ends: str, field: str, mend: str) -> None:
    answer = ask(lesson, begins=begins, ends=ends)
    assert answer.status_code == 422
    assert answer.text.count(mend) == 2
    assert f'id="{field}"' in answer.text
    assert kept(lesson) == []


def test_what_is_not_ready_yet_says_how_far_it_is(lesson: Lesson) -> None:
    with lesson.scene.sessions.begin() as session:
        session.get_one(Recording, lesson.scene.ids["recording"]).watchable_ms = 90_000
    answer = ask(lesson)
    assert answer.status_code == 422
    assert "Only the first 1:30 are ready. Wait a little, or end there." in answer.text


def test_one_that_failed_is_made_once_more_when_asked(lesson: Lesson) -> None:
    ask(lesson)
    with lesson.scene.sessions.begin() as session:
        making.give_up(session, session.scalars(select(Export.id)).one(), code="frames_lost")
    assert "Ask for it once more." in lesson.scene["Amina"].get(f"{lesson.at}/download").text
    assert ask(lesson).status_code == 303
    assert [(one.state, one.code) for one in kept(lesson)] == [(ExportState.WAITING, None)]


def test_there_is_an_end_to_them(lesson: Lesson) -> None:
    for second in range(MOST):
        assert ask(lesson, ends=f"2:{second:02}").status_code == 303
    answer = ask(lesson, ends="3:00")
    assert answer.status_code == 429
    assert "They go after a day" in answer.text


def test_files_that_lost_their_job_get_one(lesson: Lesson) -> None:
    ask(lesson)
    with lesson.scene.sessions.begin() as session:
        assert making.give_jobs(session) == 0
        session.connection().exec_driver_sql("DELETE FROM procrastinate_jobs")
        assert making.give_jobs(session) == 1
