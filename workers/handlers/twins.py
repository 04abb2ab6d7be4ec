"""Takes over what was made of the same film before, in place of making it again."""

from pathlib import Path

from app.lessons.media import chunks, twins
from app.lessons.media.chunks import Lease, LeaseLost
from app.lessons.media.models import Rendition, Segment
from app.lessons.media.twins import Twin
from video.segments import InitFile, SegmentFile
from video.storage.base import NotStored, StorageFull, StorageUnavailable
from workers.handlers.leases import Keeper, PieceJob, give_back, take
from workers.tools import Stopping, Tools


def taken_over(job: PieceJob, tools: Tools) -> bool:
    """Copy a piece from its twin, if it has one; False where it has to be made."""
    with tools.sessions() as session:
        twin = twins.find(session, job.chunk_id)
    if twin is None:
        return False
    lease = take(job, tools)
    if lease is None:
        return True  # somebody else works on it
    try:
        _copy(twin, lease, tools)
    except LeaseLost:
        return True
    except NotStored:
        give_back(tools, lease, counted=False)
        return False  # its twin is being erased
    except (Stopping, StorageUnavailable, StorageFull):
        give_back(tools, lease, counted=False)
        raise
    except BaseException:
        give_back(tools, lease, counted=True)
        raise
    return True


def _copy(twin: Twin, lease: Lease, tools: Tools) -> None:
    keep = Keeper(tools, lease)
    with tools.folder() as folder:
        inits = [_init(rendition, lease, tools, folder) for rendition in twin.inits]
        segments: list[tuple[str, SegmentFile]] = []
        for name, segment in twin.segments:
            segments.append(_segment(name, segment, lease, tools, folder))
            keep()
        with tools.sessions.begin() as session:
            chunks.finish(session, lease, segments=segments, inits=inits, missing_frames=int(twin.partial))


def _init(rendition: Rendition, lease: Lease, tools: Tools, folder: Path) -> tuple[str, InitFile]:
    file = tools.fetch(rendition.init_key or "", folder)
    key = lease.key(f"{rendition.name}-init.mp4")
    init = InitFile(
        rendition=rendition.name,
        path=file,
        size_bytes=file.stat().st_size,
        sha256=rendition.init_sha256 or "",
        codecs=rendition.codecs or "",
    )
    return (key if lease.inits.get(rendition.name) else tools.store(key, file)), init


def _segment(name: str, segment: Segment, lease: Lease, tools: Tools, folder: Path) -> tuple[str, SegmentFile]:
    file = tools.fetch(segment.key, folder)
    key = tools.store(lease.key(f"{name}-{segment.number}.m4s"), file)
    made = SegmentFile(
        rendition=name,
        index=segment.number,
        path=file,
        start_ticks=segment.start_ticks,
        duration_ticks=segment.duration_ticks,
        frames=segment.frames,
        size_bytes=segment.size_bytes,
        sha256=segment.sha256,
    )
    if file.parent == folder:
        file.unlink()  # a copy of what lies elsewhere
    return key, made
