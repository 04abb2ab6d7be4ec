"""Leases on pieces of a film: whoever holds one works on it, and only the newest fence may publish.

A later fence outranks an earlier one: a worker that slept past its lease and wakes can't overwrite its successor's
segments, whatever it has stored meanwhile. Time is the database's.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, func, or_, select, update
from sqlalchemy.orm import Session

from app import clock
from app.errors import Conflict
from app.lessons.media import service as media
from app.lessons.media.models import Asset, AssetKind, Chunk, Rendition, Segment
from app.lessons.media.replacing import stands_behind
from app.lessons.recordings.conditions import GONE
from app.lessons.recordings.models import MediaState, Recording
from video.errors import MediaError
from video.segments import InitFile, SegmentFile

LEASE_S = 30
#: A renewal long before the end: one that is late by a busy machine loses nothing.
RENEW_S = 8.0
MOST_ATTEMPTS = 5
#: What stands in an object's key for the kind of piece that it is of.
LETTERS = {"picture": "c", "sound": "s", "best": "h"}


class LeaseLost(Conflict):
    """Somebody else holds the piece now, or it is no longer wanted: nothing of this run may be published."""

    def __init__(self) -> None:
        super().__init__("lease_lost", "Another worker has taken this over.")


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The right to work on one piece of a film until somebody else gets a later fence."""

    chunk_id: UUID
    asset_id: UUID
    recording_id: UUID
    kind: str
    number: int
    fence: int
    attempts: int
    plan: dict[str, Any]
    facts: dict[str, Any]
    source_key: str
    #: Digests of the inits that are there already, by the rendition's name; None where there is none yet.
    inits: dict[str, str | None] = field(default_factory=dict)

    def key(self, name: str) -> str:
        """Name an object of this run; no other run ever has the same name."""
        return f"r/{self.recording_id}/{self.asset_id}/{LETTERS[self.kind]}{self.number}/f{self.fence}/{name}"


@dataclass(frozen=True)
class Held:
    """Somebody else works on it, until then at least."""

    until: datetime


def take(session: Session, chunk_id: UUID) -> Lease | Held | None:
    """Take a piece to work on; None where it is done, has stopped, or isn't wanted any more."""
    taken = session.execute(
        update(Chunk)
        .where(
            Chunk.id == chunk_id,
            Chunk.done_at.is_(None),
            Chunk.code.is_(None),
            or_(Chunk.lease_until.is_(None), Chunk.lease_until <= clock.now()),
            _wanted(),
        )
        .values(
            fence=Chunk.fence + 1,
            attempts=Chunk.attempts + 1,
            lease_until=clock.now() + timedelta(seconds=LEASE_S),
        )
        .returning(Chunk.asset_id, Chunk.kind, Chunk.number, Chunk.fence, Chunk.attempts, Chunk.plan)
    ).one_or_none()
    if taken is None:
        return _held(session, chunk_id)
    asset = session.get_one(Asset, taken.asset_id)
    inits = session.execute(select(Rendition.name, Rendition.init_sha256).where(Rendition.asset_id == asset.id)).all()
    return Lease(
        chunk_id=chunk_id,
        asset_id=asset.id,
        recording_id=asset.recording_id,
        kind=taken.kind,
        number=taken.number,
        fence=taken.fence,
        attempts=taken.attempts,
        plan=taken.plan,
        facts=asset.facts,
        source_key=asset.source_key,
        inits={row.name: row.init_sha256 for row in inits},
    )


def find_source_key(session: Session, chunk_id: UUID) -> str | None:
    """Say where the film lies that a piece is of; None where nothing is to be done for it."""
    return session.scalar(
        select(Asset.source_key)
        .join(Chunk, Chunk.asset_id == Asset.id)
        .where(Chunk.id == chunk_id, Chunk.done_at.is_(None), Chunk.code.is_(None), _wanted())
    )


def film_waits(session: Session, source_key: str) -> bool:
    """Tell whether any piece of a film is still to be made."""
    waiting = select(Chunk.id).join(Asset, Asset.id == Chunk.asset_id)
    waiting = waiting.where(Asset.source_key == source_key, Chunk.done_at.is_(None), Chunk.code.is_(None), _wanted())
    return session.scalar(waiting.limit(1)) is not None


def renew(session: Session, lease: Lease) -> None:
    """Hold the lease for longer.

    Raises:
        LeaseLost: it is somebody else's, or the recording is being erased; this run must end.
    """
    renewed = session.execute(
        update(Chunk)
        .where(Chunk.id == lease.chunk_id, Chunk.fence == lease.fence, Chunk.done_at.is_(None), _wanted())
        .values(lease_until=clock.now() + timedelta(seconds=LEASE_S))
    )
    _one(renewed)


def give_back(session: Session, lease: Lease, *, counted: bool) -> None:
    """End the lease early, so that the next run needn't wait; `counted` is whether this one was a failure."""
    session.execute(
        update(Chunk)
        .where(Chunk.id == lease.chunk_id, Chunk.fence == lease.fence, Chunk.done_at.is_(None))
        .values(lease_until=None, attempts=Chunk.attempts if counted else func.greatest(Chunk.attempts - 1, 0))
    )


