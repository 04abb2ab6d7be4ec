"""A blurred copy of a film: made of the same film by the same plan, in pieces of its own, and nobody's to see yet."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app import clock
from app.lessons.media import turns
from app.lessons.media.models import Asset, AssetKind, Chunk, Rendition
from app.lessons.media.progress import reckon
from app.lessons.recordings.models import Recording


@dataclass(frozen=True)
class HowFar:
    """How far a copy has been made; `code` is set where it stopped for good."""

    percent: int
    ready: bool
    code: str | None


def begin(session: Session, recording: Recording, source: Asset, *, blur: dict[str, Any]) -> Asset:
    """Plan a copy just as its film was planned, with a job for each piece; the caller holds the recording's row."""
    copy = Asset(
        alliance_id=source.alliance_id,
        recording_id=source.recording_id,
        kind=AssetKind.BLURRED_COPY,
        upload_id=source.upload_id,
        source_key=source.source_key,
        size_bytes=source.size_bytes,
        facts=source.facts | _in_one_go(source) | {"blur": blur},
        planned_at=session.scalars(select(clock.now())).one(),
    )
    session.add(copy)
    session.flush()
    session.add_all(
        Rendition(
            alliance_id=copy.alliance_id,
            asset_id=copy.id,
            kind=one.kind,
            name=one.name,
            width=one.width,
            height=one.height,
        )
        for one in session.scalars(select(Rendition).where(Rendition.asset_id == source.id))
    )
    in_one_pass = select(Chunk).where(Chunk.asset_id == source.id, Chunk.kind != "best")
    there = session.scalars(in_one_pass.order_by(Chunk.kind.desc(), Chunk.number))
    pieces = [_again(piece, copy) for piece in there]
    session.add_all(pieces)
    session.flush()
    turns.share_out(session, recording, pieces)
    return copy


def _in_one_go(source: Asset) -> dict[str, Any]:
    """Have every size encoded, none of it copied and none of it later: what isn't encoded can't be blurred."""
    sizes = [size | {"copied": False} for size in source.facts["renditions"]]
    return {"renditions": sizes, "later": [], "later_share": 0.0}


def _again(piece: Chunk, copy: Asset) -> Chunk:
    return Chunk(
        alliance_id=copy.alliance_id,
        asset_id=copy.id,
        kind=piece.kind,
        number=piece.number,
        in_ms=piece.in_ms,
        out_ms=piece.out_ms,
        plan=piece.plan,
    )


def how_far(session: Session, recording: Recording, copy: Asset) -> HowFar:
    """Say how far a copy has been made."""
    now = reckon(session, copy.id, duration_ms=recording.duration_ms or 0)
    stopped = select(Chunk.code).where(Chunk.asset_id == copy.id, Chunk.code.is_not(None)).limit(1)
    return HowFar(percent=now.percent, ready=now.ready, code=session.scalar(stopped))


def forget(session: Session, recording: Recording) -> None:
    """Drop a copy that isn't served; what works on it stops, and its objects are nobody's then."""
    kind = Asset.kind == AssetKind.BLURRED_COPY
    session.execute(delete(Asset).where(Asset.recording_id == recording.id, kind))
    session.flush()
