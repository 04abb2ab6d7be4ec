"""What a worker asks while it makes the ten seconds, and what the clock asks about them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, ids, jobs
from app.jobs.erasing import EraseLeftOver
from app.jobs.films import MakePreview
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.blurs.service import ends_ms
from app.lessons.media import service as media
from app.lessons.media.keeping import SETTLED, live_job, made_at
from app.lessons.media.served import served_asset
from app.lessons.media.strands import Strand, renditions_of, strand
from app.lessons.recordings.conditions import held, not_gone
from app.lessons.recordings.models import Recording

#: Tall enough to judge by, and small enough to be there in a moment.
_TALLEST = 480
_PREVIEW = re.compile(r"r/[0-9a-f-]{36}/v(\d+)-([0-9a-f]{32})/preview\.mp4")


@dataclass(frozen=True, kw_only=True)
class Work:
    """Ten seconds that are to be made: of what, from where to where, and what is blurred in them."""

    recording_id: UUID
    version: int
    in_ms: int
    out_ms: int
    size: dict[str, Any]
    wish: dict[str, Any]
    picture: Strand
    sound: Strand | None

    def key(self) -> str:
        """Name the object; no other run ever has the same name."""
        return f"r/{self.recording_id}/v{self.version}-{ids.new().hex}/preview.mp4"


def to_preview(session: Session, job: MakePreview) -> Work | None:
    """Say what is to be made; None where it was, or something else was chosen since."""
    copy = session.get(BlurredCopy, job.blur_id)
    if copy is None or copy.version != job.version or copy.state != BlurState.WAITING:
        return None
    recording = media.lock(session, copy.recording_id)
    asset = served_asset(session, recording) if recording else None
    renditions = renditions_of(session, asset) if asset else []
    pictures = sorted((one for one in renditions if one.kind == "picture"), key=lambda one: one.height or 0)
    if recording is None or asset is None or not pictures:
        return None
    chosen = [one for one in pictures if (one.height or 0) <= _TALLEST][-1:] or pictures[:1]
    sound = next((one for one in renditions if one.kind == "sound"), None)
    in_ms, out_ms = copy.from_ms, ends_ms(recording, copy.from_ms)
    return Work(
        recording_id=recording.id,
        version=copy.version,
        in_ms=in_ms,
        out_ms=out_ms,
        size=next(size for size in asset.facts["renditions"] if size["name"] == chosen[0].name),
        wish=copy.wish,
        picture=strand(session, chosen[0], in_ms=in_ms, out_ms=out_ms),
        sound=strand(session, sound, in_ms=in_ms, out_ms=out_ms) if sound else None,
    )


def keep(session: Session, job: MakePreview, *, key: str) -> bool:
    """Note that the ten seconds are there; False where they aren't wanted any more, and their object is nobody's."""
    copy = _waiting(session, job)
    if copy is None or media.lock(session, copy.recording_id) is None:
        return False
    copy.state, copy.preview_key = BlurState.PREVIEWED, key
    return True


def give_up(session: Session, job: MakePreview, *, code: str) -> None:
    """Say that the ten seconds can't be made, and why."""
    copy = _waiting(session, job)
    if copy is not None:
        copy.state, copy.code = BlurState.FAILED, code


def give_jobs(session: Session) -> int:
    """Give a job to each preview that waits without one; return how many."""
    asked = select(BlurredCopy).where(
        BlurredCopy.state == BlurState.WAITING,
        ~live_job("MakePreview", field="blur_id", value=BlurredCopy.__table__.c.id),
    )
    waiting = session.scalars(asked).all()
    for copy in waiting:
        jobs.enqueue(session, MakePreview(copy.id, copy.version))
    return len(waiting)


def erase_films(session: Session) -> None:
    """Have films erased whose copies are used: those that a hold kept, too, once it is lifted."""
    asked = (
        select(BlurredCopy.recording_id)
        .join(Recording, Recording.id == BlurredCopy.recording_id)
        .where(
            BlurredCopy.state == BlurState.SETTLED,
            BlurredCopy.erased_at.is_(None),
            not_gone(),
            ~held(),
            ~live_job("EraseLeftOver", field="recording_id", value=BlurredCopy.__table__.c.recording_id),
        )
    )
    for recording_id in session.scalars(asked):
        jobs.enqueue(session, EraseLeftOver(recording_id))


def orphans(session: Session, keys: Iterable[str]) -> list[str]:
    """Choose from stored objects the previews that belong to no choice any more."""
    now = session.scalars(select(clock.now())).one()
    found = {key: made_at(match[2]) for key in keys if (match := _PREVIEW.fullmatch(key))}
    named = set(session.scalars(select(BlurredCopy.preview_key).where(BlurredCopy.preview_key.in_(found))))
    return [key for key, at in found.items() if key not in named and at < now - SETTLED]


def _waiting(session: Session, job: MakePreview) -> BlurredCopy | None:
    copy = session.get(BlurredCopy, job.blur_id, with_for_update=True)
    return copy if copy and copy.version == job.version and copy.state == BlurState.WAITING else None
