"""`/recordings/<r>/captions`: the teacher brings captions, mends them, hides them or takes them away."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, Permit, permit
from app.errors import Conflict, Invalid
from app.lessons.captions import service
from app.lessons.captions.forms import MendForm, pages
from app.lessons.captions.models import Captions
from app.lessons.recordings.models import Recording
from app.lessons.recordings.own import own
from app.web.guard import requires
from app.web.numbers import whole
from app.web.unit import actor, transaction
from video.captions import CaptionTrouble, Cue, read, to_srt, to_vtt
from video.timecode import clock_face

bp = Blueprint("captions", __name__, template_folder="templates")
SEE_OTHER = 303
_WRITERS = {"vtt": (to_vtt, "text/vtt"), "srt": (to_srt, "application/x-subrip")}


@bp.get("/recordings/<uuid:recording_id>/captions")
@requires(Action.REC_WATCH)
def show(recording_id: UUID) -> ResponseReturnValue:
    """Show the teacher, and nobody else, what captions there are."""
    with transaction() as session:
        return _page(session, _may(session, recording_id), {})


@bp.post("/recordings/<uuid:recording_id>/captions")
@requires(Action.REC_WATCH)
def bring(recording_id: UUID) -> ResponseReturnValue:
    """Take a file of captions, in the place of those in the same language."""
    with transaction() as session:
        may = _may(session, recording_id, lock=True)
        own(may)
        try:
            service.keep(session, may, lang=request.form.get("lang", ""), cues=_sent())
        except Invalid as error:
            return _page(session, may, error.fields), error.status
    return redirect(url_for("captions.show", recording_id=recording_id, kept=""), code=SEE_OTHER)


@bp.get("/recordings/<uuid:recording_id>/captions/<lang>")
@requires(Action.REC_WATCH)
def edit(recording_id: UUID, lang: str) -> ResponseReturnValue:
    """Show a page of captions to be mended."""
    with transaction() as session:
        may = _may(session, recording_id)
        captions = service.find(session, own(may), lang)
        return _mending(may, captions, MendForm.showing(captions, whole(request.args.get("page", "")) or 1))


@bp.post("/recordings/<uuid:recording_id>/captions/<lang>")
@requires(Action.REC_WATCH)
def mend(recording_id: UUID, lang: str) -> ResponseReturnValue:
    """Keep a page of captions as it was typed."""
    form = MendForm.sent(request.form)
    with transaction() as session:
        may = _may(session, recording_id, lock=True)
        captions, cues = service.find(session, own(may), lang), form.cues()
        if form.mends:
            return _mending(may, captions, form), Invalid.status
        try:
            page = service.Page(lang=lang, first=form.first, count=form.count, version=form.version)
            service.mend(session, may, page=page, changed=cues)
        except Conflict as error:
            form.version, form.count = captions.version, MendForm.showing(captions, form.page).count
            return _mending(may, captions, form, said=error.say), error.status
        except Invalid as error:
            return _mending(may, captions, form, said=error.say), error.status
    return redirect(url_for("captions.edit", recording_id=recording_id, lang=lang, page=form.page, kept=""), SEE_OTHER)


@bp.get("/recordings/<uuid:recording_id>/captions/<lang>.<any(vtt, srt):kind>")
@requires(Action.REC_WATCH)
def download(recording_id: UUID, lang: str, kind: str) -> ResponseReturnValue:
    """Give the teacher their captions as a file."""
    with transaction() as session:
        captions = service.find(session, own(_may(session, recording_id)), lang)
        write, mimetype = _WRITERS[kind]
        answer = Response(write([Cue.from_json(row) for row in captions.cues]), mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename=captions-{lang}.{kind}"
    return answer


@bp.post("/recordings/<uuid:recording_id>/captions/<lang>/<any(hide, show):act>")
@requires(Action.REC_WATCH)
def hide(recording_id: UUID, lang: str, act: str) -> ResponseReturnValue:
    """Hide captions, or show them again."""
    with transaction() as session:
        service.hide(session, _may(session, recording_id, lock=True), lang=lang, hidden=act == "hide")
    return redirect(url_for("captions.show", recording_id=recording_id), code=SEE_OTHER)


@bp.get("/recordings/<uuid:recording_id>/captions/<lang>/delete")
@requires(Action.REC_WATCH)
def confirm(recording_id: UUID, lang: str) -> ResponseReturnValue:
    """Ask once more: what was mended by hand can't be brought back."""
    with transaction() as session:
        may = _may(session, recording_id)
        captions = service.find(session, own(may), lang)
        return render_template(
            "captions/delete.html", recording=may.thing, captions=captions, languages=service.LANGUAGES
        )


@bp.post("/recordings/<uuid:recording_id>/captions/<lang>/delete")
@requires(Action.REC_WATCH)
def delete(recording_id: UUID, lang: str) -> ResponseReturnValue:
    """Take captions away."""
    with transaction() as session:
        service.take_away(session, _may(session, recording_id, lock=True), lang=lang)
    return redirect(url_for("captions.show", recording_id=recording_id), code=SEE_OTHER)


def _may(session: Session, recording_id: UUID, *, lock: bool = False) -> Permit[Recording]:
    return permit(session, actor(), Action.REC_WATCH, Recording, recording_id, lock=lock)


def _sent() -> list[Cue]:
    file = request.files.get("file")
    if file is None or not file.filename:
        said = "Choose the file with the captions."
        raise Invalid("captions_unclear", said, fields={"file": said})
    try:
        return read(file.stream.read())
    except CaptionTrouble as error:
        raise Invalid("captions_unclear", str(error), fields={"file": str(error)}) from error


def _page(session: Session, may: Permit[Recording], errors: dict[str, str]) -> str:
    return render_template(
        "captions/captions.html",
        recording=own(may),
        all_captions=[(one, _reach(one)) for one in service.all_of(session, may.thing)],
        languages=service.LANGUAGES,
        errors=errors,
        lang=request.form.get("lang", "en"),
        kept="kept" in request.args,
    )


def _reach(captions: Captions) -> str:
    """Say how many there are, and from when until when."""
    cues = [Cue.from_json(row) for row in captions.cues]
    ends = clock_face(max(cue.out_ms for cue in cues))
    return f"{len(cues):,} caption{'s' if len(cues) > 1 else ''}, from {clock_face(cues[0].in_ms)} to {ends}"


def _mending(may: Permit[Recording], captions: Captions, form: MendForm, *, said: str = "") -> str:
    return render_template(
        "captions/mend.html",
        recording=may.thing,
        captions=captions,
        language=service.LANGUAGES[captions.lang],
        form=form,
        pages=pages(captions),
        now=MendForm.showing(captions, form.page).rows if said else [],
        said=said,
        kept="kept" in request.args,
    )
