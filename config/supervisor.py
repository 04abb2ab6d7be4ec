"""All of Backrow under one roof: database, steps, web, workers, clock. What dies is started again; all stop together.

One thread only: each child is to end with this very thread (see `config.children`), and nothing here may be locked.
"""

import os
import selectors
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TextIO

from config import children, migrating, wire
from config.accounts import PostgresTrouble
from config.children import Child
from config.embedded import cluster
from config.lock import SERVE, DataLock
from config.settings import Settings

_TICK_S, _STEADY_S = 0.2, 60.0
_FIRST_DELAY_S, _LONGEST_DELAY_S = 0.5, 30.0
#: Workers let a running job finish for 10 s and then break it off: what isn't gone by then is killed.
_STOP_S = 20.0
_COMMAND_S = 15.0


@dataclass(eq=False)
class Watched:
    """One child: how to start it, and how it has been doing."""

    name: str
    begin: Callable[[], Child]
    child: Child | None = None
    began_at: float = 0.0
    falls: int = 0
    due_at: float = 0.0


@dataclass
class Supervisor:
    """Runs everything until it is told to stop."""

    settings: Settings
    ready: Callable[[], str]
    out: TextIO = sys.stdout
    _watched: list[Watched] = field(default_factory=list)
    _pipes: selectors.BaseSelector = field(default_factory=selectors.DefaultSelector)
    _asked: int = 0

    _unfinished: dict[str, bytes] = field(default_factory=dict)

    def run(self) -> None:
        """Start all, keep all going, stop all; return when nothing is left.

        Raises:
            Taken: another Backrow has the data folder; nothing was started.
            PostgresTrouble: the database does not start; nothing is left running.
        """
        lock = DataLock.take(self.settings.data, SERVE, patience_s=_COMMAND_S)
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sent, self._ask)  # the loop looks at it: nothing may be printed within a signal
        database = cluster(self.settings)
        try:
            if self.settings.embedded:
                self._begin(Watched("database", partial(database.start, output=children.PIPE)))
            for step in migrating.upgrade(wire.owner_url(self.settings)):
                self._say("migrate", step)
            for name, words in self._processes():
                command = [sys.executable, "-m", "config.cli", *words]
                self._begin(Watched(name, partial(children.start, command, output=children.PIPE)))
            self._keep_going()
        finally:
            self._stop()
            database.stop()
            lock.release()

    def _processes(self) -> list[tuple[str, list[str]]]:
        # One worker keeps a slot free for what somebody is waiting for, however long the other films take.
        slots = str(max(1, (os.cpu_count() or 2) - 1))
        media = ["worker", "--queue", "interactive", "--queue", "media", "--slots", slots]
        quick = ["worker", "--queue", "interactive", "--queue", "mail", "--slots", "1"]
        return [("web", ["web"]), ("media", media), ("quick", quick), ("clock", ["clock"])]

    def _begin(self, watched: Watched) -> None:
        if watched not in self._watched:
            self._watched.append(watched)
        watched.child, watched.began_at = watched.begin(), time.monotonic()
        if watched.child.stdout is not None:
            os.set_blocking(watched.child.stdout.fileno(), False)
            self._pipes.register(watched.child.stdout, selectors.EVENT_READ, watched.name)

    def _keep_going(self) -> None:
        said = False
        while not self._asked:
            self._listen()
            for watched in self._watched:
                self._look_after(watched)
            if not said and (words := self.ready()):
                self._say("backrow", words)
                said = True

    def _look_after(self, watched: Watched) -> None:
        now = time.monotonic()
        if watched.child is not None and watched.child.poll() is not None:
            steady = now - watched.began_at > _STEADY_S
            watched.falls = 1 if steady else watched.falls + 1
            delay_s = min(_FIRST_DELAY_S * 2 ** (watched.falls - 1), _LONGEST_DELAY_S)
            status, watched.child, watched.due_at = watched.child.returncode, None, now + delay_s
            self._say("backrow", f"{watched.name} ended (status {status}); it is started again in {delay_s:.1f} s")
        elif watched.child is None and now >= watched.due_at:
            try:
                self._begin(watched)
            except PostgresTrouble as trouble:
                self._say("backrow", str(trouble))
                watched.falls, watched.due_at = watched.falls + 1, now + _LONGEST_DELAY_S

    def _stop(self) -> None:
        """Stop all but the database, which the others still need; then nothing of theirs is left."""
        self._say("backrow", "stopping; once more stops at once")
        running = [w.child for w in self._watched if w.name != "database" and w.child and w.child.poll() is None]
        for child in running:
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_S
        while any(child.poll() is None for child in running) and time.monotonic() < deadline and self._asked <= 1:
            self._listen()
        for child in running:
            children.end(child, first=signal.SIGKILL)

    def _ask(self, *_: object) -> None:
        self._asked += 1

    def _listen(self) -> None:
        for key, _ in self._pipes.select(timeout=_TICK_S):
            said = os.read(key.fd, 65_536)
            *lines, rest = (self._unfinished.pop(key.data, b"") + said).split(b"\n")
            if said:
                self._unfinished[key.data] = rest
            else:
                self._pipes.unregister(key.fileobj)
                lines += [rest] if rest else []
            for line in lines:
                self._say(key.data, line.decode(errors="replace"))

    def _say(self, name: str, line: str) -> None:
        print(f"{name:<8} | {line}", file=self.out, flush=True)
