"""What the clock asks about uploads: those that wait without a job, and what in storage belongs to none."""

import re
from collections.abc import Iterable

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app import clock, jobs
from app.jobs.films import CutUpload, ProbeUpload, VerifyUpload
from app.lessons.media.keeping import SETTLED, live_job, made_at
from app.lessons.media.models import Asset
from app.lessons.recordings.conditions import not_gone
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from app.lessons.uploads.small import behind, unplanned

_SOURCE = re.compile(r"r/[0-9a-f-]{36}/([0-9a-f]{32})/source")
_OVER = (UploadState.EXPIRED, UploadState.ERASED)
_SENDING = (UploadState.OPEN, UploadState.MISMATCH, UploadState.COMPLETING)


def give_jobs(session: Session) -> int:
    """Give a job to each film that waits to be read back, cut, or looked into, without one; return how many."""
    upload_id = Upload.__table__.c.id
    alive = select(Upload).join(Recording, Recording.id == Upload.recording_id).where(not_gone())
    unread = session.scalars(
        alive.where(
            Upload.state == UploadState.VERIFYING, ~live_job("VerifyUpload", field="upload_id", value=upload_id)
        )
    ).all()
    awaited = or_(Recording.media_state == MediaState.PROBING, and_(behind(), unplanned()))
    to_be_cut = and_(Upload.cut_in_browser.is_(False), Upload.cut_at.is_(None))
    uncut = session.scalars(
        alive.where(
            Upload.state == UploadState.VERIFIED,
            to_be_cut,
            awaited,
            ~live_job("CutUpload", field="upload_id", value=upload_id),
        )
    ).all()
    unseen = session.scalars(
        alive.where(
            Upload.state.in_([UploadState.VERIFYING.value, UploadState.VERIFIED.value]),
            # Of a film that was sent whole, `cut_in_browser` says nothing: then this is not true, nor false.
            to_be_cut.is_not(True),
            awaited,
            ~live_job("ProbeUpload", field="upload_id", value=upload_id),
        )
    ).all()
    for upload in unread:
        jobs.enqueue(session, VerifyUpload(upload.id))
    for upload in uncut:
        jobs.enqueue(session, CutUpload(upload.id))
    for upload in unseen:
        jobs.enqueue(session, ProbeUpload(upload.id))
    return len(unread) + len(uncut) + len(unseen)


def orphans(session: Session, keys: Iterable[str]) -> list[str]:
    """Choose from stored objects the films that no upload and no lesson names any more."""
    settled = session.scalars(select(clock.now())).one() - SETTLED
    films = [key for key in keys if (found := _SOURCE.fullmatch(key)) and made_at(found[1]) < settled]
    kept = set(
        session.scalars(
            select(Upload.storage_key).where(
                Upload.storage_key.in_(films), Upload.state.not_in([state.value for state in _OVER])
            )
        )
    )
    kept |= set(
        session.scalars(select(Asset.source_key).where(Asset.source_key.in_(films), Asset.source_erased_at.is_(None)))
    )
    return [key for key in films if key not in kept]


def forgotten(session: Session, begun: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Choose from the uploads that the storage holds open those for which nobody sends anything any more."""
    settled = session.scalars(select(clock.now())).one() - SETTLED
    films = [
        (key, storage_id)
        for key, storage_id in begun
        if (found := _SOURCE.fullmatch(key)) and made_at(found[1]) < settled
    ]
    kept = set(
        session.scalars(
            select(Upload.storage_upload_id).where(
                Upload.storage_upload_id.in_([storage_id for _, storage_id in films]),
                Upload.state.in_([state.value for state in _SENDING]),
            )
        )
    )
    return [(key, storage_id) for key, storage_id in films if storage_id not in kept]
