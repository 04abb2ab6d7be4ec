"""What helps to find one's place in a lesson that is ready: its storyboard, and for its teacher the sound strip.

Both are made once, from what is served. Where they can't be made, an empty row says so, and the lesson is as good.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from app.lessons.media import service as media
from app.lessons.media.models import Asset, Chunk, Rendition, Segment, SoundStrip, Storyboard
from app.lessons.media.served import is_served
from app.lessons.recordings.conditions import not_gone
from app.lessons.recordings.models import MediaState, Recording
from video.storyboard import ON_A_SHEET

Look = type[Storyboard] | type[SoundStrip]


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """One rendition of a lesson that is ready: its init's key, and each segment's key and beginning in ticks."""

    recording_id: UUID
    duration_ms: int
    width: int
    height: int
    init_key: str
    segments: tuple[tuple[str, int], ...]


def to_look_through(session: Session, asset_id: UUID) -> Pieces | None:
    """Give the smallest picture of a film without a storyboard; None where there is one, or nothing to see."""
    return _pieces(session, asset_id, kind="picture", there=_there(asset_id, Storyboard))


def to_listen_through(session: Session, asset_id: UUID) -> Pieces | None:
    """Give the sound of a film without a strip; None where there is one, or nothing to hear."""
    return _pieces(session, asset_id, kind="sound", there=_there(asset_id, SoundStrip))


def to_take_poster(session: Session, asset_id: UUID) -> Pieces | None:
    """Give the smallest picture of a copy that nothing stands for; None where something does, or it isn't wanted."""
    return _pieces(session, asset_id, kind="picture", there=Asset.poster_key.is_not(None))


def whole() -> ColumnElement[bool]:
    """Hold where nothing of a film is still to be made."""
    return ~select(Chunk.id).where(Chunk.asset_id == Asset.id, Chunk.done_at.is_(None)).correlate(Asset).exists()


def _there(asset_id: UUID, look: Look) -> ColumnElement[bool]:
    return select(look.id).where(look.asset_id == asset_id).exists()


def _pieces(session: Session, asset_id: UUID, *, kind: str, there: ColumnElement[bool]) -> Pieces | None:
    found = session.execute(
        select(Rendition, Recording)
        .join(Asset, Asset.id == Rendition.asset_id)
        .join(Recording, Recording.id == Asset.recording_id)
        .where(
            Rendition.asset_id == asset_id,
            Rendition.kind == kind,
            Rendition.init_key.is_not(None),
            Recording.media_state == MediaState.READY,
            ~unfinished(),
            not_gone(),
            whole(),
            ~there,
        )
        .order_by(Rendition.height, Rendition.id)
        .limit(1)
    ).one_or_none()
    if found is None or found.Rendition.init_key is None:
        return None
    asked = select(Segment.key, Segment.start_ticks).where(Segment.rendition_id == found.Rendition.id)
    rows = session.execute(asked.order_by(Segment.number)).all()
    return Pieces(
        recording_id=found.Recording.id,
        duration_ms=found.Recording.duration_ms or 0,
        width=found.Rendition.width or 0,
        height=found.Rendition.height or 0,
        init_key=found.Rendition.init_key,
        segments=tuple((row.key, row.start_ticks) for row in rows),
    )


def unfinished() -> ColumnElement[bool]:
    """Hold for a film of which something is still to be made: a full one behind a small copy that is ready."""
    return exists().where(Chunk.asset_id == Asset.id, Chunk.done_at.is_(None))


def keep_storyboard(  # noqa: PLR0913 - each is a column, and all are named
    session: Session,
    asset_id: UUID,
    *,
    sheet_keys: Sequence[str] = (),
    times_ms: Sequence[int] = (),
    changes: Sequence[float] = (),
    size: tuple[int, int] = (0, 0),
) -> None:
    """Keep a storyboard, or that none can be made; not where there is one by now, or the recording is gone."""
    asset = _wanted(session, asset_id, Storyboard)
    if asset is not None:
        session.add(
            Storyboard(
                alliance_id=asset.alliance_id,
                asset_id=asset_id,
                sheet_keys=list(sheet_keys),
                times_ms=list(times_ms),
                changes=list(changes),
                width=size[0],
                height=size[1],
            )
        )


def keep_strip(session: Session, asset_id: UUID, heard: str) -> None:
    """Keep what can be heard, or by nothing that it can't be told; not where it is kept by now."""
    asset = _wanted(session, asset_id, SoundStrip)
    if asset is not None:
        session.add(SoundStrip(alliance_id=asset.alliance_id, asset_id=asset_id, heard=heard))


def _wanted(session: Session, asset_id: UUID, look: Look) -> Asset | None:
    asset = session.get(Asset, asset_id)
    if asset is None or media.lock(session, asset.recording_id) is None:
        return None
    there = session.scalar(select(look.id).where(look.asset_id == asset_id))
    return asset if there is None else None


def sheets_of(session: Session, asset_ids: Iterable[UUID]) -> set[str]:
    """Name the sheets of these films' storyboards."""
    boards = select(Storyboard.sheet_keys).where(Storyboard.asset_id.in_(set(asset_ids)))
    return {key for of_one in session.scalars(boards) for key in of_one}


def storyboard_of(session: Session, asset_id: UUID) -> Storyboard | None:
    """Find a film's storyboard; None where it has none, or none yet."""
    found = session.scalars(select(Storyboard).where(Storyboard.asset_id == asset_id)).one_or_none()
    return found if found is not None and found.sheet_keys else None


def has_storyboard() -> ColumnElement[bool]:
    """Hold where the film that is served of a recording has small pictures to show."""
    its = select(Storyboard.id).join(Asset, Asset.id == Storyboard.asset_id).where(is_served())
    return its.where(Storyboard.width > 0).correlate(Recording).exists()


def stretch_of(board: Storyboard, number: int, *, ends_ms: int) -> tuple[int, int]:
    """Give the stretch of the lesson that one sheet shows, in ms."""
    after = (number + 1) * ON_A_SHEET
    until_ms = board.times_ms[after] if after < len(board.times_ms) else ends_ms
    return board.times_ms[number * ON_A_SHEET], until_ms


def strip_of(session: Session, asset_id: UUID) -> str:
    """Give what can be heard in a film, two seconds a letter; empty where nothing is known."""
    return session.scalar(select(SoundStrip.heard).where(SoundStrip.asset_id == asset_id)) or ""
