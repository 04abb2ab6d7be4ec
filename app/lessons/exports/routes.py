"""`/recordings/<r>/download`: a stretch of a lesson as a file, for those whom both protocols let download it."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, Permit, permit
from app.errors import Invalid, TooMany
from app.lessons.exports import service
from app.lessons.exports.models import ExportState
from app.lessons.playback.service import hand_out
from app.lessons.recordings.models import Recording
from app.people.words import Together
from app.web.guard import requires
from app.web.numbers import whole
from app.web.parts import parts
from app.web.unit import actor, transaction
from video.errors import say_for
from video.timecode import clock_face, parse_time

bp = Blueprint("exports", __name__, template_folder="templates")
SEE_OTHER = 303
ADDRESS_S = 60
_FIELDS = {"in_ms": "in", "out_ms": "out"}


@bp.get("/recordings/<uuid:recording_id>/download")
@requires(Action.VIDEO_DOWNLOAD)
def show(recording_id: UUID) -> ResponseReturnValue:
    """Show one's files of a lesson, and ask from where to where the next one goes; `?in=` and `?out=` are in ms."""
    with transaction() as session:
        may = permit(session, actor(), Action.VIDEO_DOWNLOAD, Recording, recording_id)
        if request.headers.get("HX-Request"):
            return render_template("exports/_files.html", **_files(session, may))
        in_ms, out_ms = (whole(request.args.get(name, "")) for name in ("in", "out"))
        ends_ms = may.thing.watchable_ms if out_ms is None else out_ms
        return _page(session, may, {"in": clock_face(in_ms or 0), "out": clock_face(ends_ms)}, {})


@bp.post("/recordings/<uuid:recording_id>/download")
@requires(Action.VIDEO_DOWNLOAD)
def ask(recording_id: UUID) -> ResponseReturnValue:
    """Ask for a stretch as a file."""
    with transaction() as session:
        may = permit(session, actor(), Action.VIDEO_DOWNLOAD, Recording, recording_id, lock=True)
        try:
            in_ms, out_ms = _typed()
            service.ask(session, may, in_ms=in_ms, out_ms=out_ms)
        except Invalid as error:
            errors = {_FIELDS.get(name, name): say for name, say in error.fields.items()}
            return _page(session, may, request.form, errors), error.status
        except TooMany as error:
            return _page(session, may, request.form, {"out": error.say}), error.status
    return redirect(url_for("exports.show", recording_id=recording_id), code=SEE_OTHER)


@bp.get("/exports/<uuid:export_id>/file")
@requires(Action.VIDEO_DOWNLOAD, Action.REC_WATCH)
def fetch(export_id: UUID) -> ResponseReturnValue:
    """Hand out a file: the policy once more, the log, and an address that dies within a minute."""
    with transaction() as session:
        export, may_watch = service.to_fetch(session, actor(), export_id)
        hand_out(session, may_watch, what="export", from_ms=export.in_ms, until_ms=export.out_ms)
        # As plain bytes every browser keeps it, instead of playing it beside the page.
        address = parts().storage.url(export.key or "", expires_s=ADDRESS_S, content_type="application/octet-stream")
    return redirect(address, code=302)


def _typed() -> tuple[int, int]:
    together = Together()
    in_ms, out_ms = (together.check(_moment, name) for name in _FIELDS.values())
    together.end()
    return in_ms or 0, out_ms or 0


def _moment(name: str) -> int:
    try:
        return parse_time(request.form.get(name, ""))
    except ValueError as error:
        raise Invalid("export_unclear", str(error), fields={name: str(error)}) from error


def _files(session: Session, may: Permit[Recording]) -> dict[str, object]:
    files = service.exports_of(session, may)
    moving = any(one.state == ExportState.WAITING for one in files)
    return {"recording": may.thing, "files": files, "moving": moving, "media_say": say_for}


def _page(session: Session, may: Permit[Recording], sent: dict[str, str], errors: dict[str, str]) -> str:
    own = may.thing.owner_id == may.actor.person_id
    return render_template("exports/download.html", **_files(session, may), sent=sent, errors=errors, own=own)
