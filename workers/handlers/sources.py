"""Films that workers read: in place where the storage has files, else one copy for all pieces of a film."""

import asyncio
import logging
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakKeyDictionary

from sqlalchemy.exc import SQLAlchemyError

from app.lessons.media import chunks
from workers.tools import Scratch, Tools

#: A film may be many gigabytes: beyond so many copies, one that nobody reads just now is let go.
MOST_COPIES = 3
#: How long a copy of a film that was erased, or finished elsewhere, may stay.
TIDY_S = 20.0

log = logging.getLogger(__name__)


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
        self._tools = tools
        self._copies: dict[str, _Copy] = {}
        self._lock = threading.Lock()

    @contextmanager
    def source(self, key: str) -> Iterator[Path]:
        """Give the film under `key` as a file to read, never to write.

        Raises:
            NotStored: nothing is there.
            StorageFull: no room for a copy.
        """
        in_place = self._tools.storage.local_path(key)
        if in_place is not None:
            yield in_place
            return
        copy = self._hold(key)
        try:
            yield self._fetched(key, copy)
        finally:
            with self._lock:
                copy.readers -= 1

    def at_hand(self) -> list[str]:
        """List the films of which copies take room here."""
        with self._lock:
            return list(self._copies)

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
                into = copy.place.enter_context(self._tools.folder()) / "source"
                self._tools.copy(key, into)
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


def tidy(tools: Tools) -> None:
    """Wipe the copies of which nothing more is to be made: another process made the last piece, or it was erased."""
    for key in sources_of(tools).at_hand():
        let_go(tools, key)


async def tidy_for_ever(tools: Tools) -> None:
    """Tidy again and again: not as a job, since each process has copies of its own."""
    while True:
        await asyncio.sleep(TIDY_S)
        try:
            await asyncio.to_thread(tidy, tools)
        except SQLAlchemyError as error:
            log.warning("copies of films could not be looked through: %s", type(error).__name__)
