"""Which film of a recording is served, and which of its sizes: what is shown or told of a film goes by this alone."""

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session

from app.lessons.media.models import Asset, AssetKind, Chunk
from app.lessons.recordings.models import Recording


def is_served() -> ColumnElement[bool]:
    """Hold where a film is the one that is served of its recording: the blurred copy once it was settled."""
    blurred = Asset.kind == AssetKind.BLURRED_COPY
    return and_(
        Asset.recording_id == Recording.id,
        or_(and_(Recording.serve == "blurred", blurred), and_(Recording.serve != "blurred", ~blurred)),
    )


def served_asset(session: Session, recording: Recording, *, small: bool = False) -> Asset | None:
    """Give the film that is served: the blurred copy where that was settled, else the source, else the small copy.

    While there is a small copy, the source isn't served until all of it is prepared. With `small`, it is asked for by
    somebody who was watching the small copy, and plays on from it for as long as it is there.
    """
    found = {
        asset.kind: asset
        for asset in session.scalars(
            select(Asset)
            .join(Recording, is_served())
            .where(Recording.id == recording.id, Asset.planned_at.is_not(None))
        )
    }
    if recording.serve == "blurred":
        return found.get(AssetKind.BLURRED_COPY)
    source, copy = found.get(AssetKind.SOURCE), found.get(AssetKind.SMALL_COPY)
    if copy is not None and (small or source is None or not prepared(session, source)):
        return copy
    return source


def prepared(session: Session, asset: Asset) -> bool:
    """Tell whether nothing of a film is still to be made that anybody waits for."""
    waits = exists().where(Chunk.asset_id == asset.id, Chunk.done_at.is_(None), Chunk.kind != "best")
    return not session.scalar(select(waits))


def awaited(session: Session, asset: Asset) -> frozenset[str]:
    """Name the sizes that aren't shown yet: those that were put off, until the last piece of them is there."""
    later = asset.facts.get("later")
    if not later:
        return frozenset()
    undone = select(Chunk.id).where(Chunk.asset_id == asset.id, Chunk.kind == "best", Chunk.done_at.is_(None))
    return frozenset(later) if session.scalar(undone.limit(1)) is not None else frozenset()


def unsettled_copy(session: Session, recording: Recording) -> Asset | None:
    """Give the blurred copy that only its teacher may see, since it isn't what is served."""
    if recording.serve == "blurred":
        return None
    copy = select(Asset).where(Asset.recording_id == recording.id, Asset.kind == AssetKind.BLURRED_COPY)
    return session.scalars(copy).one_or_none()
