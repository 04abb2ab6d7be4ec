"""Jobs stand or fall with the rows that make them necessary."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.jobs import Job, Queue, enqueue


class Colour(StrEnum):
    """A fixed word."""

    RED = "red"


@dataclass(frozen=True)
class PaintDoor(Job):
    """A job with one field of each kind."""

    queue = Queue.MEDIA
    priority = 3
    door_id: UUID
    colour: Colour
    coats: int
    by: datetime
    helper_id: UUID | None = None


def door() -> PaintDoor:
    return PaintDoor(uuid4(), Colour.RED, 2, datetime(2026, 3, 12, 15, 4, tzinfo=UTC))


def waiting(sessions: sessionmaker[Session]) -> list[tuple[str, str, int, str | None]]:
    with sessions() as session:
        rows = session.execute(text("SELECT queue_name, task_name, priority, lock FROM procrastinate_jobs ORDER BY id"))
        return [tuple(row) for row in rows]


def test_a_job_of_a_rolled_back_act_was_never_there(sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        enqueue(session, door())
        session.rollback()
    assert waiting(sessions) == []


def test_a_job_is_seen_by_nobody_before_its_act_is_committed(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        enqueue(session, door(), lock="door")
        assert waiting(sessions) == []
    assert waiting(sessions) == [("media", "PaintDoor", 3, "door")]


def test_the_caller_may_say_what_goes_first(sessions: sessionmaker[Session]) -> None:
    with sessions.begin() as session:
        enqueue(session, door(), priority=9)
    assert waiting(sessions) == [("media", "PaintDoor", 9, None)]


def test_a_job_comes_back_from_the_queue_as_it_was(sessions: sessionmaker[Session]) -> None:
    job = door()
    with sessions.begin() as session:
        enqueue(session, job)
        kept = session.scalar(text("SELECT args FROM procrastinate_jobs"))
    assert PaintDoor.read(kept) == job


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"coats": "two"}, id="another type"),
        pytest.param({"colour": "blue"}, id="a word that is none of the fixed ones"),
        pytest.param({"door_id": 7}, id="no id"),
    ],
)
def test_what_is_not_a_job_is_not_read_as_one(broken: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not a PaintDoor"):
        PaintDoor.read(door().plain() | broken)


def test_words_that_people_wrote_have_no_room_in_a_job() -> None:
    @dataclass(frozen=True)
    class Careless(Job):
        queue = Queue.MAIL
        letter: list[str]

    with pytest.raises(TypeError, match="ids, numbers and fixed words"):
        Careless(["Dear colleague"]).plain()
