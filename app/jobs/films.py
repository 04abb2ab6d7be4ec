"""Jobs that make a lesson out of a film that has arrived."""

from dataclasses import dataclass
from uuid import UUID

from app.jobs import Job, Queue


@dataclass(frozen=True)
class VerifyUpload(Job):
    """Read back what was stored and compare it with what was sent; sharing waits for it."""

    queue = Queue.MEDIA
    priority = 50
    upload_id: UUID


@dataclass(frozen=True)
class ProbeUpload(Job):
    """Look into a film, and plan the work on it."""

    queue = Queue.INTERACTIVE
    priority = 1010
    upload_id: UUID


@dataclass(frozen=True)
class CutUpload(Job):
    """Cut a film to what its teacher keeps of it, and erase the whole one, before it is looked into."""

    queue = Queue.INTERACTIVE
    priority = 1010
    upload_id: UUID


@dataclass(frozen=True)
class DropSmallCopy(Job):
    """Erase a small copy whose place the full film has taken."""

    queue = Queue.MEDIA
    recording_id: UUID


@dataclass(frozen=True)
class EncodeOpening(Job):
    """Encode one of a film's first spans, so that its teacher can begin to watch."""

    queue = Queue.INTERACTIVE
    chunk_id: UUID


@dataclass(frozen=True)
class EncodeChunk(Job):
    """Encode one span of a film, in all its sizes."""

    queue = Queue.MEDIA
    chunk_id: UUID


@dataclass(frozen=True)
class EncodeSound(Job):
    """Encode a film's sound, from its beginning to its end."""

    queue = Queue.INTERACTIVE
    priority = 1000
    chunk_id: UUID


@dataclass(frozen=True)
class MakePoster(Job):
    """Choose a picture that stands for the lesson."""

    queue = Queue.MEDIA
    asset_id: UUID


@dataclass(frozen=True)
class MakeCopyPoster(Job):
    """Choose a picture that stands for a lesson out of its blurred copy: none of the film's may stand for it."""

    queue = Queue.MEDIA
    asset_id: UUID


@dataclass(frozen=True)
class MakePreview(Job):
    """Make ten seconds of a blurred copy, for which its teacher waits; of that choice alone."""

    queue = Queue.INTERACTIVE
    priority = 900
    blur_id: UUID
    version: int


@dataclass(frozen=True)
class MakeExport(Job):
    """Make a stretch of a lesson into a file, for which somebody waits."""

    queue = Queue.MEDIA
    export_id: UUID


@dataclass(frozen=True)
class MakeStoryboard(Job):
    """Make small pictures of a lesson that is ready."""

    queue = Queue.MEDIA
    priority = -5
    asset_id: UUID


@dataclass(frozen=True)
class MakeSoundStrip(Job):
    """Listen through a lesson that is ready: where it is quiet, one voice is heard, or many."""

    queue = Queue.MEDIA
    priority = -5
    asset_id: UUID
