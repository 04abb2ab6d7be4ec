"""The jobs that erase for good."""

from dataclasses import dataclass
from uuid import UUID

from app.jobs import Job, Queue


@dataclass(frozen=True)
class EraseRecording(Job):
    """Erase everything of a recording that is closed for good, and prove that nothing is left."""

    queue = Queue.INTERACTIVE
    priority = 100
    attempts = 50
    recording_id: UUID


@dataclass(frozen=True)
class EraseLeftOver(Job):
    """Erase what a blurred copy leaves over: earlier previews, a copy thrown away, the film once one is settled."""

    queue = Queue.INTERACTIVE
    priority = 90
    attempts = 50
    recording_id: UUID
