"""Bring back the jobs of workers that died: killed, out of memory, or with their machine."""

import asyncio
import logging

from procrastinate import App
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status
from procrastinate.psycopg_connector import PsycopgConnector

from app.jobs import Job
from workers.registry import HANDLERS
from workers.tools import Tools

log = logging.getLogger(__name__)

#: Stalled jobs are looked for this often.
EVERY_S = 5.0

# Any two clock processes take turns, or one would bring back what the other's worker runs already.
# The number is arbitrary, and the same for ever.
_TURN = 7_364_128_502


class WorkerLost(Exception):
    """The worker ended while it ran this job, as often as the job may be tried."""


async def rescue_for_ever(app: App, tools: Tools, stalled_s: float) -> None:
    """Look for stalled jobs again and again: not as a job itself, which could be stalled too."""
    while True:
        await rescue(app, tools, stalled_s)
        await asyncio.sleep(EVERY_S)


async def rescue(app: App, tools: Tools, stalled_s: float) -> int:
    """Bring back each job whose worker has been silent for `stalled_s`; return how many were."""
    connector = app.connector
    if not isinstance(connector, PsycopgConnector):
        raise TypeError(f"the queue lies in PostgreSQL, not behind a {type(connector).__name__}")
    async with connector.pool.connection() as connection, connection.transaction():
        turn = await (await connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [_TURN])).fetchone()
        if turn is None or not turn[0]:
            return 0
        stalled = [job for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=stalled_s) if job.id]
        for job in stalled:
            try:
                await _bring_back(app, tools, job)
            except ConnectorException:
                log.info("job %s ended by itself while it was being brought back", job.id)
        return len(stalled)


async def _bring_back(app: App, tools: Tools, job: QueuedJob) -> None:
    kind = Job.kinds.get(job.task_name)
    if kind is None or job.attempts + 1 < kind.attempts:
        log.warning("job %s lost its worker and goes back into its queue", job.id)
        await app.job_manager.retry_job(job)
        return
    log.error("job %s lost its worker for the last time and is given up", job.id)
    if kind in HANDLERS:
        lost = WorkerLost(f"after {job.attempts + 1} runs")
        await asyncio.to_thread(HANDLERS[kind].given_up, kind.read(job.task_kwargs), tools, lost)
    await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
