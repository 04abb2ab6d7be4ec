"""What happens to a lesson while a page is open: it is watched, prepared, paused."""

from sqlalchemy import update

from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.models import Recording
from tests.app.observation.scene import Scene


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
