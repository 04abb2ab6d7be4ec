"""Every model, so that Alembic and start-up know all tables."""

from app.agreements.consents import models as consents
from app.agreements.cycles import models as cycles
from app.agreements.projects import models as projects
from app.agreements.protocols import models as protocols
from app.audit import models as audit
from app.custody.erasure import models as erasure
from app.db import Base
from app.lessons.blurs import models as blurs
from app.lessons.captions import models as captions
from app.lessons.clips import models as clips
from app.lessons.exports import models as exports
from app.lessons.media import models as media
from app.lessons.phases import models as phases
from app.lessons.playback import models as playback
from app.lessons.recordings import models as recordings
from app.lessons.uploads import models as uploads
from app.notify import models as notify
from app.notify.live import models as live
from app.observation.feedback import models as feedback
from app.observation.notes import models as notes
from app.people.accounts import models as accounts
from app.people.alliances import models as alliances
from app.people.guests import models as guests
from app.people.memberships import models as memberships
from app.reflection.targets import models as targets

metadata = Base.metadata

__all__ = [
    "accounts",
    "alliances",
    "audit",
    "blurs",
    "captions",
    "clips",
    "consents",
    "cycles",
    "erasure",
    "exports",
    "feedback",
    "guests",
    "live",
    "media",
    "memberships",
    "metadata",
    "notes",
    "notify",
    "phases",
    "playback",
    "projects",
    "protocols",
    "recordings",
    "targets",
    "uploads",
]
