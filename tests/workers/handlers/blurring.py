"""What a teacher does with a blurred copy, and what is then there: for tests of the way that it is made."""

from pathlib import Path
from uuid import UUID

from sqlalchemy import select

from app.authz import Action, permit
from app.jobs.films import MakePreview
from app.lessons.blurs import service
from app.lessons.blurs.models import BlurredCopy
from app.lessons.media.models import Asset, Rendition, Segment
from app.lessons.recordings.models import Recording
from tests.video.test_blur import FOLLOWING
from tests.workers.handlers.bench import Bench
from video.blur import Blur

WISH = Blur(regions=(FOLLOWING,), voices=True)


def choose(bench: Bench, wish: Blur = WISH, from_ms: int = 2000) -> MakePreview:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        copy = service.choose(session, may, wish=wish, from_ms=from_ms)
        return MakePreview(copy.id, copy.version)


def begin(bench: Bench) -> None:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        service.begin(session, may, version=row(bench).version)


def settle(bench: Bench) -> None:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        service.settle(session, may)


def throw_away(bench: Bench) -> None:
    with bench.tools.sessions.begin() as session:
        may = permit(session, bench.amina.actor, Action.REC_WATCH, Recording, bench.recording().id, lock=True)
        service.throw_away(session, may)


def row(bench: Bench) -> BlurredCopy:
    with bench.tools.sessions() as session:
        return session.scalars(select(BlurredCopy)).one()


def assets(bench: Bench) -> dict[str, Asset]:
    with bench.tools.sessions() as session:
        return {asset.kind: asset for asset in session.scalars(select(Asset))}


def joined(bench: Bench, asset_id: UUID, name: str, into: Path) -> Path:
    """Put one rendition of a film together as a player does."""
    with bench.tools.sessions() as session:
        of_it = Rendition.asset_id == asset_id, Rendition.name == name
        rendition = session.scalars(select(Rendition).where(*of_it)).one()
        keys = session.scalars(
            select(Segment.key).where(Segment.rendition_id == rendition.id).order_by(Segment.number)
        ).all()
    whole = into / f"{asset_id}-{name}.mp4"
    with whole.open("wb") as file:
        for key in [rendition.init_key or "", *keys]:
            bench.tools.storage.fetch(key, into / "piece")
            file.write((into / "piece").read_bytes())
    return whole


def stored(bench: Bench) -> set[str]:
    return set(bench.tools.storage.keys("r"))


def rows_of(bench: Bench, asset_id: UUID) -> list[tuple[object, ...]]:
    """Give what a playlist of a film is made of, but for keys, sizes and digests."""
    with bench.tools.sessions() as session:
        asked = (
            select(Rendition.name, Segment.number, Segment.start_ticks, Segment.duration_ticks, Segment.frames)
            .join(Segment, Segment.rendition_id == Rendition.id)
            .where(Rendition.asset_id == asset_id)
            .order_by(Rendition.name, Segment.number)
        )
        return [tuple(each) for each in session.execute(asked)]
