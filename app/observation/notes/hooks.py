"""What happens in higher features before notes are read: they register here, in the factory; same transaction."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy.orm import Session

from app.authz import Actor

OnRead = Callable[[Session, Actor, UUID], None]

#: Called with (session, reader, recording id) just before somebody reads what was written on a lesson; from then on
#: what was shared with them can't be taken back unread.
on_read: list[OnRead] = []


class HookWithoutReceiver(RuntimeError):
    """Nobody listens to a hook on which a promise depends."""


def check() -> None:
    """Refuse to start while a hook has no receiver.

    Raises:
        HookWithoutReceiver: names it.
    """
    if not on_read:
        msg = "Nobody listens to notes.hooks.on_read: feedback could be taken back after it was read."
        raise HookWithoutReceiver(msg)


def about_to_read(session: Session, actor: Actor, recording_id: UUID) -> None:
    """Say that this person is about to read what was written on a lesson: call it before the words are selected."""
    for receiver in on_read:
        receiver(session, actor, recording_id)
