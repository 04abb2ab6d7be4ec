"""`/recordings/<r>/blur`: a lesson's teacher, and nobody else, has a blurred copy made of it, and uses it."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, Permit, permit
from app.errors import Conflict, Invalid, NotFound
from app.lessons.blurs import service
from app.lessons.blurs.forms import BlurForm
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.media.copies import HowFar
from app.lessons.playback.routes import go
from app.lessons.playback.service import hand_out
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.recordings.own import own
from app.web.guard import requires
from app.web.numbers import version_seen
from app.web.unit import actor, transaction
from video.blur import Blur
from video.errors import say_for

bp = Blueprint("blurs", __name__, template_folder="templates")
SEE_OTHER = 303


@bp.get("/recordings/<uuid:recording_id>/blur")
@requires(Action.REC_WATCH)
def show(recording_id: UUID) -> ResponseReturnValue:
    """Show what is blurred, or to be blurred, and how far it has come."""
    with transaction() as session:
        may = _may(session, recording_id)
        if request.headers.get("HX-Request"):
            return render_template("blurs/_state.html", **_state(session, may))
        copy = service.copy_of(session, may.thing)
        wish = Blur.from_json(copy.wish) if copy else None
        return _page(session, may, BlurForm.showing(wish, copy.from_ms if copy else 0))


@bp.post("/recordings/<uuid:recording_id>/blur")
@requires(Action.REC_WATCH)
def choose(recording_id: UUID) -> ResponseReturnValue:
    """Keep what is to be blurred, and have ten seconds of it made."""
    form = BlurForm.sent(request.form)
    with transaction() as session:
        may = _may(session, recording_id, lock=True)
        wish, from_ms = form.wish()
        if form.mends:
            return _page(session, may, form), Invalid.status
        try:
            service.choose(session, may, wish=wish, from_ms=from_ms)
        except Invalid as error:
            form.others |= error.fields
            return _page(session, may, form), error.status
        except Conflict as error:
            return _page(session, may, form, said=error.say), error.status
    return _back(recording_id)


@bp.post("/recordings/<uuid:recording_id>/blur/begin")
@requires(Action.REC_WATCH)
def begin(recording_id: UUID) -> ResponseReturnValue:
    """Have the whole copy made, as its ten seconds showed it."""
    with transaction() as session:
        may = _may(session, recording_id, lock=True)
        service.begin(session, may, version=version_seen(request.form.get("version", "")))
    return _back(recording_id)


@bp.post("/recordings/<uuid:recording_id>/blur/throw-away")
@requires(Action.REC_WATCH)
def throw_away(recording_id: UUID) -> ResponseReturnValue:
    """Forget a copy that isn't used; the lesson stays as it is."""
    with transaction() as session:
        service.throw_away(session, _may(session, recording_id, lock=True))
    return _back(recording_id)


@bp.get("/recordings/<uuid:recording_id>/blur/use")
@requires(Action.REC_WATCH)
def confirm(recording_id: UUID) -> ResponseReturnValue:
    """Ask once more, naming what goes: the film can't be had back."""
    with transaction() as session:
        may = _may(session, recording_id)
        now = service.how_far(session, may.thing)
        if now is None or not now.ready:
            raise NotFound
        return render_template("blurs/use.html", recording=may.thing)


@bp.post("/recordings/<uuid:recording_id>/blur/use")
@requires(Action.REC_WATCH)
def use(recording_id: UUID) -> ResponseReturnValue:
    """Serve the copy to everybody from now on, and have the film erased."""
    with transaction() as session:
        service.settle(session, _may(session, recording_id, lock=True))
    return _back(recording_id)


@bp.get("/media/<uuid:recording_id>/blurred/preview.mp4")
@requires(Action.REC_WATCH)
def preview(recording_id: UUID) -> ResponseReturnValue:
    """Hand out the ten seconds."""
    with transaction() as session:
        may = _may(session, recording_id)
        copy = service.copy_of(session, may.thing)
        if copy is None or copy.preview_key is None:
            raise NotFound
        ends_ms = service.ends_ms(may.thing, copy.from_ms)
        hand_out(session, may, what="preview", from_ms=copy.from_ms, until_ms=ends_ms)
        return go(copy.preview_key, "video/mp4")


def _may(session: Session, recording_id: UUID, *, lock: bool = False) -> Permit[Recording]:
    may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id, lock=lock)
    own(may)
    return may


def _back(recording_id: UUID) -> ResponseReturnValue:
    return redirect(url_for("blurs.show", recording_id=recording_id), code=SEE_OTHER)


def _state(session: Session, may: Permit[Recording]) -> dict[str, object]:
    copy = service.copy_of(session, may.thing)
    now = service.how_far(session, may.thing)
    moving = copy is not None and (
        copy.state == BlurState.WAITING or (now is not None and not now.ready and now.code is None)
    )
    return {
        "recording": may.thing,
        "copy": copy,
        "now": now,
        "moving": moving,
        "steps": _steps(copy, now),
        "media_say": say_for,
    }


def _page(session: Session, may: Permit[Recording], form: BlurForm, *, said: str = "") -> str:
    ready = may.thing.media_state == MediaState.READY and may.thing.verified_at is not None
    return render_template("blurs/blur.html", **_state(session, may), form=form, said=said, ready=ready)


def _steps(copy: BlurredCopy | None, now: HowFar | None) -> list[dict[str, str]]:
    at = {BlurState.MAKING: 2, BlurState.SETTLED: 4}.get(BlurState(copy.state), 1) if copy else 0
    at += now is not None and now.ready
    names = ("Choose what to blur", "See ten seconds of it", "Have the whole made", "Look it over and use it")
    return [
        {"label": name, "state": "done" if place < at else "now" if place == at else "later"}
        for place, name in enumerate(names)
    ]
