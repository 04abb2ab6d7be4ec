"""What of a film can be handed out: renditions, the unbroken run of their segments, one segment."""

from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Result, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.lessons.clips.models import Clip
from app.lessons.media.models import Asset, AssetKind, Chunk, Rendition, Segment
from app.lessons.media.served import awaited, served_asset
from app.lessons.playback.models import Place
from app.lessons.recordings.models import MediaState, Recording
from video.playlist import Piece, Sounding, Variant, bandwidth, master, media, pieces_between
from video.segments import TICKS_PER_S

MS = 1000


@dataclass(frozen=True, kw_only=True)
class Served:
    """One rendition of a film of a recording, with the pieces that can be played now, and beneath which address."""

    rendition: Rendition
    pieces: list[Piece]
    folder: str
    small: bool = False


def served(
    session: Session, recording: Recording, *, clip: Clip | None = None, copy: Asset | None = None
) -> list[Served]:
    """List the renditions with their unbroken runs of segments, as far as both picture and sound are there.

    With `copy`, of that one, which is its teacher's alone as yet, and not of the film that is served.
    """
    asset = copy or served_asset(session, recording)
    if asset is None:
        return []
    small = asset.kind == AssetKind.SMALL_COPY
    folder = f"/media/{recording.id}{'/blurred' if copy else ''}"
    runs: dict[UUID, Served] = {}
    for rendition, segment in _pieces_of(session, asset, until_ms=recording.watchable_ms):
        run = runs.setdefault(rendition.id, Served(rendition=rendition, pieces=[], folder=folder, small=small))
        if segment is not None:
            run.pieces.append(_piece(run, segment))
    hidden = awaited(session, asset)
    found = [run for run in runs.values() if run.rendition.init_key and run.rendition.name not in hidden]
    if clip is not None:
        found = [replace(run, pieces=pieces_between(run.pieces, clip.in_ms, clip.out_ms)) for run in found]
    return [run for run in found if run.pieces]


def _pieces_of(session: Session, asset: Asset, *, until_ms: int) -> Result[Rendition, Segment]:
    """Give each rendition with its unbroken run of segments, or with None where there is none of it yet."""
    broken = (
        select(func.min(Chunk.number))
        .where(Chunk.asset_id == asset.id, Chunk.kind == "picture", Chunk.done_at.is_(None))
        .scalar_subquery()
    )
    owning = aliased(Chunk)
    return session.execute(
        select(Rendition, Segment)
        .outerjoin(
            Segment,
            and_(
                Segment.rendition_id == Rendition.id,
                Segment.start_ticks < until_ms * TICKS_PER_S // MS,
                select(owning.id)
                .where(
                    owning.id == Segment.chunk_id,
                    (owning.kind != "picture") | broken.is_(None) | (owning.number < broken),
                )
                .exists(),
            ),
        )
        .where(Rendition.asset_id == asset.id)
        .order_by(Rendition.height, Rendition.id, Segment.number)
    )


def master_playlist(runs: list[Served]) -> str:
    """Write the playlist of playlists."""
    sound = next((run for run in runs if run.rendition.kind == "sound"), None)
    variants = [
        Variant(
            uri=f"{run.rendition.name}.m3u8",
            width=run.rendition.width or 0,
            height=run.rendition.height or 0,
            codecs=run.rendition.codecs or "",
            bandwidth=bandwidth(run.pieces, width=run.rendition.width or 0, height=run.rendition.height or 0),
        )
        for run in runs
        if run.rendition.kind == "picture"
    ]
    if sound is None:
        return master(variants)
    codecs = sound.rendition.codecs or "mp4a.40.2"
    return master(variants, Sounding(uri="sound.m3u8", codecs=codecs, bandwidth=bandwidth(sound.pieces)))


def media_playlist(recording: Recording, run: Served, *, clip: Clip | None = None) -> str:
    """Write one rendition's playlist: it grows until all is prepared; a clip's is whole once its end is there."""
    init_uri = f"{run.folder}/{run.rendition.name}/init.mp4{_of(run)}"
    ready = recording.media_state == MediaState.READY
    ended = ready if clip is None else ready or recording.watchable_ms >= clip.out_ms
    return media(run.pieces, init_uri=init_uri, ended=ended)


def find_segment(session: Session, asset: Asset, rendition_name: str, number: int) -> Segment | None:
    """Find one segment of a film; none while its chunk isn't done."""
    return session.scalars(
        select(Segment)
        .join(Rendition, Rendition.id == Segment.rendition_id)
        .where(Rendition.asset_id == asset.id, Rendition.name == rendition_name, Segment.number == number)
    ).one_or_none()


def find_rendition(session: Session, asset: Asset, name: str) -> Rendition | None:
    """Find one rendition of a film."""
    return session.scalars(
        select(Rendition).where(Rendition.asset_id == asset.id, Rendition.name == name)
    ).one_or_none()


def find_place(session: Session, recording_id: UUID, person_id: UUID) -> Place | None:
    """Find where a person left off."""
    return session.get(Place, (recording_id, person_id))


def _of(run: Served) -> str:
    """Mark the addresses of a small copy: another film may be served by the time they are asked for."""
    return "?film=small" if run.small else ""


def _piece(run: Served, segment: Segment) -> Piece:
    return Piece(
        uri=f"{run.folder}/{run.rendition.name}/{segment.number}.m4s{_of(run)}",
        start_ticks=segment.start_ticks,
        duration_ticks=segment.duration_ticks,
        size_bytes=segment.size_bytes,
    )
