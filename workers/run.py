"""The worker process and the clock process: take jobs, run each in a thread, leave nothing half said."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job as QueuedJob

from app import clock, jobs
from app.errors import BackrowError
from app.jobs import Job, Queue
from video.storage.base import StorageFull, StorageUnavailable
from workers.handlers.sources import tidy_for_ever
from workers.pulse import with_pulse
from workers.registry import HANDLERS, PERIODIC, Handling, Periodic
from workers.rescue import rescue_for_ever
from workers.tools import Stopping, Tools

log = logging.getLogger(__name__)

#: A worker that runs says so this often; silent for `STALLED_S`, it is given up for lost and its jobs go back.
HEARTBEAT_S, STALLED_S = 5.0, 20.0
#: At a stop, running jobs may finish for so long; then they are told to break off; then the process ends anyway.
FINISH_S, BREAK_OFF_S = 10.0, 5.0
#: Jobs that were done are kept this long, for whoever asks what happened.
KEPT_HOURS = 7 * 24

#: How long work waits that met no storage, or no room on the disk.
LATER_S = 30
_FIRST_DELAY_S, _LONGEST_DELAY_S = 5, 600
_CLOCK_SLOTS = 2
# For taking jobs, for heartbeats, and for the turn of those who rescue.
_SIDE_CONNECTIONS = 3


@dataclass(frozen=True)
class Again(BaseRetryStrategy):
    """When a job that failed is tried again: after 5, 10, 20 … seconds, as often as its kind says."""

    kind: type[Job]

    def get_retry_decision(self, *, exception: BaseException, job: QueuedJob) -> RetryDecision | None:
        """Say when, or None: not at all."""
        if isinstance(exception, Stopping):
            return RetryDecision(retry_at=datetime.now(UTC))
        if is_last(exception, job, self.kind):
            return None
        return RetryDecision(retry_in={"seconds": min(_FIRST_DELAY_S * 2**job.attempts, _LONGEST_DELAY_S)})


def is_last(error: BaseException, job: QueuedJob, kind: type[Job]) -> bool:
    """Say whether a job that failed with `error` is given up: too often tried, or trying again can't help."""
    refused = isinstance(error, BackrowError) and error.status < 500  # noqa: PLR2004 - ours to mend from 500 on
    return not getattr(error, "retryable", not refused) or job.attempts + 1 >= kind.attempts


def work(conninfo: str, tools: Tools, *, queues: Iterable[Queue], slots: int, pulse: Path | None = None) -> None:
    """Run a worker until it is told to stop: jobs of `queues`, at most `slots` at once."""
    app = _app(conninfo, tools, slots)
    beside = with_pulse(pulse, tidy_for_ever(tools))
    asyncio.run(_run(app, tools, [str(queue) for queue in queues], slots, beside))


def work_off(conninfo: str, tools: Tools, *, queues: Iterable[Queue], slots: int) -> None:
    """Do what waits in `queues` now, and end, for commands that wait for it; what is to be tried later stays."""
    app = _app(conninfo, tools, slots)

    async def once() -> None:
        async with app.open_async():
            await app.run_worker_async(
                queues=[str(queue) for queue in queues],
                concurrency=slots,
                wait=False,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_S,
                install_signal_handlers=False,
            )

    asyncio.run(once())


def keep_time(conninfo: str, tools: Tools, *, pulse: Path | None = None) -> None:
    """Run a clock until it is told to stop: what the calendar asks for, and jobs of workers that died brought back.

    Any number may run; each periodic function runs once for each moment, and never twice at the same time.
    """
    app = _app(conninfo, tools, _CLOCK_SLOTS)
    for due in PERIODIC:
        _register(app, due, tools)
    beside = with_pulse(pulse, rescue_for_ever(app, tools, STALLED_S))
    asyncio.run(_run(app, tools, [str(Queue.CLOCK)], _CLOCK_SLOTS, beside))


