"""The picture that stands for a lesson on lists."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.lessons.media import service as media
from app.lessons.media.models import Asset, AssetKind, Chunk
from app.lessons.recordings.conditions import GONE
from app.lessons.recordings.models import Recording
from video.plan import Chunk as PlannedChunk
from video.plan import Plan
from video.sizes import Rendition


@dataclass(frozen=True, kw_only=True)
class FilmWithoutPoster:
    """A film of which a picture is to be chosen."""

    recording_id: UUID
    source_key: str
    plan: Plan


def to_make(session: Session, asset_id: UUID) -> FilmWithoutPoster | None:
    """Say of which film a picture is to be chosen; None where there is one, or the recording is gone."""
    asset = session.scalars(
        select(Asset)
        .join(Recording, Recording.id == Asset.recording_id)
        .where(
            Asset.id == asset_id,
            Asset.poster_key.is_(None),
            Asset.kind != AssetKind.BLURRED_COPY,
            Recording.state.not_in([state.value for state in GONE]),
        )
    ).one_or_none()
    if asset is None:
        return None
    rows = session.scalars(
        select(Chunk).where(Chunk.asset_id == asset.id, Chunk.kind == "picture").order_by(Chunk.number)
    ).all()
    chunks = tuple(PlannedChunk.from_json(row.plan) for row in rows)
    return FilmWithoutPoster(
        recording_id=asset.recording_id,
        source_key=asset.source_key,
        plan=Plan(
            duration_ms=chunks[-1].out_ms,
            frames=sum(chunk.frames for chunk in chunks),
            renditions=tuple(Rendition.from_json(row) for row in asset.facts["renditions"]),
            chunks=chunks,
            sound=None,
            notes=tuple(asset.facts["notes"]),
            cost_s=asset.facts["cost_s"],
        ),
    )


def keep(session: Session, asset_id: UUID, *, key: str) -> None:
    """Take a picture for the lesson, unless one was taken meanwhile or the recording is gone: then it is swept."""
    asset = session.get(Asset, asset_id)
    if asset is not None and media.lock(session, asset.recording_id) is not None:
        session.execute(update(Asset).where(Asset.id == asset_id, Asset.poster_key.is_(None)).values(poster_key=key))
