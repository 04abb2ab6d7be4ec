"""How a film becomes a lesson: planned once, prepared in pieces, watchable from its beginning all the while."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock, jobs
from app.audit import record_rule
from app.jobs.films import MakeCopyPoster, MakePoster, MakeSoundStrip, MakeStoryboard
from app.lessons.media import passes, turns
from app.lessons.media.models import Asset, AssetKind, Chunk, Rendition, Segment
from app.lessons.media.progress import Progress, reckon
from app.lessons.media.replacing import stands_behind, take_over
from app.lessons.recordings.conditions import GONE
from app.lessons.recordings.models import MediaState, Recording
from app.notify import service as notify
from video.plan import Plan

#: Of what a teacher should be told though the lesson can be watched, this comes first.
_TOLD_FIRST = ("partial", "no_audio", "short_audio")
#: What its teacher waits for: everything else can be seen on the status page.
_TOLD = {MediaState.READY: "recording.ready", MediaState.NEEDS_ATTENTION: "recording.needs_attention"}


@dataclass(frozen=True, kw_only=True)
class Film:
    """A film that has arrived: where it lies, of which upload it is, and what is the same for the same film."""

    recording_id: UUID
    upload_id: UUID
    source_key: str
    size_bytes: int
    digest: str | None = None
    kind: str = AssetKind.SOURCE
    #: A small copy is watched until all of it is prepared.
    behind: bool = False


def lock(session: Session, recording_id: UUID) -> Recording | None:
    """Hold a recording's row until the transaction ends; None where it is gone or going: nothing more is published."""
    return session.scalars(
        select(Recording)
        .where(Recording.id == recording_id, Recording.state.not_in([state.value for state in GONE]))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()


def move(session: Session, recording: Recording, state: MediaState, *, code: str | None = None) -> None:
    """Say how far a film has been prepared, and why it stopped where it did; repeated, nothing happens."""
    if (recording.media_state, recording.media_code) == (state, code):
        return
    before, recording.media_state, recording.media_code = recording.media_state, state, code
    if state == MediaState.READY and recording.ready_at is None:
        recording.ready_at = session.scalars(select(clock.now())).one()
    session.flush()
    if before != state:
        if state in _TOLD:
            notify.tell(session, [recording.owner_id], _TOLD[state], recording.id)
        record_rule(
            session,
            "media.state",
            rule=code or "prepared",
            thing_kind="recording",
            thing_id=recording.id,
            alliance_id=recording.alliance_id,
            from_state=before,
            to_state=state,
        )


def forget(session: Session, recording: Recording) -> None:
    """Drop all that was made of a recording's film; its objects are swept, being nobody's then."""
    films = (AssetKind.SOURCE.value, AssetKind.SMALL_COPY.value)
    session.execute(delete(Asset).where(Asset.recording_id == recording.id, Asset.kind.in_(films)))
    recording.watchable_ms = recording.prepared_percent = 0
    recording.duration_ms = recording.ready_at = None
    session.flush()


def keep_plan(session: Session, film: Film, *, plan: Plan, facts: dict[str, Any]) -> Asset | None:
    """Keep what looking into a film found, and the work that it is, with a job for each piece.

    None where nothing is to be done: it was planned before, or the recording is gone.
    """
    recording = lock(session, film.recording_id)
    if recording is None or not _awaited(session, recording, film):
        return None
    later = passes.later(session, plan)
    asset = Asset(
        alliance_id=recording.alliance_id,
        recording_id=recording.id,
        kind=film.kind,
        upload_id=film.upload_id,
        source_key=film.source_key,
        size_bytes=film.size_bytes,
        digest=film.digest,
        facts=facts
        | {"renditions": [size.to_json() for size in plan.renditions], "notes": list(plan.notes)}
        | {"later": [size.name for size in later], "later_share": passes.share(plan, later)},
        planned_at=session.scalars(select(clock.now())).one(),
    )
    session.add(asset)
    session.flush()
    _add_renditions(session, asset, plan)
    chunks = _add_chunks(session, asset, plan)
    if not film.behind:
        recording.duration_ms = plan.duration_ms
        move(session, recording, MediaState.PREPARING, code=first_told(plan.notes))
    turns.share_out(session, recording, chunks)
    jobs.enqueue(session, MakePoster(asset.id))
    return asset


def _awaited(session: Session, recording: Recording, film: Film) -> bool:
    if not film.behind:
        return recording.media_state == MediaState.PROBING
    planned = select(Asset.id).where(Asset.recording_id == recording.id, Asset.kind == film.kind)
    return session.scalars(planned).one_or_none() is None


def first_told(notes: tuple[str, ...] | list[str]) -> str | None:
    """Choose which of several findings a teacher is told; all are kept among the film's facts."""
    return next((code for code in _TOLD_FIRST if code in notes), None)


def stop(session: Session, recording_id: UUID, *, code: str, kind: str = AssetKind.SOURCE) -> None:
    """Say that a film can't be prepared, or not further, until its teacher has looked; of a copy nobody else learns."""
    recording = lock(session, recording_id)
    if recording is not None and kind == AssetKind.BLURRED_COPY:
        notify.tell(session, [recording.owner_id], "blur.made", recording.id)
    elif recording is not None:
        move(session, recording, MediaState.NEEDS_ATTENTION, code=code)


def go_on(session: Session, recording: Recording) -> int:
    """Try again what stopped; return how many pieces that is."""
    stopped = session.scalars(
        select(Chunk)
        .join(Asset, Asset.id == Chunk.asset_id)
        .where(Asset.recording_id == recording.id, Chunk.code.is_not(None), Chunk.done_at.is_(None))
        .order_by(Chunk.number)
        .with_for_update(of=Chunk)
    ).all()
    for chunk in stopped:
        chunk.code, chunk.attempts, chunk.lease_until = None, 0, None
    session.flush()
    turns.share_out(session, recording, stopped)
    if stopped:
        asset = session.get_one(Asset, stopped[0].asset_id)
        move(session, recording, MediaState.PREPARING, code=first_told(asset.facts["notes"]))
        settle(session, recording, asset)
    return len(stopped)


def settle(session: Session, recording: Recording, asset: Asset) -> None:
    """Reckon anew how much can be watched; the caller holds the recording's row.

    A blurred copy moves nothing of its recording while it is made: its teacher is told once it can be looked over.
    """
    if stands_behind(session, asset):
        if take_over(session, recording, asset, shows_anything=_shows_anything(session, asset.id)):
            move(session, recording, MediaState.READY, code=first_told(asset.facts["notes"]))
        return
    now = reckon(session, asset.id, duration_ms=recording.duration_ms or 0)
    if asset.kind == AssetKind.BLURRED_COPY:
        _settle_copy(session, recording, asset, ready=now.ready)
        return
    _settle_watched(session, recording, asset, now)


def _settle_watched(session: Session, recording: Recording, asset: Asset, now: Progress) -> None:
    recording.watchable_ms, recording.prepared_percent = now.watchable_ms, now.percent
    session.flush()
    if recording.media_state == MediaState.NEEDS_ATTENTION:
        return
    if now.ready and not _shows_anything(session, asset.id):
        # Every picture was unreadable: its list of packets was whole, and nothing else of it.
        move(session, recording, MediaState.NEEDS_ATTENTION, code="not_video")
    elif now.ready:
        if recording.media_state != MediaState.READY:
            jobs.enqueue(session, MakeStoryboard(asset.id))
            jobs.enqueue(session, MakeSoundStrip(asset.id))
        move(session, recording, MediaState.READY, code=recording.media_code)
    elif now.watchable_ms > 0:
        move(session, recording, MediaState.WATCHABLE, code=recording.media_code)


def _settle_copy(session: Session, recording: Recording, copy: Asset, *, ready: bool) -> None:
    if ready:
        for job in (MakeCopyPoster, MakeStoryboard, MakeSoundStrip):
            jobs.enqueue(session, job(copy.id))
        notify.tell(session, [recording.owner_id], "blur.made", recording.id)


def _shows_anything(session: Session, asset_id: UUID) -> bool:
    pieces = select(Segment.id).join(Rendition, Rendition.id == Segment.rendition_id)
    found = session.scalar(pieces.where(Rendition.asset_id == asset_id, Rendition.kind == "picture").limit(1))
    return found is not None


def _add_renditions(session: Session, asset: Asset, plan: Plan) -> None:
    for size in plan.renditions:
        session.add(
            Rendition(
                alliance_id=asset.alliance_id,
                asset_id=asset.id,
                kind="picture",
                name=size.name,
                width=size.width,
                height=size.height,
            )
        )
    if plan.sound is not None:
        session.add(Rendition(alliance_id=asset.alliance_id, asset_id=asset.id, kind="sound", name="sound"))
    session.flush()


def _add_chunks(session: Session, asset: Asset, plan: Plan) -> list[Chunk]:
    chunks = [
        Chunk(
            alliance_id=asset.alliance_id,
            asset_id=asset.id,
            kind=kind,
            number=chunk.index,
            in_ms=chunk.in_ms,
            out_ms=chunk.out_ms,
            plan=chunk.to_json(),
        )
        for kind in (["picture", "best"] if asset.facts["later"] else ["picture"])
        for chunk in plan.chunks
    ]
    if plan.sound is not None:
        chunks.insert(
            0,
            Chunk(
                alliance_id=asset.alliance_id,
                asset_id=asset.id,
                kind="sound",
                number=0,
                in_ms=0,
                out_ms=plan.duration_ms,
                plan=plan.sound.to_json(),
            ),
        )
    session.add_all(chunks)
    session.flush()
    return chunks
