"""`backrow ingest`: one line a file, by the browser's own way, also where no worker runs."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Capacity, Project
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from app.lessons.uploads.models import Upload
from app.lessons.uploads.turns import OWN_LESSONS
from app.people.accounts.models import Account
from tests.app.agreements.town import build
from tests.conftest import Database
from tests.video.conftest import maker
from tests.video.lessons import Maker
from tests.world import World

__all__ = ["maker"]
_PATIENCE_S = 240


@pytest.fixture
def amina(sessions: sessionmaker[Session]) -> str:
    """Settle one teacher who takes part in nothing; give her address."""
    with sessions.begin() as session:
        account_id = build(session)["Amina"].actor.account_id
        return session.get_one(Account, account_id).email


def ingest(database: Database, folder: Path, *arguments: str | Path) -> tuple[int, list[dict[str, Any]], str]:
    """Run the command as people do; give its status, its lines and what it said besides."""
    command = [sys.executable, "-m", "config.cli", "ingest", *map(str, arguments), "--json"]
    ground = {
        "BACKROW_DATA": str(folder / "data"),
        "BACKROW_DATABASE_URL": database.url,
        "BACKROW_DATABASE_OWNER_URL": database.owner_url,
        "BACKROW_SECRET_KEY": hashlib.sha256(b"only for tests").hexdigest(),
    }
    ended = subprocess.run(  # noqa: S603 - our own words
        command, capture_output=True, check=False, env={**os.environ, **ground}, text=True, timeout=_PATIENCE_S
    )
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()], ended.stderr


@pytest.mark.slow
def test_each_file_becomes_a_lesson_of_its_own_or_says_why_not(
    database: Database, sessions: sessionmaker[Session], amina: str, maker: Maker, tmp_path: Path
) -> None:
    film, text, empty = maker.lesson("plain.mp4").path, tmp_path / "text.mp4", tmp_path / "empty.mp4"
    text.write_bytes(b"Dear colleagues, here is my lesson plan.\n" * 100)
    empty.touch()
    status, lines, said = ingest(database, tmp_path, film, text, empty, "--owner", amina)
    assert status == 1, said
    assert [line["file"] for line in lines] == [str(film), str(text), str(empty)]
    good, bad, nothing = lines
    assert set(good) == {
        "file", "recording_id", "state", "error_code", "message", "duration_ms", "renditions", "seconds",
    }  # fmt: skip
    assert (good["state"], good["error_code"], good["duration_ms"]) == ("ready", None, 6000)
    assert good["renditions"] == ["240p"]
    assert (bad["state"], bad["error_code"]) == ("needs_attention", "not_video")
    assert bad["message"].startswith("We could not find a video")
    assert (nothing["recording_id"], nothing["error_code"]) == (None, "empty")
    with sessions() as session:
        kept = {str(recording.id): recording for recording in session.scalars(select(Recording))}
        assert set(kept) == {good["recording_id"], bad["recording_id"]}
        assert {recording.state for recording in kept.values()} == {RecordingState.PRIVATE}
        assert kept[good["recording_id"]].media_state == MediaState.READY
        assert session.scalars(select(Project.title)).all() == [OWN_LESSONS]
        assert session.scalar(select(func.count()).select_from(Cycle)) == 2, "what is refused begins no turn"
    status, again, said = ingest(database, tmp_path, film, "--owner", amina)
    assert status == 0, said
    assert again[0]["recording_id"] == good["recording_id"], "the same file isn't sent twice"
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(Upload)) == 2


def test_an_unknown_owner_or_project_is_said_in_a_sentence(database: Database, amina: str, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"x")
    status, lines, said = ingest(database, tmp_path, film, "--owner", "nobody@nowhere.example")
    assert (status, lines) == (1, [])
    assert "Nobody here has that address" in said
    nowhere = "01a21300-0000-7000-8000-000000000000"
    status, lines, said = ingest(database, tmp_path, film, "--owner", amina, "--project", nowhere)
    assert (status, lines) == (1, [])
    assert "can't find" in said


@pytest.mark.slow
def test_a_film_never_begins_a_turn_in_a_project_where_somebody_else_is_next(
    database: Database, sessions: sessionmaker[Session], maker: Maker, tmp_path: Path
) -> None:
    with sessions.begin() as session:
        world = World(session)
        for name in ("Amina", "Tom"):
            world.person(name)
        project = world.project("Amina", Amina=Capacity.TEACHER, Tom=Capacity.TEACHER)
        world.cycle(project, "Tom")
        email, project_id = world.account("Amina").email, project.id
    status, _, said = ingest(database, tmp_path, maker.lesson("plain.mp4").path, "--owner", email)
    assert status == 0, said
    with sessions() as session:
        turns = session.execute(select(Project.title, Cycle.number).join(Cycle, Cycle.project_id == Project.id)).all()
        assert sorted(turns) == [(OWN_LESSONS, 1), ("Questioning", 1)]
        kept = session.scalars(select(Recording)).one()
        assert kept.project_id != project_id
