"""Whose film is worked on next: the queue's own order, read as workers read it."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session, sessionmaker

from app import clock
from app.agreements.cycles.models import Cycle
from app.lessons.media import forecast, keeping, turns
from app.lessons.media.models import Asset, Chunk
from app.lessons.recordings.models import MediaState, Recording
from tests.app.agreements.town import build

SPAN_MS = 32_000
#: How the queue hands out jobs: workers take the highest priority first, of equals the oldest.
_ORDER = text("""
    SELECT coalesce(job.args ->> 'chunk_id', job.args ->> 'upload_id')::uuid FROM procrastinate_jobs AS job
    WHERE status = 'todo' ORDER BY priority DESC, id
""")

Film = Callable[..., UUID]


@pytest.fixture
def film(sessions: sessionmaker[Session]) -> Film:
    """Have a film of so many pieces come from somebody."""
    with sessions.begin() as session:
        town = build(session)
        project, _ = town.agree("Amina", "Tom")
        cycle = session.scalars(select(Cycle).where(Cycle.project_id == project.id)).one()
        of = {name: (town[name].actor.person_id, town[name].school_id) for name in ("Amina", "Tom")}
        cycle_id = cycle.id

    def come(name: str, pieces: int = 10) -> UUID:
        with sessions.begin() as session:
            recording = _lesson(session, _turn(session, cycle_id), of[name], duration_ms=pieces * SPAN_MS)
            asset = Asset(
                alliance_id=recording.alliance_id,
                recording_id=recording.id,
                kind="source",
                upload_id=recording.id,
                source_key="r/x",
                size_bytes=1,
                facts={"notes": [], "renditions": [], "cost_s": pieces * 10.0},
            )
            session.add(asset)
            session.flush()
            chunks = [_chunk(asset, number) for number in range(pieces)]
            session.add_all(chunks)
            session.flush()
            turns.share_out(session, recording, chunks)
            return recording.id

    return come


def _turn(session: Session, like: UUID) -> Cycle:
    """Give another turn like this one."""
    first = session.get_one(Cycle, like)
    held = session.scalars(select(Cycle.id).where(Cycle.project_id == first.project_id)).all()
    turn = Cycle(
        alliance_id=first.alliance_id,
        project_id=first.project_id,
        number=len(held) + 1,
        teacher_id=first.teacher_id,
    )
    session.add(turn)
    session.flush()
    return turn


def _lesson(session: Session, turn: Cycle, owner: tuple[UUID, UUID], *, duration_ms: int) -> Recording:
    recording = Recording(
        alliance_id=turn.alliance_id,
        cycle_id=turn.id,
        project_id=turn.project_id,
        owner_id=owner[0],
        school_id=owner[1],
        title="A lesson",
        recorded_on=date(2026, 11, 2),
        delete_at=session.scalars(select(clock.now())).one() + timedelta(days=30),
        media_state=MediaState.PREPARING,
        duration_ms=duration_ms,
    )
    session.add(recording)
    session.flush()
    return recording


def _chunk(asset: Asset, number: int) -> Chunk:
    return Chunk(
        alliance_id=asset.alliance_id,
        asset_id=asset.id,
        kind="picture",
        number=number,
        in_ms=number * SPAN_MS,
        out_ms=(number + 1) * SPAN_MS,
        plan={},
    )


def order(session: Session) -> list[tuple[UUID, int]]:
    """List whose piece comes when: the recording, and the piece's number."""
    found = session.execute(select(Chunk.id, Asset.recording_id, Chunk.number).join(Asset, Asset.id == Chunk.asset_id))
    known = {row.id: (row.recording_id, row.number) for row in found}
    return [known[chunk_id] for chunk_id in session.scalars(_ORDER)]


def rest(session: Session) -> list[tuple[UUID, int]]:
    return [(recording, number) for recording, number in order(session) if number >= turns.OPENING_SPANS]


def test_twenty_films_of_one_do_not_hold_up_the_one_of_another(sessions: sessionmaker[Session], film: Film) -> None:
    many = [film("Amina") for _ in range(20)]
    one = film("Tom")
    with sessions() as session:
        line = order(session)
        openings = [recording for recording, number in line if number < turns.OPENING_SPANS]
        assert openings.index(one) <= turns.OPENING_SPANS, "its opening waits for one other's at most"
        places = [place for place, (recording, _) in enumerate(rest(session)) if recording == one]
        assert all(place <= 2 * nth + 1 for nth, place in enumerate(places)), "every second turn is Tom's"
        assert [number for recording, number in rest(session) if recording == one] == list(range(2, 10))
        first = [recording for recording, _ in rest(session) if recording != one]
        assert first == sorted(first, key=many.index), "a teacher's own films are made one after another"


def test_all_openings_come_before_the_rest(sessions: sessionmaker[Session], film: Film) -> None:
    for name in ("Amina", "Tom", "Amina", "Amina"):
        film(name)
    with sessions() as session:
        openings = [number < turns.OPENING_SPANS for _, number in order(session)]
        assert openings == [True] * 8 + [False] * 32


