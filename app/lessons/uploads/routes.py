"""`/cycles/<c>/upload`: the page from which a film is sent, the plain form for whoever has no script; how far it is."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app.agreements.cycles.models import Cycle
from app.authz import Action, Permit, may, permit
from app.errors import Invalid
from app.lessons.media import forecast
from app.lessons.media.account import made_of
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads import page, retrying
from app.lessons.uploads.cutting import being_cut
from app.lessons.uploads.models import Upload
from app.lessons.uploads.queries import upload_of
from app.lessons.uploads.sending import Sender, fingerprint
from app.lessons.uploads.small import standing
from app.lessons.uploads.wish import MIB, Wish, plain_mime
from app.people.words import Together
from app.web.forms import three_part_date
from app.web.guard import large_form, requires
from app.web.parts import parts
from app.web.unit import actor, sessions, transaction
from video.errors import say_for

bp = Blueprint("uploads", __name__, template_folder="templates")
SEE_OTHER = 303
UNPROCESSABLE = 422
#: Without script a film comes in one request, through this process: long enough for a short lesson, and no more.
PLAIN_FORM_BYTES = 256 * MIB


@bp.get("/cycles/<uuid:cycle_id>/upload")
@requires(Action.UPLOAD_CREATE)
def choose(cycle_id: UUID) -> ResponseReturnValue:
    """Show from where a film is sent, who will be able to see it, and until when it is kept."""
    with transaction() as session:
        return _page(session, permit(session, actor(), Action.UPLOAD_CREATE, Cycle, cycle_id))


@bp.post("/cycles/<uuid:cycle_id>/upload")
@requires(Action.UPLOAD_CREATE)
@large_form(PLAIN_FORM_BYTES)
def send(cycle_id: UUID) -> ResponseReturnValue:
    """Take a film that a plain form posted, by the same steps as the browser's."""
    try:
        with transaction() as session:
            permit(session, actor(), Action.UPLOAD_CREATE, Cycle, cycle_id)
        sender = Sender(sessions=sessions(), storage=parts().storage, actor=actor())
        wish, film = _wish(cycle_id)
        upload_id = sender.send(wish, film.stream)
    except Invalid as refused:
        with transaction() as session:
            may_create = permit(session, actor(), Action.UPLOAD_CREATE, Cycle, cycle_id)
            return _page(session, may_create, problem=refused), UNPROCESSABLE
    with transaction() as session:
        recording_id = permit(session, actor(), Action.UPLOAD_RESUME, Upload, upload_id).thing.recording_id
    return redirect(url_for("uploads.status", recording_id=recording_id), code=SEE_OTHER)


@bp.get("/recordings/<uuid:recording_id>/status")
@requires(Action.REC_LIST)
def status(recording_id: UUID) -> ResponseReturnValue:
    """Say how far the film is prepared, and what can be watched now."""
    with transaction() as session:
        seen = permit(session, actor(), Action.REC_LIST, Recording, recording_id)
        template = "uploads/_status.html" if request.headers.get("HX-Request") else "uploads/status.html"
        own = seen.thing.owner_id == seen.actor.person_id
        copy = standing(session, seen.thing)
        return render_template(
            template,
            recording=seen.thing,
            own=own,
            made_of=made_of(session, recording_id) if own else [],
            may_share=may(session, seen.actor, Action.REC_SHARE, Recording, recording_id),
            moving=_moving(seen.thing) or (copy is not None and copy.coming),
            small_copy=copy,
            being_cut=being_cut(session, recording_id),
            when=forecast.said(session, seen.thing),
            media_say=say_for,
        )


def _moving(recording: Recording) -> bool:
    """Tell whether more is to come: a film may be ready before all of it is compared with what was sent."""
    if recording.media_state == MediaState.READY:
        return recording.verified_at is None
    return recording.media_state != MediaState.NEEDS_ATTENTION


@bp.post("/recordings/<uuid:recording_id>/try-again")
@requires(Action.UPLOAD_RESUME)
def try_again(recording_id: UUID) -> ResponseReturnValue:
    """Try once more to prepare a film that stopped."""
    with transaction() as session:
        may_go_on = permit(session, actor(), Action.UPLOAD_RESUME, Upload, upload_of(session, recording_id), lock=True)
        retrying.try_again(session, may_go_on)
        return redirect(url_for("uploads.status", recording_id=recording_id), code=SEE_OTHER)


def _page(session: Session, may_create: Permit[Cycle], *, problem: Invalid | None = None) -> str:
    fields = {} if problem is None else {_AT.get(name, name): say for name, say in problem.fields.items()}
    if problem is not None and not fields:
        fields = {"film": problem.say}
    return render_template(
        "uploads/page.html",
        page=page.before_sending(session, may_create),
        errors=fields,
        typed=_typed() if problem is not None else {},
        plain_form_bytes=PLAIN_FORM_BYTES,
    )


#: What is wrong with the file is said at the field where it is chosen.
_AT = {"size_bytes": "film", "name": "film", "fingerprint": "film"}


def _typed() -> dict[str, Any]:
    """Give back what was typed, so that only what is wrong has to be typed again."""
    days = {
        name: {part: request.form.get(f"{name}-{part}", "") for part in ("day", "month", "year")}
        for name in ("recorded_on", "delete_on")
    }
    return {"class_code": request.form.get("class_code", ""), **days}


def _film() -> FileStorage:
    film = request.files.get("film")
    if film is None or not film.filename:
        raise Invalid("film_missing", "Choose the film first.", fields={"film": "Choose the film of the lesson first."})
    return film


def _wish(cycle_id: UUID) -> tuple[Wish, FileStorage]:
    together = Together()
    film = together.check(_film) or FileStorage()
    recorded_on, delete_on = together.check(_day, "recorded_on"), together.check(_day, "delete_on")
    together.end()
    size_bytes = film.stream.seek(0, 2)
    wish = Wish(
        cycle_id=cycle_id,
        name=film.filename or "",
        size_bytes=size_bytes,
        fingerprint=fingerprint(film.stream, size_bytes),
        mime=plain_mime(film.mimetype),
        recorded_on=recorded_on,
        class_code=request.form.get("class_code", "").strip(),
        delete_on=delete_on,
    )
    return wish, film


def _day(name: str) -> date | None:
    sent: Any = request.form
    try:
        return three_part_date(sent, name)
    except ValueError as error:
        raise Invalid("date_unreadable", str(error), fields={name: str(error)}) from error
