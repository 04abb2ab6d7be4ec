"""What happens in higher areas when an agreement changes: they register here, in the factory; same transaction."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

OnLeft = Callable[[Session, UUID, UUID], None]

#: Called with (session, project id, person id) when somebody has left a project, whatever the reason; their
#: lessons in it are to be withdrawn before the transaction ends.
on_left: list[OnLeft] = []


class HookWithoutReceiver(RuntimeError):
    """Nobody listens to a hook on which a promise depends."""


def check() -> None:
    """Refuse to start while a hook has no receiver.

    Raises:
        HookWithoutReceiver: names it.
    """
    if not on_left:
        msg = "Nobody listens to agreements.hooks.on_left: lessons of someone who leaves would stay open."
        raise HookWithoutReceiver(msg)
