"""What the calendar asks for about people: secrets that are worth nothing any more are forgotten."""

from datetime import datetime

from app.people.accounts import links, service, throttling
from workers.registry import periodic
from workers.tools import Tools


@periodic("17 3 * * *")
def forget_old_doors(tools: Tools, _due: datetime) -> None:
    """Forget tries, links and devices that have long run out."""
    with tools.sessions.begin() as session:
        throttling.sweep(session)
        links.sweep(session)
        service.sweep(session)
