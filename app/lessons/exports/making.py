"""What a worker asks while it makes a file, and what the clock asks about files that nobody may have any more."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock, jobs
from app.agreements.projects.models import Project
from app.audit import record_rule
from app.jobs.films import MakeExport
from app.lessons.exports import service
from app.lessons.exports.models import Export, ExportState
from app.lessons.media import service as media
from app.lessons.media.keeping import SETTLED, live_job, made_at
from app.lessons.media.served import served_asset
from app.lessons.media.strands import Strand, renditions_of, strand
from app.lessons.recordings.models import Recording

_FILE = re.compile(r"r/[0-9a-f-]{36}/x([0-9a-f]{32})/[^/]+\.mp4")


@dataclass(frozen=True, kw_only=True)
class Work:
    """A file that is to be made: of what, from where to where, and the words that stand in every picture."""

    recording_id: UUID
    in_ms: int
    out_ms: int
    size: dict[str, Any]
    picture: Strand
    sound: Strand | None
    notice: str | None


def to_make(session: Session, export_id: UUID) -> Work | None:
    """Say what is to be made; None where it was, nobody waits for it, or they may no longer have it."""
    export = session.get(Export, export_id)
    if export is None or export.state != ExportState.WAITING:
        return None
    may = service.still_allowed(session, export)
    if may is None:
        session.delete(export)
        return None
    asset = served_asset(session, may.thing)
    renditions = renditions_of(session, asset) if asset else []
    pictures = [one for one in renditions if one.kind == "picture"]
    if asset is None or not pictures:
        return None
    best = max(pictures, key=lambda one: one.height or 0)
    sound = next((one for one in renditions if one.kind == "sound"), None)
    own = may.thing.owner_id == export.asker_id
    return Work(
        recording_id=may.thing.id,
        in_ms=export.in_ms,
        out_ms=export.out_ms,
        size=next(size for size in asset.facts["renditions"] if size["name"] == best.name),
        picture=strand(session, best, in_ms=export.in_ms, out_ms=export.out_ms),
        sound=strand(session, sound, in_ms=export.in_ms, out_ms=export.out_ms) if sound else None,
        notice=None if own else _notice(session, may.thing),
    )


def keep(session: Session, export_id: UUID, *, key: str, size_bytes: int) -> bool:
    """Note that a file is there; False where it may no longer be had, and its object is nobody's."""
    export = session.get(Export, export_id, with_for_update=True)
    if export is None or media.lock(session, export.recording_id) is None:
        return False
    may = service.still_allowed(session, export)
    if may is None:
        session.delete(export)
        return False
    export.state, export.key, export.size_bytes = ExportState.READY, key, size_bytes
    record_rule(
        session,
        "export.made",
        rule=may.clause,
        thing_kind="export",
        thing_id=export.id,
        alliance_id=export.alliance_id,
    )
    return True


def give_up(session: Session, export_id: UUID, *, code: str) -> None:
    """Say that a file can't be made, and why."""
    export = session.get(Export, export_id)
    if export is not None and export.state == ExportState.WAITING:
        export.state, export.code = ExportState.FAILED, code


def give_jobs(session: Session) -> int:
    """Give a job to each file that waits without one; return how many."""
    asked = select(Export.id).where(
        Export.state == ExportState.WAITING,
        ~live_job("MakeExport", field="export_id", value=Export.__table__.c.id),
    )
    waiting = session.scalars(asked).all()
    for export_id in waiting:
        jobs.enqueue(session, MakeExport(export_id))
    return len(waiting)


def expire(session: Session) -> int:
    """Forget files of yesterday, and those that may no longer be had; their objects are swept, being nobody's then."""
    over = session.scalars(delete(Export).where(Export.expires_at <= clock.now()).returning(Export.id)).all()
    gone = [export for export in session.scalars(select(Export)) if service.still_allowed(session, export) is None]
    for export in gone:
        session.delete(export)
    return len(over) + len(gone)


def orphans(session: Session, keys: Iterable[str]) -> list[str]:
    """Choose from stored objects the files that belong to no export any more."""
    now = session.scalars(select(clock.now())).one()
    found = {key: made_at(match[1]) for key in keys if (match := _FILE.fullmatch(key))}
    named = set(session.scalars(select(Export.key).where(Export.key.in_(found))))
    # One that was named and no longer is goes at once; one that was never named may be named in a moment.
    return [key for key, at in found.items() if key not in named and at < now - SETTLED]


def _notice(session: Session, recording: Recording) -> str:
    project = session.get_one(Project, recording.project_id)
    until = recording.delete_at.date()
    return f"For “{project.title}” alone, until {until.day}.{until.month}.{until.year}. Not to be passed on."
