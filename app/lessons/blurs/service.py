"""A blurred copy from its choice to its use: each step its teacher's alone, the last one not to be undone."""

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock, jobs
from app.audit import record
from app.authz import Permit
from app.errors import Conflict, Invalid
from app.jobs.erasing import EraseLeftOver
from app.jobs.films import MakePreview
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.exports.models import Export
from app.lessons.media import copies
from app.lessons.media.copies import HowFar
from app.lessons.media.served import served_asset, unsettled_copy
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.recordings.own import own
from video.blur import Blur
from video.blur_preview import LASTS_MS

_TO_CHOOSE: Final = (BlurState.WAITING, BlurState.PREVIEWED, BlurState.FAILED)


def copy_of(session: Session, recording: Recording) -> BlurredCopy | None:
    """Find what is blurred, or to be blurred, in a recording."""
    return session.scalars(select(BlurredCopy).where(BlurredCopy.recording_id == recording.id)).one_or_none()


def choose(session: Session, permit: Permit[Recording], *, wish: Blur, from_ms: int) -> BlurredCopy:
    """Keep what is to be blurred, and have ten seconds made of it from `from_ms` on; an earlier choice is forgotten.

    Raises:
        NotFound: it is another's lesson.
        Invalid: nothing would be blurred, or the ten seconds lie outside the lesson (`blur_unclear`).
        Conflict: the lesson isn't ready (`blur_too_early`), or a copy is being made or used (`blur_begun`).
    """
    recording = own(permit)
    if recording.media_state != MediaState.READY or recording.verified_at is None:
        raise Conflict("blur_too_early", "This lesson is still being prepared. It can be blurred once all of it is.")
    if not (wish.whole or wish.regions or wish.voices):
        say = "Choose something to blur: the whole picture, at least one box, or the voices."
        raise Invalid("blur_unclear", say, fields={"how": say})
    if from_ms >= (recording.duration_ms or 0):
        say = "That is after the end of the lesson."
        raise Invalid("blur_unclear", say, fields={"from": say})
    copy = copy_of(session, recording)
    if copy is None:
        copy = BlurredCopy(
            alliance_id=recording.alliance_id, recording_id=recording.id, wish=wish.to_json(), from_ms=from_ms
        )
        session.add(copy)
    else:
        if copy.state not in _TO_CHOOSE:
            raise _begun()
        copy.wish, copy.from_ms, copy.version = wish.to_json(), from_ms, copy.version + 1
        copy.state, copy.code, copy.preview_key = BlurState.WAITING, None, None
        jobs.enqueue(session, EraseLeftOver(recording.id))
    session.flush()
    jobs.enqueue(session, MakePreview(copy.id, copy.version))
    record(session, permit, "blur.chosen", about=recording)
    return copy


def begin(session: Session, permit: Permit[Recording], *, version: int) -> BlurredCopy:
    """Have the whole copy made, as the ten seconds showed it.

    Raises:
        NotFound: it is another's lesson.
        Conflict: that choice was changed, or its ten seconds were never there to see (`blur_changed`).
    """
    recording = own(permit)
    copy, film = copy_of(session, recording), served_asset(session, recording)
    if copy is None or film is None or copy.state != BlurState.PREVIEWED or copy.version != version:
        raise Conflict("blur_changed", "What is to be blurred was changed meanwhile. Look at its ten seconds first.")
    copies.begin(session, recording, film, blur=copy.wish)
    copy.state, copy.preview_key = BlurState.MAKING, None
    jobs.enqueue(session, EraseLeftOver(recording.id))
    record(session, permit, "blur.begun", about=recording)
    return copy


def how_far(session: Session, recording: Recording) -> HowFar | None:
    """Say how far the whole copy has been made; None where none is."""
    asset = unsettled_copy(session, recording)
    return copies.how_far(session, recording, asset) if asset else None


def throw_away(session: Session, permit: Permit[Recording]) -> None:
    """Forget a copy that isn't used, with all that was made of it; the lesson stays as it is.

    Raises:
        NotFound: it is another's lesson.
        Conflict: it is used (`blur_begun`).
    """
    recording = own(permit)
    copy = copy_of(session, recording)
    if copy is None:
        return
    if copy.state == BlurState.SETTLED:
        raise _begun()
    copies.forget(session, recording)
    session.delete(copy)
    session.flush()
    jobs.enqueue(session, EraseLeftOver(recording.id))
    record(session, permit, "blur.thrown_away", about=recording)


def settle(session: Session, permit: Permit[Recording]) -> Recording:
    """Serve the copy to everybody from now on, and have the film erased with all that was made of it.

    Raises:
        NotFound: it is another's lesson.
        Conflict: not all of the copy is there (`blur_unready`).
    """
    recording = own(permit)
    copy, now = copy_of(session, recording), how_far(session, recording)
    if copy is None or now is None or not now.ready:
        raise Conflict("blur_unready", "The blurred copy isn't all there yet. Look it over first, then use it.")
    recording.serve = "blurred"
    copy.state, copy.settled_at = BlurState.SETTLED, session.scalars(select(clock.now())).one()
    session.execute(delete(Export).where(Export.recording_id == recording.id))
    session.flush()
    jobs.enqueue(session, EraseLeftOver(recording.id))
    record(session, permit, "recording.blurred", about=recording, from_state="source", to_state="blurred")
    return recording


def ends_ms(recording: Recording, from_ms: int) -> int:
    """Say where ten seconds from a moment end."""
    return min(from_ms + LASTS_MS, recording.duration_ms or 0)


def _begun() -> Conflict:
    return Conflict("blur_begun", "A blurred copy was begun already: this page says how far it is.")
