"""A step: one thing to do now, with its reason, its minutes and its day."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

#: A lesson on the home page is opened and noted on in ten minutes.
WATCHING_MINUTES = 10
_NO_DAY = datetime.min.replace(tzinfo=UTC)


class Rung(IntEnum):
    """What comes before what; within a rung the earlier day, then the title."""

    #: something of mine goes soon
    AT_RISK = 1
    #: a protocol to put to the group, or to sign: nobody watches anybody before that
    TO_AGREE = 2
    #: somebody can't go on before I do
    SOMEONE_WAITS = 3
    #: begun, not finished
    IN_HAND = 4
    #: my turn comes
    MY_TURN = 5
    #: a small good thing, when nothing waits
    SMALLEST = 6


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing to do: `title` says what and for whom, `label` stands on the button.

    Where the button does it at once, it is sent to `post`; in a list the step leads to `href` all the same.
    """

    rung: Rung
    title: str
    label: str
    href: str
    minutes: int
    due_at: datetime | None = None
    facts: tuple[str, ...] = ()
    post: str = ""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """Somebody whom I wait for, and what for."""

    who: str
    what: str
    due_at: datetime | None = None
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class CameIn:
    """Something that came in, told only while its reader may know of it."""

    words: str
    href: str
    at: datetime


def in_order(steps: list[Step]) -> list[Step]:
    """Sort steps: by rung, then by day (none comes last), then by title, so that they keep their order."""
    return sorted(steps, key=lambda step: (step.rung, step.due_at is None, step.due_at or _NO_DAY, step.title))
