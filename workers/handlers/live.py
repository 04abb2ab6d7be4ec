"""What the calendar asks for about open pages: what was told is forgotten after a day."""

from datetime import datetime

from app.notify.live import service
from workers.registry import periodic
from workers.tools import Tools


@periodic("23 * * * *")
def forget_what_was_told(tools: Tools, _due: datetime) -> None:
    """Forget events that no page waits for any more."""
    with tools.sessions.begin() as session:
        service.sweep(session)
