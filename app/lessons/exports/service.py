"""Asking for a stretch of a lesson as a file; the policy is asked again when it is made, and when it is fetched."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app import clock, jobs
from app.audit import record
from app.authz import Action, Actor, Permit, permit
from app.errors import Invalid, NotFound, TooMany
from app.jobs.films import MakeExport
from app.lessons.exports.models import Export, ExportState
from app.lessons.recordings.models import Recording
from app.people.accounts.models import Person
from video.timecode import clock_face

#: A file is there for so long; who needs it later asks once more.
KEPT: Final = timedelta(hours=24)
#: More files of one lesson at once are somebody's mistake.
MOST: Final = 20


def ask(session: Session, may: Permit[Recording], *, in_ms: int, out_ms: int) -> Export:
    """Ask for a stretch as a file; the same stretch once more is the same file.

    Raises:
        Invalid: it runs backwards, or lies where nothing can be watched yet (`export_unclear`).
        TooMany: there are enough of them (`exports_full`).
    """
    recording = may.for_(Action.VIDEO_DOWNLOAD)
    if problems := _problems(in_ms, out_ms, recording):
        raise Invalid("export_unclear", "Some of this needs another look.", fields=problems)
    mine = (Export.recording_id == recording.id, Export.asker_id == may.actor.person_id)
    session.execute(delete(Export).where(*mine, Export.expires_at <= clock.now()))
    there = session.scalars(select(Export).where(*mine, Export.in_ms == in_ms, Export.out_ms == out_ms)).one_or_none()
    if there is not None and there.state != ExportState.FAILED:
        return there
    if there is None:
        if (session.scalar(select(func.count()).select_from(Export).where(*mine)) or 0) >= MOST:
            raise TooMany(
                "exports_full",
                f"There are {MOST} files of this lesson already. They go after a day; download those first.",
                retry_after_s=3600,
            )
        there = Export(
            alliance_id=recording.alliance_id,
            recording_id=recording.id,
            asker_id=may.actor.person_id,
            in_ms=in_ms,
            out_ms=out_ms,
            expires_at=_now_and(session, KEPT),
        )
        session.add(there)
    there.state, there.code = ExportState.WAITING, None
    session.flush()
    record(session, may, "export.asked", about=there)
    jobs.enqueue(session, MakeExport(there.id))
    return there


def exports_of(session: Session, may: Permit[Recording]) -> list[Export]:
    """List somebody's own files of a lesson, newest first."""
    recording = may.for_(Action.VIDEO_DOWNLOAD)
    asked = select(Export).where(Export.recording_id == recording.id, Export.asker_id == may.actor.person_id)
    return list(session.scalars(asked.where(Export.expires_at > clock.now()).order_by(Export.asked_at.desc())))


def to_fetch(session: Session, actor: Actor, export_id: UUID) -> tuple[Export, Permit[Recording]]:
    """Find one's own file that is ready, and what one may watch of its lesson now.

    Raises:
        NotFound: it is another's, over, not ready, or may no longer be downloaded.
    """
    export = session.scalars(
        select(Export).where(
            Export.id == export_id,
            Export.asker_id == actor.person_id,
            Export.state == ExportState.READY,
            Export.expires_at > clock.now(),
        )
    ).one_or_none()
    if export is None:
        raise NotFound
    may = permit(session, actor, Action.VIDEO_DOWNLOAD, Recording, export.recording_id)
    record(session, may, "export.fetched", about=export)
    return export, permit(session, actor, Action.REC_WATCH, Recording, export.recording_id)


def still_allowed(session: Session, export: Export) -> Permit[Recording] | None:
    """Ask the policy for whoever asked for a file; None where they may no longer have it."""
    asker = session.get_one(Person, export.asker_id)
    actor = Actor(person_id=asker.id, account_id=asker.account_id, alliance_id=asker.alliance_id)
    try:
        return permit(session, actor, Action.VIDEO_DOWNLOAD, Recording, export.recording_id)
    except NotFound:
        return None


def _problems(in_ms: int, out_ms: int, recording: Recording) -> dict[str, str]:
    if out_ms <= in_ms:
        return {"out_ms": "The end must come after the beginning."}
    if recording.duration_ms is not None and out_ms > recording.duration_ms:
        return {"out_ms": f"The lesson ends at {clock_face(recording.duration_ms)}."}
    if out_ms > recording.watchable_ms:
        return {
            "out_ms": f"Only the first {clock_face(recording.watchable_ms)} are ready. Wait a little, or end there."
        }
    return {}


def _now_and(session: Session, later: timedelta) -> datetime:
    return session.scalars(select(clock.now())).one() + later
