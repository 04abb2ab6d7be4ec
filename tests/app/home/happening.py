"""What happens to a lesson while a page is open, and what the page hears of it."""

from dataclasses import dataclass

from sqlalchemy import update

from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.models import Recording
from tests.app.observation.scene import Scene


@dataclass
class Event:
    """One event as a page gets it."""

    id: int
    event: str
    data: dict[str, object]


def polled(scene: Scene, who: str, topics: str, after: int | str = 0) -> list[Event]:
    """Ask what somebody is told."""
    answer = scene[who].get(f"/api/v1/events/poll?topics={topics}&after={after}")
    assert answer.status_code == 200, answer.text
    return [Event(int(told["id"]), told["event"], told["data"]) for told in answer.get_json()["events"]]


def prepared(scene: Scene, percent: int) -> None:
    """Let a worker get so far."""
    with scene.sessions.begin() as session:
        session.execute(
            update(Recording).where(Recording.id == scene.ids["recording"]).values(prepared_percent=percent)
        )


def watched(scene: Scene, *names: str) -> None:
    """Let people be handed a segment."""
    with scene.sessions.begin() as session:
        recording = session.get_one(Recording, scene.ids["recording"])
        for name in names:
            session.add(
                AccessEvent(
                    alliance_id=recording.alliance_id,
                    recording_id=recording.id,
                    person_id=scene.ids[name],
                    what="segment",
                    clause="watch_named",
                )
            )


def act(scene: Scene, verb: str) -> None:
    """Let Tom pause, resume, withdraw or erase his lesson."""
    answer = scene["Tom"].post(f"{scene.lesson}/{verb}")
    assert answer.status_code in (200, 303), answer.text
