"""What open pages are told: with the act or not at all, asked of the policy when it is sent, ended with the device."""

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.wrappers import Response

from app import clock as database_clock
from app.agreements.consents.models import Objection
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.errors import Unavailable
from app.home.live.stream import COMMENT, LOOK_S, RETRY
from app.lessons.recordings.models import Recording
from app.notify.live.listening import MOST_EACH, Hub
from app.notify.live.models import LiveEvent
from app.notify.live.service import sweep, tell_live
from app.people.accounts.models import Device
from tests.app.home.happening import Event, act, polled, prepared, watched
from tests.app.observation.scene import Scene
from tests.conftest import Clock, Database


def events(lines: Iterator[str]) -> Iterator[Event]:
    """Read a stream as a browser does."""
    for block in lines:
        fields = dict(line.split(": ", 1) for line in block.strip().splitlines() if not line.startswith(":"))
        if "event" in fields:
            yield Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))


def lines(answer: Response) -> Iterator[str]:
    return (chunk.decode() for chunk in answer.iter_encoded())


def test_an_event_is_kept_with_its_act_or_not_at_all(session: Session) -> None:
    tell_live(session, "cycle:1", "cycle.state", {"state": "closed"}, alliance_id=UUID(int=1))
    session.rollback()
    assert session.scalars(select(LiveEvent)).all() == []
    tell_live(session, "cycle:1", "cycle.state", {"state": "closed"}, alliance_id=UUID(int=1))
    session.commit()
    assert [event.event for event in session.scalars(select(LiveEvent))] == ["cycle.state"]


def test_events_are_numbered_in_the_order_in_which_they_were_kept(sessions: sessionmaker[Session]) -> None:
    with sessions() as slow, sessions() as quick, sessions() as reader:
        tell_live(slow, "cycle:1", "first.written", {}, alliance_id=UUID(int=1))
        tell_live(quick, "cycle:1", "first.kept", {}, alliance_id=UUID(int=1))
        quick.commit()
        slow.commit()
        told = reader.scalars(select(LiveEvent.event).order_by(LiveEvent.id)).all()
    assert told == ["first.kept", "first.written"], "A page that has read the first would never get the second."


def test_a_kept_event_wakes_who_waits_and_one_rolled_back_doesnt(
    database: Database, sessions: sessionmaker[Session]
) -> None:
    hub = Hub(database.conninfo, most=2)
    mine, other = (hub.join([topic], whose=uuid4()) for topic in ("cycle:1", "cycle:2"))
    try:
        mine.wait(10)  # the first bell: the listener is there
        other.wait(10)
        with sessions() as session:
            tell_live(session, "cycle:2", "cycle.state", {}, alliance_id=UUID(int=1))
            session.rollback()
            tell_live(session, "cycle:1", "cycle.state", {}, alliance_id=UUID(int=1))
            session.commit()
        began = time.monotonic()
        mine.wait(10)
        assert time.monotonic() - began < 2
        assert not other.rung
    finally:
        hub.leave(mine)
        hub.leave(other)


def test_how_far_a_film_is_is_told_to_who_may_know_of_it(scene: Scene, topics: str) -> None:
    prepared(scene, 40)
    for who in ("Tom", "Amina"):
        (told,) = polled(scene, who, topics)
        assert (told.event, told.data["percent"], told.data["media_state"]) == ("recording.media", 40, "ready")
    for outsider in ("Joan", "Zoe"):
        assert polled(scene, outsider, topics) == []


def test_p7_between_two_events_a_lesson_is_withdrawn_and_only_that_is_told(scene: Scene, topics: str) -> None:
    watched(scene, "Amina")
    with scene["Amina"].get(f"/api/v1/events?topics={topics}&after=0") as answer:
        stream = events(lines(answer))
        prepared(scene, 40)
        first = next(stream)
        assert first.event == "recording.media"
        act(scene, "withdraw")
        prepared(scene, 60)
        second = next(stream)
    assert (second.event, second.data) == ("access.changed", {"recording_id": str(scene.ids["recording"])})
    told_her = {told.event for told in polled(scene, "Amina", topics, first.id)}
    assert told_her == {"access.changed", "cycle.state"}, "Where the turn stands, she may still know."
    assert "recording.media" in [told.event for told in polled(scene, "Tom", topics, first.id)]


@pytest.mark.parametrize("verb", ["pause", "withdraw", "erase"])
def test_whoever_was_handed_a_piece_lately_is_told_that_access_changed(scene: Scene, verb: str, clock: Clock) -> None:
    watched(scene, "Priya")
    clock.forward(hours=25)
    watched(scene, "Amina", "Amina")
    act(scene, verb)
    assert [told.event for told in polled(scene, "Amina", "me")] == ["access.changed"]
    assert polled(scene, "Priya", "me") == []
    assert polled(scene, "Joan", "me") == []


def test_resuming_is_told_too(scene: Scene) -> None:
    act(scene, "pause")
    watched(scene, "Amina")
    act(scene, "resume")
    assert [told.event for told in polled(scene, "Amina", "me")] == ["access.changed"]


def test_a_proposal_and_an_objection_are_told_for_the_lessons_that_they_close(scene: Scene) -> None:
    watched(scene, "Amina")
    with scene.sessions.begin() as session:
        version = session.get_one(ProtocolVersion, scene.ids["version"])
        version.state, version.ended_at = VersionState.SUPERSEDED, session.scalar(select(database_clock.now()))
    (proposed,) = polled(scene, "Amina", "me")
    with scene.sessions.begin() as session:
        recording = session.get_one(Recording, scene.ids["recording"])
        for class_code in ("another class", recording.class_code):
            session.add(
                Objection(
                    alliance_id=recording.alliance_id,
                    school_id=recording.school_id,
                    class_code=class_code,
                    from_on=recording.recorded_on,
                    until_on=recording.recorded_on,
                    recorded_by=scene.ids["Joan"],
                )
            )
    (objected,) = polled(scene, "Amina", "me", proposed.id)
    assert (proposed.event, objected.event) == ("access.changed", "access.changed")


