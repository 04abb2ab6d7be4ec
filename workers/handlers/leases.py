"""Working under a lease: taken before, renewed during, given back where the work fails."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from app import jobs
from app.jobs.films import EncodeChunk, EncodeOpening, EncodeSound
from app.lessons.media import chunks
from app.lessons.media.chunks import Held, Lease, LeaseLost
from video.errors import MediaError
from video.storage.base import StorageFull, StorageUnavailable
from workers.handlers.sources import let_go, sources_of
from workers.tools import Stopping, Tools

PieceJob = EncodeChunk | EncodeOpening | EncodeSound


class Keeper:
    """Called about twice a second while something runs: holds the lease, and breaks off what is no longer wanted."""

    def __init__(self, tools: Tools, lease: Lease) -> None:
        self._tools, self._lease = tools, lease
        self._next = time.monotonic() + chunks.RENEW_S

    def __call__(self) -> None:
        """Renew the lease when it is time.

        Raises:
            LeaseLost: it is somebody else's by now.
            Stopping: this process is being stopped.
            StorageFull: the disk runs full.
        """
        self._tools.may_go_on()
        if time.monotonic() >= self._next:
            with self._tools.sessions.begin() as session:
                chunks.renew(session, self._lease)
            self.renewed()

    def renewed(self) -> None:
        """Count anew from here: the lease was renewed by other means."""
        self._next = time.monotonic() + chunks.RENEW_S


def under_lease(job: PieceJob, tools: Tools, work: Callable[[Lease, Path, Keeper], None]) -> None:
    """Do `work` on a piece of a film if nobody else does; what fails gives its lease back, and raises.

    The source is there before the lease is taken: copying a long film takes longer than a lease.
    """
    with tools.sessions() as session:
        key = chunks.find_source_key(session, job.chunk_id)
    if key is None:
        return
    with suppress(LeaseLost), sources_of(tools).source(key) as source:
        lease = take(job, tools)
        if lease is None:
            return
        try:
            work(lease, source, Keeper(tools, lease))
        except (Stopping, StorageUnavailable, StorageFull):
            give_back(tools, lease, counted=False)
            raise
        except BaseException:
            give_back(tools, lease, counted=True)
            raise
    let_go(tools, key)


def give_up(job: PieceJob, tools: Tools, error: Exception) -> None:
    """Say on the recording that a piece of it can't be made; its teacher may have it tried again."""
    with tools.sessions.begin() as session:
        chunks.give_up(session, job.chunk_id, code=code_of(error))


def code_of(error: Exception) -> str:
    """Name what went wrong so that its teacher can be told; whatever isn't the film's fault is ours."""
    return error.code if isinstance(error, MediaError) else "frames_lost"


def take(job: PieceJob, tools: Tools) -> Lease | None:
    """Take a piece to work on; None where it is done, or somebody else has it: then it is looked at again later."""
    with tools.sessions.begin() as session:
        taken = chunks.take(session, job.chunk_id)
        if isinstance(taken, Held):
            # Its holder may have died, and its own job with it: somebody has to look again.
            jobs.enqueue(session, job, schedule_at=taken.until)
            return None
    if taken is not None and taken.attempts > chunks.MOST_ATTEMPTS:
        give_up(job, tools, MediaError("frames_lost", detail="its workers were lost, too often"))
        return None
    return taken


def give_back(tools: Tools, lease: Lease, *, counted: bool) -> None:
    """End a lease early, after a run that came to nothing; `counted`: it was a failure."""
    with tools.sessions.begin() as session:
        chunks.give_back(session, lease, counted=counted)
