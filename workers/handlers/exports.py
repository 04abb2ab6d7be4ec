"""Makes a stretch of a lesson into a file, from what is served of it."""

from pathlib import Path

from app import ids
from app.jobs.films import MakeExport
from app.lessons.exports import making
from app.lessons.media.strands import Strand
from video.errors import MediaError
from video.export import Stored, export
from video.sizes import Rendition
from video.timecode import clock_face
from workers.handlers.leases import code_of
from workers.registry import handles
from workers.tools import Tools


def give_up(job: MakeExport, tools: Tools, error: Exception) -> None:
    """Say on its row that the file can't be made."""
    with tools.sessions.begin() as session:
        making.give_up(session, job.export_id, code=code_of(error))


@handles(MakeExport, given_up=give_up)
def make_export(job: MakeExport, tools: Tools) -> None:
    """Make the file, unless nobody waits for it any more or they may no longer have it."""
    with tools.sessions.begin() as session:
        work = making.to_make(session, job.export_id)
    if work is None:
        return
    with tools.folder() as folder:
        try:
            made = export(
                stored(tools, work.picture, folder),
                stored(tools, work.sound, folder) if work.sound and work.sound.keys else None,
                in_ms=work.in_ms,
                out_ms=work.out_ms,
                size=Rendition.from_json(work.size),
                into=folder,
                jail=tools.jail,
                notice=work.notice,
                on_tick=tools.may_go_on,
            )
        except MediaError as error:
            if error.retryable:
                raise
            give_up(job, tools, error)
            return
        ends = (clock_face(at).replace(":", "m") for at in (work.in_ms, work.out_ms))
        key = f"r/{work.recording_id}/x{ids.new().hex}/lesson-{'-to-'.join(ends)}.mp4"
        tools.store(key, made.path)
        with tools.sessions.begin() as session:
            kept = making.keep(session, job.export_id, key=key, size_bytes=made.path.stat().st_size)
        if not kept:
            tools.storage.erase_prefix(key)  # taken back meanwhile, or made of a film that a blurred copy replaced


def stored(tools: Tools, strand: Strand, folder: Path) -> Stored:
    """Fetch what a stretch needs of one rendition."""
    init = tools.fetch(strand.init_key, folder)
    return Stored(init=init, segments=tuple(tools.fetch(key, folder) for key in strand.keys))
