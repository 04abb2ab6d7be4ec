"""Every policy, so that no rule is missing where the policy is asked: a rule that isn't imported says no."""

from app.agreements.cycles import policy as cycles
from app.agreements.projects import policy as projects
from app.agreements.protocols import policy as protocols
from app.lessons.clips import policy as clips
from app.lessons.playback import policy as playback
from app.lessons.recordings import policy as recordings
from app.lessons.uploads import policy as uploads
from app.observation.feedback import policy as feedback
from app.observation.notes import policy as notes
from app.people import rules as people
from app.reflection.targets import policy as targets

__all__ = [
    "clips",
    "cycles",
    "feedback",
    "notes",
    "people",
    "playback",
    "projects",
    "protocols",
    "recordings",
    "targets",
    "uploads",
]
