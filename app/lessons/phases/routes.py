"""`/recordings/<r>/phases`: the teacher names the phases of a lesson; whoever watches it finds them there."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.authz import Action, Permit, permit
from app.errors import Conflict, Invalid
from app.lessons.phases import service
from app.lessons.phases.forms import PhasesForm
from app.lessons.recordings.models import Recording
from app.lessons.recordings.own import own
from app.web.guard import requires
from app.web.unit import actor, transaction

bp = Blueprint("phases", __name__, template_folder="templates")
SEE_OTHER = 303


@bp.get("/recordings/<uuid:recording_id>/phases")
@requires(Action.REC_WATCH)
def show(recording_id: UUID) -> ResponseReturnValue:
    """Show the teacher, and nobody else, the phases and where others may begin."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        recording = own(may)
        phases = service.phases_of(session, recording)
        return _page(may, PhasesForm.showing(phases, service.hints_for(session, may)))


@bp.post("/recordings/<uuid:recording_id>/phases")
@requires(Action.REC_WATCH)
def keep(recording_id: UUID) -> ResponseReturnValue:
    """Keep the phases as they were typed; a name that was cleared takes its phase away."""
    form = PhasesForm.sent(request.form)
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id, lock=True)
        wanted = form.wanted()
        own(may)
        if form.mends:
            return _page(may, form), Invalid.status
        try:
            service.set_phases(session, may, wanted=wanted, seen=form.seen)
        except Invalid as error:
            form.put_mends(error.fields)
            return _page(may, form), error.status
        except Conflict as error:
            form.seen = service.phases_of(session, may.thing)
            return _page(may, form, changed=error.say), error.status
    return redirect(url_for("phases.show", recording_id=recording_id, kept=""), code=SEE_OTHER)


def _page(may: Permit[Recording], form: PhasesForm, *, changed: str = "") -> str:
    return render_template(
        "phases/phases.html", recording=may.thing, form=form, changed=changed, kept="kept" in request.args
    )
