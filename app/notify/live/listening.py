"""One LISTEN connection a process, which wakes whoever waits for a topic."""

import logging
import threading
import time
from collections.abc import Callable, Collection
from typing import Final
from uuid import UUID

import psycopg

from app.errors import Unavailable

log = logging.getLogger(__name__)
CHANNEL: Final = "backrow_live"
#: So often the listener looks whether anybody still waits.
_LOOK_S: Final = 2.0
_AGAIN_S: Final = 1.0
#: So often a waiting stream looks whether its process is being stopped.
_STOPPING_S: Final = 1.0
#: So many places one person may have: nobody has more pages open than this, and looks at them.
MOST_EACH: Final = 8


class Ear:
    """One open stream's own bell."""

    def __init__(self, topics: Collection[str], stopping: Callable[[], bool], *, whose: UUID) -> None:
        """Wait for these topics, while the process isn't `stopping`."""
        self.topics, self.whose = frozenset(topics), whose
        self.stopping = stopping
        self._bell = threading.Event()

    def wait(self, timeout_s: float) -> None:
        """Wait until something may have been told, the process stops, or for so long."""
        deadline = time.monotonic() + timeout_s
        while not self.stopping() and (left_s := deadline - time.monotonic()) > 0:
            if self._bell.wait(min(left_s, _STOPPING_S)):
                break
        self._bell.clear()

    @property
    def rung(self) -> bool:
        """Tell whether the bell has rung since the last wait."""
        return self._bell.is_set()

    def ring(self) -> None:
        """Wake whoever waits."""
        self._bell.set()


class Hub:
    """All open streams of one process.

    The listener is started with the first stream, in the process that serves it (after any fork), and ends soon after
    the last. Bells are hints: each stream also looks by itself every few seconds, so a lost connection delays, no more.
    """

    def __init__(self, conninfo: str | None, *, most: int, stopping: Callable[[], bool] = lambda: False) -> None:
        """Listen at `conninfo` (past any pooler; None: streams look by themselves only) for `most` streams.

        `stopping` tells that the process is asked to end: its streams end first, and browsers come back to the next.
        """
        self._conninfo, self._most, self._stopping = conninfo, most, stopping
        self._ears: set[Ear] = set()
        self._lock = threading.Lock()
        self._listening = False

    def join(self, topics: Collection[str], *, whose: UUID) -> Ear:
        """Open a place for one more stream of a person.

        Raises:
            Unavailable: all places are taken, or all that one person may have (`streams_full`); the page asks every
                few seconds instead.
        """
        ear = Ear(topics, self._stopping, whose=whose)
        with self._lock:
            own = sum(other.whose == whose for other in self._ears)
            if len(self._ears) >= self._most or own >= MOST_EACH:
                raise Unavailable("streams_full", "Too many pages are open just now; this one asks again by itself.")
            self._ears.add(ear)
            if not self._listening and self._conninfo is not None:
                self._listening = True
                threading.Thread(target=self._listen, args=(self._conninfo,), name="live", daemon=True).start()
        return ear

    def leave(self, ear: Ear) -> None:
        """Give the place back; harmless when said twice."""
        with self._lock:
            self._ears.discard(ear)

    def _listen(self, conninfo: str) -> None:
        while self._wanted():
            try:
                with psycopg.connect(conninfo, autocommit=True) as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._ring(None)  # what was told while nobody listened
                    self._hear(connection)
            except psycopg.OperationalError:
                log.warning("live: the database doesn't answer; streams look by themselves until it does")
                threading.Event().wait(_AGAIN_S)

    def _hear(self, connection: psycopg.Connection) -> None:
        while self._wanted(ending=False):
            heard = {told.payload for told in connection.notifies(timeout=_LOOK_S, stop_after=1)}
            if heard:
                self._ring(heard)

    def _wanted(self, *, ending: bool = True) -> bool:
        with self._lock:
            if not self._ears and ending:
                self._listening = False
            return bool(self._ears)

    def _ring(self, topics: set[str] | None) -> None:
        with self._lock:
            ears = [ear for ear in self._ears if topics is None or not topics.isdisjoint(ear.topics)]
        for ear in ears:
            ear.ring()
