"""A film's first span, which may be worked on before its film is planned: the lease on it comes with the plan."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.lessons.media import chunks, turns
from app.lessons.media.chunks import Lease
from app.lessons.media.models import Asset, Chunk


def take(session: Session, asset: Asset) -> Lease | None:
    """Take the first span to work on, in the act that plans the film; None where somebody has it."""
    first = select(Chunk.id).where(Chunk.asset_id == asset.id, Chunk.kind == "picture", Chunk.number == 0)
    taken = chunks.take(session, session.scalars(first).one())
    return taken if isinstance(taken, Lease) else None


def hand_over(session: Session, lease: Lease) -> None:
    """Give the lease back uncounted, with a new job for the piece: its first one waits for the lease's end."""
    chunks.give_back(session, lease, counted=False)
    chunk = session.get(Chunk, lease.chunk_id)
    if chunk is not None:  # or its film is gone
        turns.again(session, chunk)
