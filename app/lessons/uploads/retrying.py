"""Trying again what stopped: at its teacher's word, from where it stopped."""

from sqlalchemy.orm import Session

from app.audit import record
from app.authz import Action, Permit
from app.errors import Conflict
from app.lessons.media import service as media
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import checking
from app.lessons.uploads.models import Upload, UploadState


def try_again(session: Session, permit: Permit[Upload]) -> Recording:
    """Have a film that needs attention prepared once more; the permit must hold the upload's row.

    Raises:
        Conflict: it isn't stopped (`not_stopped`).
    """
    upload = permit.for_(Action.UPLOAD_RESUME)
    recording = session.get_one(Recording, upload.recording_id)
    session.refresh(recording, with_for_update=True)
    if recording.media_state != MediaState.NEEDS_ATTENTION:
        raise Conflict("not_stopped", "This lesson is being prepared already. Close this page if you like.")
    record(session, permit, "media.try_again", about=recording)
    if upload.state == UploadState.NEEDS_ATTENTION:
        checking.again(session, upload, recording)
    else:
        media.go_on(session, recording)
    return recording
