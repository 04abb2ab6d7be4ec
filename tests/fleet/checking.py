"""What must hold once a fleet has come to rest: every lesson exact, nothing doubled, nothing left over."""

from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session, sessionmaker

from app.lessons.blurs.models import BlurredCopy
from app.lessons.exports.models import Export
from app.lessons.media.models import Asset, Chunk, Rendition, Segment, Storyboard
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from video.storage.base import Storage

#: Rendition, number, start and duration in ticks, frames, SHA-256: what a playlist is made of, but for keys.
Row: TypeAlias = tuple[str, int, int, int, int, str]
_WORK: Final = text(
    "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND queue_name <> 'clock'"
)
_FAILED: Final = text("SELECT task_name FROM procrastinate_jobs WHERE status = 'failed'")


def prepared(session: Session, lessons: list[UUID]) -> bool:
    """Say whether every lesson is ready, what arrived has been compared with what was sent, and nothing waits."""
    ready = select(func.count()).where(Recording.id.in_(lessons), Recording.media_state == MediaState.READY)
    same = select(func.count()).where(Upload.recording_id.in_(lessons), Upload.state == UploadState.VERIFIED)
    done = session.scalar(ready) == len(lessons) == session.scalar(same)
    return done and session.scalar(_WORK) == 0


def rows(session: Session, lesson: UUID) -> list[Row]:
    """List the pieces of a lesson in their order."""
    found = session.execute(
        select(
            Rendition.name,
            Segment.number,
            Segment.start_ticks,
            Segment.duration_ticks,
            Segment.frames,
            Segment.sha256,
        )
        .join(Rendition, Rendition.id == Segment.rendition_id)
        .join(Asset, Asset.id == Rendition.asset_id)
        .where(Asset.recording_id == lesson)
        .order_by(Rendition.name, Segment.number)
    )
    return list(found)


def problems(sessions: sessionmaker[Session], storage: Storage, lessons: list[UUID], exact: list[Row]) -> list[str]:
    """Say what isn't as it should be; `exact` is what an undisturbed run makes of the same film."""
    with sessions() as session:
        other = [lesson for lesson in lessons if rows(session, lesson) != exact]
        found = [f"lesson {lesson} differs from an undisturbed one" for lesson in other]
        found += [f"a job was given up: {name}" for name in session.scalars(_FAILED)]
        unfinished = session.scalar(select(func.count()).select_from(Chunk).where(Chunk.done_at.is_(None)))
        found += [f"{unfinished} chunks are not done"] if unfinished else []
        twice = session.scalar(select(func.count()).select_from(Recording)) or 0
        found += [f"{twice} recordings of {len(lessons)}"] if twice != len(lessons) else []
        found += _objects(session, storage)
    return found


def _objects(session: Session, storage: Storage) -> list[str]:
    """Compare what lies in storage with what rows name."""
    named = set(session.scalars(select(Segment.key))) | set(session.scalars(select(Rendition.init_key)))
    named |= set(session.scalars(select(Asset.source_key).where(Asset.source_erased_at.is_(None))))
    named |= set(session.scalars(select(Asset.poster_key))) | set(session.scalars(select(BlurredCopy.preview_key)))
    named |= {key for keys in session.scalars(select(Storyboard.sheet_keys)) for key in keys}
    named |= {key for key in session.scalars(select(Export.key)) if key}
    there = set(storage.keys("r"))
    found = [f"left over in storage: {key}" for key in sorted(there - named)]
    found += [f"not in storage: {key}" for key in sorted(str(key) for key in named - there if key)]
    return found + [f"an upload was left open: {key}" for key, _ in storage.open_uploads("r")]
