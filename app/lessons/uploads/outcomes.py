"""How it went with a film that was sent: for whoever waits for it at a command."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.lessons.media.models import Asset, Rendition
from app.lessons.media.served import is_served
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from video.errors import SENTENCES, say_for

_READ_BACK = (UploadState.VERIFIED, UploadState.NEEDS_ATTENTION)
_GONE = (UploadState.MISMATCH, UploadState.EXPIRED, UploadState.ERASED)

# A worker says so every five seconds while it lives.
_BUSY = text("""
    SELECT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS job JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
        WHERE job.status = 'doing' AND job.queue_name IN ('interactive', 'media')
        AND worker.last_heartbeat > now() - interval '20 seconds'
    )
""")


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How far a film has come; `code` is set where it can't be watched, `say` is for its teacher."""

    recording_id: UUID
    state: str
    code: str | None
    say: str
    duration_ms: int | None
    renditions: list[str]
    settled: bool


def of_upload(session: Session, upload_id: UUID) -> Outcome:
    """Say how it goes with one upload's film."""
    upload = session.get_one(Upload, upload_id)
    recording = session.get_one(Recording, upload.recording_id)
    if upload.state in _GONE:
        say = "Something changed on the way. Send it again."
        return _outcome(session, recording, state="needs_attention", code=upload.code or upload.state, say=say)
    stopped = recording.media_state == MediaState.NEEDS_ATTENTION
    ready = recording.media_state == MediaState.READY and upload.state in _READ_BACK
    told = recording.media_code
    say = SENTENCES.get(told, "") if told else ("It can be watched." if ready else "It is being prepared.")
    return _outcome(
        session,
        recording,
        state=recording.media_state,
        code=(told or "frames_lost") if stopped else None,
        say=say or say_for("frames_lost"),
        settled=stopped or ready,
    )


def others_work(session: Session) -> bool:
    """Tell whether some living worker is busy with films, so that waiting is enough."""
    return bool(session.scalar(_BUSY))


def _outcome(  # noqa: PLR0913 - each is a field of the answer
    session: Session, recording: Recording, *, state: str, code: str | None, say: str, settled: bool = True
) -> Outcome:
    names = session.scalars(
        select(Rendition.name)
        .join(Asset, Asset.id == Rendition.asset_id)
        .join(Recording, is_served())
        .where(Recording.id == recording.id, Rendition.kind == "picture")
        .order_by(Rendition.height)
    ).all()
    return Outcome(
        recording_id=recording.id,
        state=state,
        code=code,
        say=say,
        duration_ms=recording.duration_ms,
        renditions=list(names),
        settled=settled,
    )
