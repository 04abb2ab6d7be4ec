"""Erasing for good: objects first, read back empty; then every row but the log and a tombstone."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles.models import Briefing
from app.agreements.protocols.models import AfterErase, ProtocolVersion
from app.audit import record_rule
from app.audit.models import KeptAnswer
from app.custody.erasure.models import Tombstone
from app.lessons.blurs.models import BlurredCopy
from app.lessons.captions.models import Captions
from app.lessons.clips.models import Clip
from app.lessons.exports.models import Export
from app.lessons.media.models import Asset
from app.lessons.phases.models import Chapter
from app.lessons.playback.models import Place
from app.lessons.recordings.conditions import held
from app.lessons.recordings.models import Recording, RecordingState
from app.lessons.uploads.models import Upload
from app.notify.service import tell
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, NoteState


@dataclass(frozen=True)
class ToErase:
    """What storage has to forget: everything beneath one prefix."""

    prefix: str


def find_to_erase(session: Session, recording_id: UUID) -> ToErase | None:
    """Say what of a recording has to be erased; nothing where that is done, or a hold keeps it."""
    found = session.scalars(
        select(Recording).where(Recording.id == recording_id, Recording.state == RecordingState.ERASING, ~held())
    ).one_or_none()
    return None if found is None else ToErase(prefix=f"r/{recording_id}")


def scrub(session: Session, recording_id: UUID, *, objects: int) -> None:
    """Erase the rows of a recording whose objects are gone, and write the tombstone; a second call changes nothing."""
    recording = session.scalars(
        select(Recording)
        .where(Recording.id == recording_id, Recording.state == RecordingState.ERASING, ~held())
        .with_for_update()
    ).one_or_none()
    if recording is None:
        return
    _forget_answers(session, recording)
    _forget_words(session, recording)
    for table in (Clip, Chapter, Captions, Export, BlurredCopy, Place, Asset, Upload):
        session.execute(delete(table).where(table.recording_id == recording.id))
    session.execute(delete(Briefing).where(Briefing.cycle_id == recording.cycle_id))
    recording.title, recording.class_code, recording.audience = "", "", None
    recording.state = RecordingState.ERASED
    recording.erased_at = session.scalars(select(clock.now())).one()
    recording.watchable_ms, recording.media_code = 0, None
    session.add(
        Tombstone(
            recording_id=recording.id,
            alliance_id=recording.alliance_id,
            cause=recording.erase_cause or "owner",
            objects=objects,
        )
    )
    record_rule(
        session,
        "recording.erased",
        rule=recording.erase_cause or "owner",
        thing_kind="recording",
        thing_id=recording.id,
        alliance_id=recording.alliance_id,
        from_state=RecordingState.ERASING,
        to_state=RecordingState.ERASED,
        count=objects,
    )


def _forget_words(session: Session, recording: Recording) -> None:
    """Erase notes and feedback; where the protocol lets the teacher keep the text, what was released stays.

    Whose notes go are told so, in words that hold nothing of the lesson: they lose what they wrote.
    """
    text_kept = _text_kept(session, recording)
    going: ColumnElement[bool] = Note.recording_id == recording.id
    if text_kept:
        going = and_(going, Note.state.not_in([NoteState.RELEASED.value, NoteState.PASSED_ON.value]))
    theirs = select(Note.author_id).where(going, Note.author_id != recording.owner_id).distinct()
    tell(session, session.scalars(theirs).all(), "notes.erased", recording.cycle_id)
    session.execute(delete(Note).where(going))
    if not text_kept:
        session.execute(delete(Feedback).where(Feedback.recording_id == recording.id))


def _text_kept(session: Session, recording: Recording) -> bool:
    kept = session.scalar(
        select(ProtocolVersion.id).where(
            ProtocolVersion.id == recording.bound_version_id,
            ProtocolVersion.after_erase == AfterErase.KEEP_TEXT,
            ProtocolVersion.text_until_at > clock.now(),
        )
    )
    return kept is not None


def _forget_answers(session: Session, recording: Recording) -> None:
    """Erase the kept answers that quote what goes: those to requests about this recording, its turn and its words."""
    ids = [recording.id, recording.cycle_id]
    ids += session.scalars(select(Note.id).where(Note.recording_id == recording.id)).all()
    ids += session.scalars(select(Feedback.id).where(Feedback.recording_id == recording.id)).all()
    ids += session.scalars(select(Upload.id).where(Upload.recording_id == recording.id)).all()
    session.execute(
        delete(KeptAnswer).where(
            or_(
                *(KeptAnswer.route.contains(str(thing)) for thing in ids),
                KeptAnswer.answer["recording_id"].astext == str(recording.id),
            )
        )
    )
