"""What one person is told now: what they asked for, and nothing that the policy doesn't let them know."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.agreements.cycles.models import Cycle
from app.agreements.protocols.models import ProtocolVersion
from app.authz import Action, Actor, may
from app.db import Base
from app.errors import Invalid
from app.lessons.recordings.models import Recording
from app.notify.live import queries
from app.notify.live.models import LiveEvent
from app.observation.feedback.models import Feedback

MOST_TOPICS: Final = 20
#: By a topic's first word: what somebody must be allowed to do to its thing, at the moment of sending.
ASKED: Final[dict[str, tuple[Action, type[Base]]]] = {
    "recording": (Action.REC_LIST, Recording),
    "cycle": (Action.CYCLE_READ, Cycle),
}
#: Events that name another thing, which has a rule of its own: by the event, where in its data the thing stands.
ALSO_ASKED: Final[dict[str, tuple[str, Action, type[Base]]]] = {
    "feedback.released": ("feedback_id", Action.FEEDBACK_READ, Feedback),
    "protocol.signed": ("version_id", Action.PROTOCOL_READ, ProtocolVersion),
}


@dataclass(frozen=True)
class Told:
    """What is sent now, and the number after which to look next time."""

    events: list[LiveEvent]
    upto: int
    #: more is waiting than fits into one sending
    more: bool
    #: events may have been missed: the page fetches everything anew
    reset: bool = False


def topics_of(actor: Actor, asked: str) -> tuple[str, ...]:
    """Read `me,recording:<id>,cycle:<id>`; ids that aren't theirs are taken too, and stay silent.

    Raises:
        Invalid: it can't be read, or is too much (`topics_unclear`).
    """
    topics = {_topic(actor, word.strip()) for word in asked.split(",") if word.strip()}
    if not topics or len(topics) > MOST_TOPICS:
        raise _unclear()
    return tuple(sorted(topics))


def begin(session: Session, after: int | None) -> int:
    """Say from where a page is told: from where it was, or from a moment ago where it says nothing."""
    return queries.a_moment_ago(session) if after is None else after


def tell_now(session: Session, actor: Actor, topics: tuple[str, ...], after: int) -> Told:
    """Give what may be sent of everything since `after`, asked of the policy now."""
    found = _of_open_topics(session, actor, topics, after)
    events = [event for event in found if _may_know_more(session, actor, event)]
    more = len(found) == queries.MOST_AT_ONCE
    # The number goes to the page, so it moves by what the page is told: else it says that something happened elsewhere.
    upto = found[-1].id if more else events[-1].id if events else after
    oldest = queries.oldest(session)
    reset = 0 < after < oldest  # rows that followed may have been swept: nothing as old as that is left
    return Told(events=events, upto=max(upto, oldest) if reset else upto, more=more, reset=reset)


def _of_open_topics(session: Session, actor: Actor, topics: tuple[str, ...], after: int) -> list[LiveEvent]:
    """List what happened on topics that one may know of; only those on which something did are asked for."""
    known: dict[str, bool] = {}
    while True:
        looked_at = [topic for topic in topics if known.get(topic, True)]
        found = queries.since(session, alliance_id=actor.alliance_id, topics=looked_at, after=after)
        unasked = {event.topic for event in found} - set(known)
        known |= {topic: _may_know(session, actor, topic) for topic in unasked}
        if all(known[topic] for topic in unasked):
            return found


def _topic(actor: Actor, word: str) -> str:
    if word == "me":
        return f"me:{actor.person_id}"
    kind, _, thing = word.partition(":")
    try:
        if kind in ASKED:
            return f"{kind}:{UUID(thing)}"
    except ValueError:
        pass
    raise _unclear()


def _unclear() -> Invalid:
    return Invalid("topics_unclear", f"Name up to {MOST_TOPICS} topics: `me`, `recording:<id>` or `cycle:<id>`.")


def _may_know(session: Session, actor: Actor, topic: str) -> bool:
    kind, _, thing = topic.partition(":")
    if kind == "me":
        return UUID(thing) == actor.person_id
    action, model = ASKED[kind]
    return may(session, actor, action, model, UUID(thing))


def _may_know_more(session: Session, actor: Actor, event: LiveEvent) -> bool:
    if event.event not in ALSO_ASKED:
        return True
    name, action, model = ALSO_ASKED[event.event]
    return may(session, actor, action, model, UUID(event.data[name]))