def test_whoever_comes_later_shares_from_then_on_and_starves_nobody(
    sessions: sessionmaker[Session], film: Film
) -> None:
    early = film("Amina", 60)
    with sessions.begin() as session:
        done = session.scalars(text("SELECT id FROM procrastinate_jobs ORDER BY priority DESC, id LIMIT 40")).all()
        session.execute(text("DELETE FROM procrastinate_jobs WHERE id = ANY(:done)"), {"done": done})
    late = film("Tom", 60)
    with sessions() as session:
        line = [recording for recording, _ in rest(session)]
    shared = line[:40]
    assert abs(shared.count(early) - shared.count(late)) <= 2


def test_what_somebody_watches_comes_first_front_to_back(sessions: sessionmaker[Session], film: Film) -> None:
    film("Amina")
    watched = film("Tom")
    with sessions.begin() as session:
        turns.hurry(session, session.get_one(Recording, watched))
    with sessions.begin() as session:
        turns.hurry(session, session.get_one(Recording, watched))
        assert rest(session)[:8] == [(watched, number) for number in range(2, 10)]
        assert [number < turns.OPENING_SPANS for _, number in order(session)][:4] == [True] * 4


def test_a_piece_that_lost_its_job_goes_before_the_rest(sessions: sessionmaker[Session], film: Film) -> None:
    film("Amina")
    with sessions.begin() as session:
        session.execute(text("DELETE FROM procrastinate_jobs WHERE id = (SELECT max(id) FROM procrastinate_jobs)"))
    with sessions.begin() as session:
        assert keeping.give_jobs(session) == 1
        assert {number for _, number in rest(session)[:2]} == {2, 9}


def test_the_forecast_grows_with_what_stands_before(sessions: sessionmaker[Session], film: Film) -> None:
    first = film("Amina")
    with sessions() as session:
        alone = forecast.ready_in_s(session, session.get_one(Recording, first))
    assert alone == pytest.approx(100.0)
    second = film("Tom")
    with sessions() as session:
        assert forecast.ready_in_s(session, session.get_one(Recording, second)) == pytest.approx(200.0)
        assert forecast.ready_in_s(session, session.get_one(Recording, first)) == pytest.approx(190.0)


def test_the_forecast_goes_by_the_pace_of_late(sessions: sessionmaker[Session], film: Film) -> None:
    lesson = film("Amina")
    with sessions.begin() as session:
        before = clock.now() - timedelta(seconds=100)
        done = select(Chunk.id).where(Chunk.number < 2)
        session.execute(update(Chunk).where(Chunk.id.in_(done)).values(done_at=before))
        session.execute(text("DELETE FROM procrastinate_jobs WHERE task_name = 'EncodeOpening'"))
    with sessions() as session:  # twenty seconds' worth in a hundred: eighty more take four hundred
        assert forecast.ready_in_s(session, session.get_one(Recording, lesson)) == pytest.approx(400.0, rel=0.05)


def test_a_machine_with_too_much_to_do_says_when(sessions: sessionmaker[Session], film: Film) -> None:
    for _ in range(20):
        film("Amina")
    last, other = film("Amina"), film("Tom")
    with sessions() as session:
        told = {lesson: forecast.said(session, session.get_one(Recording, lesson)) for lesson in (last, other)}
        assert told[last] == "The beginning can be watched in about 8 minutes."
        assert told[other] == "The beginning can be watched in about a minute."
        recording = session.get_one(Recording, other)
        recording.watchable_ms = SPAN_MS
        assert forecast.said(session, recording) == "All of it can be watched in about 10 minutes."


def test_there_is_no_forecast_of_what_is_not_being_made(sessions: sessionmaker[Session], film: Film) -> None:
    lesson = film("Amina")
    with sessions.begin() as session:
        recording = session.get_one(Recording, lesson)
        recording.media_state = MediaState.READY
        assert forecast.ready_in_s(session, recording) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "about a minute"),
        (61, "about 2 minutes"),
        (599, "about 10 minutes"),
        (601, "about 15 minutes"),
        (3600, "about 60 minutes"),
        (7200, "about 2 hours"),
        (9000, "about 3 hours"),
    ],
)
def test_it_is_said_as_roughly_as_it_is_known(seconds: float, words: str) -> None:
    assert forecast.in_words(seconds) == words


def test_the_queue_s_wait_is_all_that_is_to_be_made(film: Film, sessions: sessionmaker[Session]) -> None:
    with sessions() as session:
        assert forecast.queue_s(session) == 0
    first = film("Amina", pieces=10)
    film("Tom", pieces=5)
    with sessions() as session:
        assert forecast.queue_s(session) == pytest.approx(150)
    with sessions.begin() as session:
        asset_id = session.scalars(select(Asset.id).where(Asset.recording_id == first)).one()
        session.execute(update(Chunk).where(Chunk.asset_id == asset_id, Chunk.number < 4).values(kind="best"))
    with sessions() as session:
        assert forecast.queue_s(session) == pytest.approx(110)
