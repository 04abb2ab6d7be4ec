"""Films that workers read: in place where the storage has files, else one copy for all pieces of a film."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

from app.lessons.media import chunks
from workers.tools import Scratch, Tools

#: A film may be many gigabytes: beyond so many copies, one that nobody reads just now is let go.
MOST_COPIES = 3


@dataclass
class _Copy:
    """One film on this machine; `arriving` is held while it is being fetched."""

    place: ExitStack
    arriving: threading.Lock = field(default_factory=threading.Lock)
    path: Path | None = None
    readers: int = 0


class Sources:
    """The films at hand in one worker process, shared by its threads."""

    def __init__(self, tools: Tools) -> None:
        self._storage, self._scratch = tools.storage, tools.scratch
        self._copies: dict[str, _Copy] = {}
        self._lock = threading.Lock()

    @contextmanager
    def source(self, key: str) -> Iterator[Path]:
        """Give the film under `key` as a file to read, never to write.

        Raises:
            NotStored: nothing is there.
            StorageFull: no room for a copy.
        """
        in_place = self._storage.local_path(key)
        if in_place is not None:
            yield in_place
            return
        copy = self._hold(key)
        try:
            yield self._fetched(key, copy)
        finally:
            with self._lock:
                copy.readers -= 1

    def has_copy(self, key: str) -> bool:
        """Tell whether a copy of it takes room here."""
        return key in self._copies

    def forget(self, key: str) -> None:
        """Wipe the copy, unless somebody reads it."""
        with self._lock:
            copy = self._copies.get(key)
            if copy is not None and copy.readers == 0:
                del self._copies[key]
                copy.place.close()

    def _hold(self, key: str) -> _Copy:
        with self._lock:
            copy = self._copies.get(key)
            if copy is None:
                self._make_room()
                copy = self._copies[key] = _Copy(ExitStack())
            copy.readers += 1
            return copy

    def _make_room(self) -> None:
        idle = [key for key, copy in self._copies.items() if copy.readers == 0]
        while len(self._copies) >= MOST_COPIES and idle:
            self._copies.pop(idle.pop(0)).place.close()

    def _fetched(self, key: str, copy: _Copy) -> Path:
        with copy.arriving:
            if copy.path is None:
                into = copy.place.enter_context(self._scratch.folder()) / "source"
                self._storage.fetch(key, into)
                copy.path = into
            return copy.path


_AT_HAND: WeakKeyDictionary[Scratch, Sources] = WeakKeyDictionary()
_MAKING = threading.Lock()


def sources_of(tools: Tools) -> Sources:
    """Give this process's films."""
    with _MAKING:
        found = _AT_HAND.get(tools.scratch)
        if found is None:
            found = _AT_HAND[tools.scratch] = Sources(tools)
        return found


def let_go(tools: Tools, key: str) -> None:
    """Wipe this machine's copy of a film once nothing more is to be made of it; whoever reads it last does."""
    sources = sources_of(tools)
    if sources.has_copy(key):
        with tools.sessions() as session:
            waits = chunks.film_waits(session, key)
        if not waits:
            sources.forget(key)
