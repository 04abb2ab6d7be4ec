"""One open stream: woken by what is told, it looks, asks, and sends; and ends with the device that opened it."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy.orm import Session, sessionmaker

from app.home.live.telling import Told, begin, tell_now
from app.notify.live.listening import Ear
from app.people.accounts.devices import still_signed_in
from app.web.unit import SignedIn

#: A stream of a device that was ended is closed within 5 s (P27); it looks a little sooner.
LOOK_S: Final = 4.0
RETRY: Final = "retry: 3000\n\n"
COMMENT: Final = ": still here\n\n"


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Whose stream it is, what it asks for, and from where."""

    sessions: sessionmaker[Session]
    who: SignedIn
    topics: tuple[str, ...]
    after: int | None

    def lines(self, ear: Ear) -> Iterator[str]:
        """Give what is sent, until the device is ended or the browser goes."""
        yield RETRY
        after, due = self.after, time.monotonic() + LOOK_S
        while not ear.stopping() and (told := self._look(after)) is not None:
            after = told.upto
            if told.reset:
                yield _line("sync.reset", {}, after)
            for event in told.events:
                yield _line(event.event, event.data, event.id)
            if time.monotonic() >= due:
                # Finds out that the browser has gone, so that its place is free. By the clock alone, never by a bell:
                # a line at that moment would tell a stranger that something happened to a thing that isn't theirs.
                yield COMMENT
                due = time.monotonic() + LOOK_S
            if not told.more:
                ear.wait(due - time.monotonic())

    def _look(self, after: int | None) -> Told | None:
        """Look what there is to send; None once the device isn't signed in any more."""
        with self.sessions.begin() as session:
            if not still_signed_in(session, self.who):
                return None
            told = tell_now(session, self.who.actor, self.topics, begin(session, after))
            session.expunge_all()
            return told


def _line(event: str, data: dict[str, object], number: int) -> str:
    return f"id: {number}\nevent: {event}\ndata: {json.dumps(data, separators=(',', ':'))}\n\n"
