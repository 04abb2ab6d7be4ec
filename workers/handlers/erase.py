"""Erasing recordings: those that their teacher erased, and those whose date has come."""

from datetime import datetime

from app.custody.erasure import leftovers
from app.custody.erasure import service as erasure
from app.jobs.erasing import EraseLeftOver, EraseRecording
from app.lessons.recordings import service as recordings
from workers.registry import handles, periodic
from workers.tools import Tools


@handles(EraseRecording)
def erase_recording(job: EraseRecording, tools: Tools) -> None:
    """Erase a recording's objects, see that none is left, then its rows.

    A crash in between leaves it closed and the job waiting: it starts again from the storage, until nothing is left.
    """
    with tools.sessions.begin() as session:
        found = erasure.find_to_erase(session, job.recording_id)
    if found is None:
        return
    objects = tools.storage.erase_prefix(found.prefix)
    with tools.sessions.begin() as session:
        erasure.scrub(session, job.recording_id, objects=objects)


@handles(EraseLeftOver)
def erase_left_over(job: EraseLeftOver, tools: Tools) -> None:
    """Erase what a blurred copy leaves over, look once more whether anything came since, and only then drop its rows.

    A crash in between leaves the job waiting: it starts again from the storage, until nothing is left.
    """
    objects = 0
    while prefixes := _left_over(job, tools):
        objects += sum(tools.storage.erase_prefix(prefix) for prefix in prefixes)
    with tools.sessions.begin() as session:
        leftovers.erased(session, job.recording_id, objects=objects)


def _left_over(job: EraseLeftOver, tools: Tools) -> list[str]:
    keys = list(tools.storage.keys(f"r/{job.recording_id}"))
    with tools.sessions.begin() as session:
        return leftovers.leftovers(session, job.recording_id, keys)


@periodic("*/10 * * * *")
def erase_what_is_due(tools: Tools, _due: datetime) -> None:
    """Begin to erase what has reached its date."""
    with tools.sessions.begin() as session:
        recordings.erase_due(session)