def _app(conninfo: str, tools: Tools, slots: int) -> App:
    app = App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=slots + _SIDE_CONNECTIONS))
    for kind, handling in HANDLERS.items():
        task = app.task(name=kind.__name__, queue=kind.queue, pass_context=True, retry=Again(kind))
        task(_runner(kind, handling, tools))
    # In every process, not only in the clock: the queue's own watch over its side tasks (heartbeat, listening) ends
    # where nothing is periodic, and a worker without a heartbeat would go on unnoticed while its jobs are given away.
    forget = app.task(name="forget_old_jobs", queue=str(Queue.CLOCK), queueing_lock="forget_old_jobs")
    app.periodic(cron="17 3 * * *")(forget(partial(_forget_old_jobs, app)))
    return app


async def _forget_old_jobs(app: App, timestamp: int) -> None:  # noqa: ARG001 - every periodic job is told when
    await app.job_manager.delete_old_jobs(nb_hours=KEPT_HOURS, include_failed=False)
    await app.job_manager.delete_old_jobs(nb_hours=4 * KEPT_HOURS, include_failed=True)


def _register(app: App, due: Periodic, tools: Tools) -> None:
    def run(timestamp: int) -> None:
        due.run(tools, datetime.fromtimestamp(timestamp, UTC))

    task = app.task(name=due.name, queue=str(Queue.CLOCK), queueing_lock=due.name, lock=due.name)(run)
    app.periodic(cron=due.cron)(task)


def _runner(kind: type[Job], handling: Handling, tools: Tools) -> Callable[..., None]:
    def run(context: JobContext, /, **kept: Any) -> None:  # noqa: ANN401 - what the queue's table kept
        job = kind.read(kept)
        try:
            handling.run(job, tools)
        except Stopping:
            raise
        except (StorageFull, StorageUnavailable) as error:
            log.warning("%s is put off: %s", kind.__name__, type(error).__name__)
            _put_off(job, context.job, tools)
        except Exception as error:  # the outermost loop of a job
            if is_last(error, context.job, kind):
                handling.given_up(job, tools, error)
            raise

    return run


def _put_off(job: Job, queued: QueuedJob, tools: Tools) -> None:
    """Have a job done later that met no storage, or no room: neither is its fault, and so the run isn't counted."""
    later = clock.machine_now() + timedelta(seconds=LATER_S)
    with tools.sessions.begin() as session:
        jobs.enqueue(session, job, priority=queued.priority, lock=queued.lock, schedule_at=later)


async def _run(
    app: App, tools: Tools, queues: list[str], slots: int, beside: Coroutine[Any, Any, None] | None = None
) -> None:
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=queues,
                concurrency=slots,
                update_heartbeat_interval=HEARTBEAT_S,
                stalled_worker_timeout=STALLED_S,
                install_signal_handlers=False,
            )
        )
        watched = [working, *([asyncio.create_task(beside)] if beside else [])]
        stop = _Stop(watched, tools)
        for sent in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(sent, stop)
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        stop()  # whichever ended, the other has nothing to do here by itself
        results = await asyncio.gather(*watched, return_exceptions=True)
        tools.scratch.close()
        for result in results:
            if isinstance(result, Exception):
                raise result


class _Stop:
    """Stops a process once: no new job, then a word to the running ones, then the end whatever they do.

    A job that the end cuts off has a worker without a heartbeat, and so comes back.
    """

    def __init__(self, watched: list[asyncio.Task[None]], tools: Tools) -> None:
        self._watched, self._tools, self._asked = watched, tools, False

    def __call__(self) -> None:
        if self._asked:
            return
        self._asked = True
        for task in self._watched:
            task.cancel()  # the queue takes this as: finish what runs, take nothing new
        loop = asyncio.get_running_loop()
        loop.call_later(FINISH_S, self._tools.stopping.set)
        loop.call_later(FINISH_S + BREAK_OFF_S, os._exit, 1)
