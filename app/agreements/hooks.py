"""What happens in higher areas when an agreement changes: they register here, in the factory; same transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.authz import Actor


@dataclass(frozen=True, kw_only=True)
class Link:
    """Something that a higher area offers on a turn's card: `main` asks to be the page's one main action."""

    label: str
    href: str
    main: bool = False


OnLeft = Callable[[Session, UUID, UUID], None]

#: Called with (session, project id, person id) when somebody has left a project, whatever the reason; their
#: lessons in it are to be withdrawn before the transaction ends.
on_left: list[OnLeft] = []

LinksOfTurns = Callable[[Session, Actor, list[UUID]], dict[UUID, list[Link]]]

#: Called with all the turns on a page at once; gives the links that this person may follow from each, such as the
#: lesson to watch. Nobody needs to listen.
links_of_turns: list[LinksOfTurns] = []


OnObjection = Callable[[Session, UUID], None]

#: Called with an objection's id when it was recorded; the teachers whose lessons it closes are to be told.
on_objection: list[OnObjection] = []

LessonsGone = Callable[[Session, list[UUID]], dict[UUID, str]]

#: Called with all the turns on a page at once; gives those whose lesson is gone for good, each with a word for it.
#: Nobody needs to listen.
lessons_gone: list[LessonsGone] = []


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
    if not on_objection:
        msg = "Nobody listens to agreements.hooks.on_objection: teachers would not hear why nobody can watch."
        raise HookWithoutReceiver(msg)


def turn_links(session: Session, actor: Actor, cycle_ids: list[UUID]) -> dict[UUID, list[Link]]:
    """Gather what higher areas offer on each of these turns."""
    found: dict[UUID, list[Link]] = {cycle_id: [] for cycle_id in cycle_ids}
    for receiver in links_of_turns:
        for cycle_id, links in receiver(session, actor, cycle_ids).items():
            found[cycle_id].extend(links)
    return found


def turns_without_lesson(session: Session, cycle_ids: list[UUID]) -> dict[UUID, str]:
    """Say of which turns the lesson is gone for good, and in a word how."""
    return {cycle_id: word for receiver in lessons_gone for cycle_id, word in receiver(session, cycle_ids).items()}
