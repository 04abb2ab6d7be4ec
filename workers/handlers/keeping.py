"""What the clock does for films: gives rows their jobs back, and sweeps what workers that were lost have stored."""

import logging
from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from app.lessons.blurs import making as of_blurs
from app.lessons.exports import making as of_exports
from app.lessons.media import keeping as of_media
from app.lessons.uploads import keeping as of_uploads
from workers.registry import periodic
from workers.tools import Tools

log = logging.getLogger(__name__)
_AT_ONCE = 500
#: All that belongs to recordings lies beneath this.
_RECORDINGS = "r"


@periodic("* * * * *")
def give_jobs(tools: Tools, _due: datetime) -> None:
    """Compare rows with jobs: a row that waits with no job for it gets one, and is counted."""
    with tools.sessions.begin() as session:
        given = sum(part.give_jobs(session) for part in (of_media, of_uploads, of_exports, of_blurs))
        of_media.give_looks(session)
        of_media.give_endings(session)
        of_blurs.erase_films(session)
    if given:
        log.warning("%d pieces of work had no job, and were given one", given)


@periodic("*/10 * * * *")
def expire_exports(tools: Tools, _due: datetime) -> None:
    """Forget files of yesterday, and those that may no longer be had; the sweep erases what they were."""
    with tools.sessions.begin() as session:
        of_exports.expire(session)


@periodic("41 * * * *")
def sweep(tools: Tools, _due: datetime) -> None:
    """Erase what lies in storage and belongs to nobody: what lost leases stored, and uploads that nobody remembers."""
    swept = sweep_now(tools)
    if swept:
        log.info("%d objects that belonged to nobody were erased", swept)


def sweep_now(tools: Tools) -> int:
    """Sweep once; return how many objects and open uploads were erased."""
    swept = 0
    for keys in _batches(tools.storage.keys(_RECORDINGS)):
        with tools.sessions() as session:
            orphans = [
                found for part in (of_media, of_uploads, of_exports, of_blurs) for found in part.orphans(session, keys)
            ]
        for key in orphans:
            swept += tools.storage.erase_prefix(key)
    with tools.sessions() as session:
        forgotten = of_uploads.forgotten(session, tools.storage.open_uploads(_RECORDINGS))
    for key, storage_id in forgotten:
        tools.storage.abort_upload(key, storage_id)
    return swept + len(forgotten)


def _batches(keys: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(keys, _AT_ONCE)):
        yield batch
