"""What the clock asks about films: rows that wait without a job, and objects in storage that belong to no row."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, column, exists, select, table
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, aliased

from app import clock, jobs
from app.jobs.films import DropSmallCopy, MakeSoundStrip, MakeStoryboard
from app.lessons.media import looks, turns
from app.lessons.media.chunks import LETTERS
from app.lessons.media.models import Asset, AssetKind, Chunk, Rendition, Segment, SoundStrip, Storyboard
from app.lessons.recordings.conditions import not_gone
from app.lessons.recordings.models import MediaState, Recording

#: What the way of a film writes, and nothing else: objects of other kinds are their own features' affair.
_PIECE = re.compile(r"r/[0-9a-f-]{36}/([0-9a-f-]{36})/([csh])(\d+)/f(\d+)/[^/]+")
_KINDS = {letter: kind for kind, letter in LETTERS.items()}
_POSTER = re.compile(r"r/[0-9a-f-]{36}/([0-9a-f-]{36})/p([0-9a-f]{32})/poster\.jpg")
_SHEET = re.compile(r"r/[0-9a-f-]{36}/([0-9a-f-]{36})/b([0-9a-f]{32})/sheet-\d+\.jpg")
#: Between an object's being stored and its row's being committed lies less than this.
SETTLED = timedelta(hours=1)
#: Lessons that are old wait for one another: what is asked for today comes first.
_LOOKS_AT_ONCE = 20


# The queue's own table; what a job is for stands in its arguments.
_JOBS = table("procrastinate_jobs", column("status", Text), column("task_name", Text), column("args", JSONB))


@dataclass(frozen=True)
class _Piece:
    """One object of one run on one piece of a film, as its key says."""

    key: str
    asset_id: UUID
    kind: str
    number: int
    fence: int


def live_job(*names: str, field: str, value: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Hold where the queue has a job of one of these kinds for a row: waiting, or being done."""
    return exists().where(
        cast(_JOBS.c.status, Text).in_(("todo", "doing")),
        _JOBS.c.task_name.in_(names),
        _JOBS.c.args[field].astext == cast(value, Text),
    )


def give_jobs(session: Session) -> int:
    """Give a job to each piece that waits without one; return how many: above 0 is a defect somewhere."""
    lost = session.scalars(
        select(Chunk)
        .join(Asset, Asset.id == Chunk.asset_id)
        .join(Recording, Recording.id == Asset.recording_id)
        .where(
            Chunk.done_at.is_(None),
            Chunk.code.is_(None),
            not_gone(),
            ~live_job("EncodeChunk", "EncodeOpening", "EncodeSound", field="chunk_id", value=Chunk.__table__.c.id),
        )
        .order_by(Chunk.number)
        .with_for_update(of=Chunk, skip_locked=True)
    ).all()
    for chunk in lost:
        turns.again(session, chunk)
    return len(lost)


def give_looks(session: Session) -> int:
    """Have looked and listened through some lessons that are ready and were not: those of before there was such."""
    given = 0
    for look, job in ((Storyboard, MakeStoryboard), (SoundStrip, MakeSoundStrip)):
        without = session.scalars(
            select(Asset.id)
            .join(Recording, Recording.id == Asset.recording_id)
            .where(
                Recording.media_state == MediaState.READY,
                ~looks.unfinished(),
                not_gone(),
                looks.whole(),
                ~exists().where(look.asset_id == Asset.id),
                exists().where(
                    Rendition.asset_id == Asset.id,
                    Rendition.kind == ("picture" if look is Storyboard else "sound"),
                    Rendition.init_key.is_not(None),
                ),
                ~live_job(job.__name__, field="asset_id", value=Asset.__table__.c.id),
            )
            .order_by(Asset.id.desc())
            .limit(_LOOKS_AT_ONCE)
        ).all()
        for asset_id in without:
            jobs.enqueue(session, job(asset_id))
        given += len(without)
    return given


def give_endings(session: Session) -> int:
    """Have small copies let go whose place a full film has taken, and that nobody was told to let go."""
    source = aliased(Asset)
    replaced = session.scalars(
        select(Asset.recording_id)
        .join(source, and_(source.recording_id == Asset.recording_id, source.kind == AssetKind.SOURCE))
        .join(Recording, Recording.id == Asset.recording_id)
        .where(
            Asset.kind == AssetKind.SMALL_COPY,
            source.planned_at.is_not(None),
            ~exists().where(Chunk.asset_id == source.id, Chunk.done_at.is_(None)),
            not_gone(),
            ~live_job("DropSmallCopy", field="recording_id", value=Recording.__table__.c.id),
        )
    ).all()
    for recording_id in replaced:
        jobs.enqueue(session, DropSmallCopy(recording_id))
    return len(replaced)


def orphans(session: Session, keys: Iterable[str]) -> list[str]:
    """Choose from stored objects those that no row names, and that no run may yet publish."""
    pieces: list[_Piece] = []
    posters: list[str] = []
    sheets: dict[str, UUID] = {}
    now = session.scalars(select(clock.now())).one()
    for key in keys:
        if piece := _PIECE.fullmatch(key):
            pieces.append(_Piece(key, UUID(piece[1]), _KINDS[piece[2]], int(piece[3]), int(piece[4])))
        elif (poster := _POSTER.fullmatch(key)) and made_at(poster[2]) < now - SETTLED:
            posters.append(key)
        elif (sheet := _SHEET.fullmatch(key)) and made_at(sheet[2]) < now - SETTLED:
            sheets[key] = UUID(sheet[1])
    shown = set(session.scalars(select(Asset.poster_key).where(Asset.poster_key.in_(posters))))
    shown |= looks.sheets_of(session, sheets.values())
    return [*(key for key in [*posters, *sheets] if key not in shown), *_orphaned_pieces(session, pieces, now)]


def made_at(name: str) -> datetime:
    """Read from an id in hex when it was made: its first 48 bits are milliseconds."""
    return datetime.fromtimestamp(int(name[:12], 16) / 1000).astimezone()


def _orphaned_pieces(session: Session, pieces: list[_Piece], now: datetime) -> list[str]:
    keys = [piece.key for piece in pieces]
    named = set(session.scalars(select(Segment.key).where(Segment.key.in_(keys))))
    named |= set(session.scalars(select(Rendition.init_key).where(Rendition.init_key.in_(keys))))
    rows = session.scalars(select(Chunk).where(Chunk.asset_id.in_({piece.asset_id for piece in pieces}))).all()
    chunks = {(chunk.asset_id, chunk.kind, chunk.number): chunk for chunk in rows}
    return [
        piece.key
        for piece in pieces
        if piece.key not in named
        and not _may_be_published(chunks.get((piece.asset_id, piece.kind, piece.number)), piece.fence, now)
    ]


def _may_be_published(chunk: Chunk | None, fence: int, now: datetime) -> bool:
    """Tell whether the run with this fence may still publish: only the newest may, and only while it isn't over."""
    if chunk is None or chunk.done_at is not None or fence < chunk.fence:
        return False
    return chunk.lease_until is not None and chunk.lease_until > now - SETTLED