def test_shared_feedback_is_told_to_who_may_read_it(scene: Scene, topics: str) -> None:
    note = scene.note("Amina", "Six seconds after why.")
    assert scene.share("Amina", note["id"]).status_code == 201
    told = {event.event: event.data for event in polled(scene, "Tom", topics)}
    assert {"feedback.released", "cycle.state", "me.steps"} <= set(told)
    assert told["cycle.state"] == {"cycle_id": str(scene.ids["cycle"]), "state": "fed_back"}
    assert "feedback.released" not in [event.event for event in polled(scene, "Priya", topics)]
    assert "Six seconds" not in str(told)


def test_a_stream_goes_on_where_the_browser_was(scene: Scene, topics: str) -> None:
    for percent in (10, 20, 30):
        prepared(scene, percent)
    first, *_ = polled(scene, "Tom", topics)
    headers = {"Last-Event-ID": str(first.id)}
    with scene["Tom"].get(f"/api/v1/events?topics={topics}&after=0", headers=headers) as answer:
        assert answer.mimetype == "text/event-stream"
        stream = events(lines(answer))
        assert [next(stream).data["percent"], next(stream).data["percent"]] == [20, 30]


def test_p27_the_stream_of_an_ended_device_closes_within_five_seconds(scene: Scene) -> None:
    with scene["Amina"].get("/api/v1/events?topics=me") as answer:
        stream = lines(answer)
        assert next(stream) == "retry: 3000\n\n"
        with scene.sessions.begin() as session:
            ended = session.scalar(select(database_clock.now()))
            session.execute(update(Device).where(Device.person_id == scene.ids["Amina"]).values(ended_at=ended))
        began = time.monotonic()
        assert list(stream) == []
    assert time.monotonic() - began < 5


def test_an_open_page_doesnt_keep_its_device_in_use(scene: Scene, clock: Clock) -> None:
    def seen_at() -> object:
        with scene.sessions.begin() as session:
            return session.scalars(select(Device.seen_at).where(Device.person_id == scene.ids["Amina"])).one()

    before = seen_at()
    clock.forward(hours=1)
    polled(scene, "Amina", "me")
    assert seen_at() == before
    scene["Amina"].get("/me")
    assert seen_at() != before


def test_a_bell_for_what_isnt_theirs_sends_a_stranger_nothing(scene: Scene, topics: str, database: Database) -> None:
    scene.app.extensions["backrow"] = replace(scene.app.extensions["backrow"], listen_conninfo=database.conninfo)
    with scene["Zoe"].get(f"/api/v1/events?topics={topics}") as answer:
        stream = lines(answer)
        assert next(stream) == RETRY
        began = time.monotonic()
        happens = threading.Timer(LOOK_S / 2, prepared, [scene, 40])
        happens.start()
        assert next(stream) == COMMENT
        assert time.monotonic() - began > LOOK_S * 0.9
        happens.join()


def test_nobody_takes_the_places_of_others_and_past_ones_own_a_page_asks_instead(scene: Scene) -> None:
    open_ones = [scene["Amina"].get("/api/v1/events?topics=me") for _ in range(MOST_EACH)]
    try:
        refused = scene["Amina"].get("/api/v1/events?topics=me")
        assert (refused.status_code, refused.get_json()["code"]) == (503, "streams_full")
        assert polled(scene, "Amina", "me") == []
        with scene["Tom"].get("/api/v1/events?topics=me") as let_in:
            assert let_in.status_code == 200
    finally:
        for answer in open_ones:
            answer.close()
    with scene["Amina"].get("/api/v1/events?topics=me") as let_in:
        assert let_in.status_code == 200


def test_past_the_last_place_nobody_is_let_in() -> None:
    hub = Hub(None, most=3)
    ears = [hub.join(["me"], whose=uuid4()) for _ in range(3)]
    with pytest.raises(Unavailable, match="Too many pages"):
        hub.join(["me"], whose=uuid4())
    hub.leave(ears[0])
    hub.join(["me"], whose=uuid4())


def test_what_was_told_is_forgotten_after_a_day_and_a_page_that_slept_longer_begins_anew(
    scene: Scene, topics: str, clock: Clock
) -> None:
    prepared(scene, 10)
    (old,) = polled(scene, "Tom", topics)
    clock.forward(hours=24)
    with scene.sessions.begin() as session:
        sweep(session)
    assert polled(scene, "Tom", topics) == [old]
    clock.forward(hours=2)
    prepared(scene, 20)
    with scene.sessions.begin() as session:
        sweep(session)
    assert [event.event for event in polled(scene, "Tom", topics, old.id)] == ["sync.reset", "recording.media"]


@pytest.mark.parametrize(
    "asked", ["", "you", "recording:7", "person:00000000-0000-0000-0000-000000000000", "me&after=x"]
)
def test_topics_that_cant_be_read_are_refused(scene: Scene, asked: str) -> None:
    for address in ("events", "events/poll"):
        assert scene["Tom"].get(f"/api/v1/{address}?topics={asked}").status_code == 422


def test_nobody_is_told_without_signing_in(scene: Scene) -> None:
    for address in ("events", "events/poll"):
        assert scene.app.test_client().get(f"/api/v1/{address}?topics=me").status_code == 401
