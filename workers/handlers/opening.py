"""The opening of a long film, encoded while the rest of the film is still being looked through.

A film is planned from all its packets, and to walk through those of an hour takes seconds. Its first span is planned
from a look at its first seconds meanwhile. Only where the plan of the whole film says the same of it is anything
published: what was made in vain is thrown away, and the span is encoded by its own job as ever.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Final

from app.lessons.media import openings
from app.lessons.media.chunks import Lease, LeaseLost
from video import transcode
from video.errors import MediaError
from video.plan import Chunk, Plan, plan
from video.probe import probe
from video.storage.base import StorageError
from video.transcode import Encoded
from workers.handlers.leases import Keeper
from workers.tools import Stopping, Tools

#: A shorter film has been looked through before its opening could be encoded.
LONG_BYTES: Final = 256 * 1024 * 1024
#: The first span and what decides where it ends: pictures are stored out of order by no more than this.
_LOOK_S: Final = 8.0
_PATIENCE_S: Final = 0.5

Publish = Callable[[Lease, Encoded, Keeper], None]


class _NotWanted(Exception):
    """The film was refused, or its opening is another: what is being made has no use."""


@dataclass(frozen=True)
class Opening:
    """What is being made ahead: what a look at the first seconds planned, and the files that become of it."""

    planned: Future[Plan]
    made: Future[Encoded]

    def is_first_of(self, whole: Plan) -> bool:
        """Say whether the film's plan begins with the very span that is being made, in the same sizes."""
        try:
            early = self.planned.result()
        except (MediaError, StorageError, OSError, Stopping):
            return False
        return _first(early) == _first(whole) and early.renditions == whole.renditions

    def encoded(self, keep: Keeper) -> Encoded:
        """Wait for the files, and hold the lease meanwhile.

        Raises:
            MediaError: they can't be made.
            LeaseLost: the span is somebody else's by now.
            Stopping: this process is being stopped.
        """
        while True:
            keep()
            try:
                return self.made.result(timeout=_PATIENCE_S)
            except TimeoutError:
                continue


@contextmanager
def made_ahead(source: Path, tools: Tools) -> Iterator[Opening | None]:
    """Begin to make a long film's opening; None for a short one. Its files are there until the block ends."""
    if source.stat().st_size < LONG_BYTES:
        yield None
        return
    unwanted = Event()

    def tick() -> None:
        tools.may_go_on()
        if unwanted.is_set():
            raise _NotWanted

    with tools.folder() as folder, ThreadPoolExecutor(1) as beside:
        planned = beside.submit(lambda: plan(probe(source, jail=tools.jail, on_tick=tick, only_s=_LOOK_S)))
        made = beside.submit(lambda: _encode(source, planned.result(), folder, tools, tick))
        try:
            yield Opening(planned, made)
        finally:
            unwanted.set()


def publish_ahead(opening: Opening, lease: Lease, tools: Tools, publish: Publish) -> None:
    """Publish the opening under a lease on it; where that can't be, its own job does it all."""
    keep = Keeper(tools, lease)
    try:
        publish(lease, opening.encoded(keep), keep)
    except LeaseLost:
        return
    except (MediaError, StorageError, OSError, Stopping):
        with tools.sessions.begin() as session:
            openings.hand_over(session, lease)


def _encode(source: Path, early: Plan, folder: Path, tools: Tools, tick: Callable[[], None]) -> Encoded:
    return transcode.encode_chunk(
        source, _first(early), renditions=early.renditions, into=folder, jail=tools.jail, on_tick=tick
    )


def _first(whole: Plan) -> Chunk:
    return whole.chunks[0]
