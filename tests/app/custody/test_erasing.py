"""Erased means erased: objects, notes, names and kept answers are gone, and the log says only that it happened."""

import re
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.cycles.models import Cycle, CycleState
from app.audit.models import AuditEvent
from app.custody.erasure import service
from app.custody.erasure.models import Tombstone
from app.db import Base
from app.lessons.recordings.models import Hold, Recording, RecordingState
from app.web.parts import Parts
from tests.app.observation.scene import Scene, build

CANARY = "Zwinglibald waited six seconds"


def erased(scene: Scene) -> None:
    """Let the teacher erase the lesson, and do what a worker does then."""
    assert scene["Tom"].post(f"{scene.lesson}/erase").status_code == 303
    recording_id = scene.ids["recording"]
    with scene.sessions.begin() as session:
        found = service.find_to_erase(session, recording_id)
    assert found is not None
    parts: Parts = scene.app.extensions["backrow"]
    objects = parts.storage.erase_prefix(found.prefix)
    with scene.sessions.begin() as session:
        service.scrub(session, recording_id, objects=objects)


def holding(session: Session, words: str) -> list[str]:
    """Name every table in which these words stand anywhere."""
    found = []
    for table in Base.metadata.sorted_tables:
        row = text(f'SELECT count(*) FROM "{table.name}" AS t WHERE t::text LIKE :words')  # noqa: S608 - our own name
        if session.scalar(row, {"words": f"%{words}%"}):
            found.append(table.name)
    return found


def describe(scene: Scene) -> None:
    """Let the teacher name a phase of the lesson, and bring captions."""
    phase = {"at": "0:00", "name": CANARY, "hint": "no"}
    assert scene["Tom"].post(f"{scene.lesson}/phases", phase).status_code == 303
    said = f"WEBVTT\n\n00:01.000 --> 00:02.000\n{CANARY}\n".encode()
    sent = {"lang": "en", "file": (BytesIO(said), "a.vtt")}
    assert scene["Tom"].post(f"{scene.lesson}/captions", sent).status_code == 303


def test_p21_no_word_and_no_object_is_left(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    scene = build(sessions, tmp_path)
    parts: Parts = scene.app.extensions["backrow"]
    film = tmp_path / "film"
    film.write_bytes(b"film")
    parts.storage.put(f"r/{scene.ids['recording']}/a/source", film, sha256=sha256(b"film").hexdigest())
    scene.note("Amina", CANARY)
    scene.share("Amina", scene.note("Amina", f"{CANARY} again")["id"], took_away=CANARY)
    describe(scene)
    with sessions() as session:
        assert set(holding(session, CANARY)) >= {"note", "feedback", "captions", "chapter"}
    erased(scene)
    with sessions() as session:
        assert holding(session, CANARY) == []
        assert holding(session, "Year 8 fractions") == []
        stone = session.scalars(select(Tombstone)).one()
        assert (stone.recording_id, stone.objects) == (scene.ids["recording"], 1)
        told = session.scalars(select(AuditEvent.what).where(AuditEvent.thing_id == stone.recording_id)).all()
        assert list(told) == ["phases.set", "recording.erasing", "recording.erased"]
    assert list(parts.storage.keys(f"r/{scene.ids['recording']}")) == []


def stations(page: str) -> dict[str, str]:
    """Read the stations of a turn, each with its word."""
    found = re.findall(r'station__name">(?:<a[^>]*>)?([^<]*).*?station__word">([^<]*)', page, re.DOTALL)
    return dict(found)


def test_its_turn_says_so_and_whose_notes_went_is_told(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    scene = build(sessions, tmp_path)
    scene.note("Amina", CANARY)
    erased(scene)
    for who in ("Tom", "Amina", "Priya"):
        page = scene[who].get(scene.cycle).text
        assert "The lesson of this turn is erased. Nobody can watch it any more" in page, who
        assert "waits for your feedback" not in page, who
        assert stations(page)["Recording"] == "erased"
        assert stations(page)["Feedback"] == "no more"
        project = scene[who].get(f"/projects/{scene.ids['project']}").text
        assert "The lesson of this turn is erased." in project, who
    told = {who: scene[who].get("/").text for who in ("Tom", "Amina", "Priya", "Joan")}
    words = "The lesson of turn 1 in “Questioning” is erased, and your notes with it"
    assert {who for who, page in told.items() if words in page} == {"Amina"}
    assert "Year 8" not in told["Amina"]
    assert CANARY not in told["Amina"]


@pytest.mark.usefixtures("any_state")
def test_a_lesson_that_was_never_shared_is_not_said_to_be_erased(
    sessions: sessionmaker[Session], tmp_path: Path
) -> None:
    scene = build(sessions, tmp_path)
    with sessions.begin() as session:
        session.execute(update(Recording).values(state=RecordingState.PRIVATE))
        session.execute(update(Cycle).values(state=CycleState.RECORDED))
    erased(scene)
    assert "The lesson of this turn is erased." in scene["Tom"].get(scene.cycle).text
    for who in ("Amina", "Priya"):
        assert "erased" not in scene[who].get(scene.cycle).text, who
        assert "erased" not in scene[who].get("/").text, who


def test_a_second_run_of_the_worker_changes_nothing(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    scene = build(sessions, tmp_path)
    erased(scene)
    with sessions.begin() as session:
        service.scrub(session, scene.ids["recording"], objects=7)
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Tombstone)) == 1
        assert session.scalars(select(Tombstone.objects)).one() == 0


def test_a_hold_placed_after_erasing_began_keeps_what_is_left(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    scene = build(sessions, tmp_path)
    scene["Tom"].post(f"{scene.lesson}/erase")
    with sessions.begin() as session:
        recording = session.get_one(Recording, scene.ids["recording"])
        session.add(Hold(alliance_id=recording.alliance_id, recording_id=recording.id, placed_by=scene.ids["Joan"]))
    with sessions() as session:
        assert service.find_to_erase(session, scene.ids["recording"]) is None


def test_its_teacher_still_finds_the_log_of_what_was_erased(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    scene = build(sessions, tmp_path)
    scene["Tom"].post(f"{scene.lesson}/erase")
    assert "Being erased now" in scene["Tom"].get("/me/lessons").text
    recording_id = scene.ids["recording"]
    with scene.sessions.begin() as session:
        service.scrub(session, recording_id, objects=0)
    page = scene["Tom"].get("/me/lessons").text
    assert "Erased on" in page
    assert f'href="{scene.lesson}/seen"' in page
    assert "haven’t recorded" not in page
    assert scene["Tom"].get(f"{scene.lesson}/seen").status_code == 200
    assert f"{scene.lesson}/seen" not in scene["Amina"].get("/me/lessons").text
