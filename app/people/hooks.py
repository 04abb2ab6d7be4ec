"""What happens in higher areas when people stop belonging: they register here, in the factory; same transaction."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

OnMembershipEnded = Callable[[Session, UUID, UUID], None]

#: Called with (session, person id, school id) when a membership has ended: lessons filmed at that school are to be
#: withdrawn, and agreements left if the person belongs to no other school of the alliance.
on_membership_ended: list[OnMembershipEnded] = []


class HookWithoutReceiver(RuntimeError):
    """Nobody listens to a hook on which a promise depends."""


def check() -> None:
    """Refuse to start while a hook has no receiver.

    Raises:
        HookWithoutReceiver: names it.
    """
    if not on_membership_ended:
        msg = "Nobody listens to people.hooks.on_membership_ended: lessons of someone who leaves would stay open."
        raise HookWithoutReceiver(msg)
