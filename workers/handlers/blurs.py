"""Makes ten seconds of a blurred copy for its teacher to judge, from what is served of the lesson."""

from app.jobs.films import MakePreview
from app.lessons.blurs import making
from video.blur import Blur
from video.blur_preview import preview
from video.errors import MediaError
from video.sizes import Rendition
from workers.handlers.exports import stored
from workers.handlers.leases import code_of
from workers.registry import handles
from workers.tools import Tools


def give_up(job: MakePreview, tools: Tools, error: Exception) -> None:
    """Say on its row that the ten seconds can't be made."""
    with tools.sessions.begin() as session:
        making.give_up(session, job, code=code_of(error))


@handles(MakePreview, given_up=give_up)
def make_preview(job: MakePreview, tools: Tools) -> None:
    """Make the ten seconds, unless something else was chosen since; what isn't wanted in the end is erased at once."""
    with tools.sessions.begin() as session:
        work = making.to_preview(session, job)
    if work is None:
        return
    with tools.folder() as folder:
        try:
            made = preview(
                stored(tools, work.picture, folder),
                stored(tools, work.sound, folder) if work.sound and work.sound.keys else None,
                in_ms=work.in_ms,
                out_ms=work.out_ms,
                size=Rendition.from_json(work.size),
                blur=Blur.from_json(work.wish),
                into=folder,
                jail=tools.jail,
                on_tick=tools.may_go_on,
            )
        except MediaError as error:
            if error.retryable:
                raise
            give_up(job, tools, error)
            return
        key = tools.store(work.key(), made)
    with tools.sessions.begin() as session:
        kept = making.keep(session, job, key=key)
    if not kept:
        tools.storage.erase_prefix(key)