def give_up(session: Session, chunk_id: UUID, *, code: str) -> None:
    """Stop trying: the piece and its recording wait for the teacher, and all that is there stays watchable."""
    asset = session.scalar(select(Asset).join(Chunk, Chunk.asset_id == Asset.id).where(Chunk.id == chunk_id))
    if asset is None or media.lock(session, asset.recording_id) is None:
        return
    stopped = session.scalar(
        update(Chunk)
        .where(Chunk.id == chunk_id, Chunk.done_at.is_(None))
        .values(code=code, lease_until=None)
        .returning(Chunk.kind)
    )
    if stopped is not None and stopped != "best":  # without its best size it is a lesson still
        media.stop(session, asset.recording_id, code=code, kind=asset.kind)


def finish(
    session: Session,
    lease: Lease,
    *,
    segments: Sequence[tuple[str, SegmentFile]],
    inits: Sequence[tuple[str, InitFile]],
    missing_frames: int = 0,
) -> None:
    """Publish what one run made, all of it or nothing, and end the lease.

    Args:
        session: the act's own.
        lease: what the run held; its fence must still be the newest.
        segments: each with the key under which it was stored.
        inits: each with its key; one that another run stored first is kept, and must be the same.
        missing_frames: how many of the frames planned could not be read.

    Raises:
        LeaseLost: a later run has taken over, or the recording is being erased; nothing was published.
        MediaError: this run's inits are others than those published (`frames_lost`).
    """
    recording = _still_wanted(session, lease)
    done = session.execute(
        update(Chunk)
        .where(Chunk.id == lease.chunk_id, Chunk.fence == lease.fence, Chunk.done_at.is_(None))
        .values(done_at=clock.now(), lease_until=None)
    )
    _one(done)
    _publish(session, lease, segments=segments, inits=inits)
    asset = session.get_one(Asset, lease.asset_id)
    if missing_frames and "partial" not in asset.facts["notes"]:
        asset.facts = asset.facts | {"notes": [*asset.facts["notes"], "partial"]}
        aside = asset.kind == AssetKind.BLURRED_COPY or stands_behind(session, asset)
        if recording.media_state != MediaState.NEEDS_ATTENTION and not aside:
            recording.media_code = "partial"
    media.settle(session, recording, asset)


def publish_on(
    session: Session,
    lease: Lease,
    *,
    segments: Sequence[tuple[str, SegmentFile]],
    inits: Sequence[tuple[str, InitFile]],
) -> None:
    """Publish a part of what a run makes while it goes on, and hold the lease for longer.

    Raises:
        LeaseLost: see `finish`.
        MediaError: see `finish`.
    """
    recording = _still_wanted(session, lease)
    renew(session, lease)
    _publish(session, lease, segments=segments, inits=inits)
    media.settle(session, recording, session.get_one(Asset, lease.asset_id))


def published(session: Session, lease: Lease) -> dict[int, int]:
    """Say which segments of this piece earlier runs have published: their numbers, and where each begins in ticks."""
    rows = session.execute(select(Segment.number, Segment.start_ticks).where(Segment.chunk_id == lease.chunk_id)).all()
    return {row.number: row.start_ticks for row in rows}


def _still_wanted(session: Session, lease: Lease) -> Recording:
    recording = media.lock(session, lease.recording_id)
    if recording is None:
        raise LeaseLost
    return recording


def _publish(
    session: Session,
    lease: Lease,
    *,
    segments: Sequence[tuple[str, SegmentFile]],
    inits: Sequence[tuple[str, InitFile]],
) -> None:
    renditions = {
        rendition.name: rendition
        for rendition in session.scalars(select(Rendition).where(Rendition.asset_id == lease.asset_id))
    }
    for key, init in inits:
        _keep_init(renditions[init.rendition], key, init)
    session.add_all(
        Segment(
            alliance_id=renditions[made.rendition].alliance_id,
            rendition_id=renditions[made.rendition].id,
            chunk_id=lease.chunk_id,
            number=made.index,
            start_ticks=made.start_ticks,
            duration_ticks=made.duration_ticks,
            frames=made.frames,
            size_bytes=made.size_bytes,
            key=key,
            sha256=made.sha256,
        )
        for key, made in segments
    )
    session.flush()


def _keep_init(rendition: Rendition, key: str, init: InitFile) -> None:
    if rendition.init_sha256 is None:
        rendition.init_key, rendition.init_sha256, rendition.codecs = key, init.sha256, init.codecs
    elif rendition.init_sha256 != init.sha256:
        raise MediaError("frames_lost", detail=f"the init of {rendition.name} differs between pieces")


def _held(session: Session, chunk_id: UUID) -> Held | None:
    until = session.scalar(
        select(Chunk.lease_until).where(Chunk.id == chunk_id, Chunk.done_at.is_(None), Chunk.code.is_(None), _wanted())
    )
    return Held(until) if until is not None else None


def _wanted() -> Any:  # noqa: ANN401 - a condition of the chunk's own query
    return (
        select(Asset.id)
        .join(Recording, Recording.id == Asset.recording_id)
        .where(Asset.id == Chunk.asset_id, Recording.state.not_in([state.value for state in GONE]))
        .exists()
    )


def _one(result: Any) -> None:  # noqa: ANN401 - SQLAlchemy types an update's result too widely
    if not isinstance(result, CursorResult) or result.rowcount != 1:
        raise LeaseLost
