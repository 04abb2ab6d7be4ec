"""Addresses of a turn: its stations, and its briefing as a page and for machines."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.agreements import hooks
from app.agreements.cycles import service
from app.agreements.cycles.forms import BriefingForm, briefing_form
from app.agreements.cycles.models import Briefing, Cycle
from app.agreements.cycles.queries import find_briefing
from app.agreements.cycles.service import BriefingDraft
from app.agreements.cycles.stations import stations, turn
from app.agreements.mending import mend
from app.agreements.projects.models import Project
from app.agreements.projects.queries import members
from app.agreements.protocols.models import VersionState
from app.agreements.protocols.pages import meaning
from app.agreements.protocols.queries import focus_items_named, in_state, latest_focus_items
from app.authz import Action, Permit, may, permit
from app.errors import Invalid, Stale
from app.web.guard import requires
from app.web.idempotency import once
from app.web.json_body import Body
from app.web.numbers import version_seen
from app.web.unit import actor, transaction

bp = Blueprint("cycles", __name__, template_folder="templates")


@bp.get("/cycles/<uuid:cycle_id>")
@requires(Action.CYCLE_READ)
def show(cycle_id: UUID) -> ResponseReturnValue:
    """Show the stations of a turn, with what to do at each."""
    with transaction() as session:
        cycle = permit(session, actor(), Action.CYCLE_READ, Cycle, cycle_id).thing
        gone = hooks.turns_without_lesson(session, [cycle_id]).get(cycle_id, "")
        told = turn(cycle, members(session, cycle.project_id), actor().person_id, gone=gone)
        may_read = may(session, actor(), Action.BRIEF_READ, Cycle, cycle_id)
        briefing = find_briefing(session, cycle_id) if may_read else None
        return render_template(
            "cycles/show.html",
            project=session.get_one(Project, cycle.project_id),
            told=told,
            stations=stations,
            briefing=briefing,
            looks=focus_items_named(session, cycle.project_id, briefing.focus_item_ids) if briefing else [],
            links=hooks.turn_links(session, actor(), [cycle_id])[cycle_id],
        )


@bp.get("/cycles/<uuid:cycle_id>/briefing")
@requires(Action.BRIEF_WRITE)
def edit(cycle_id: UUID) -> ResponseReturnValue:
    """Ask what the observers should know."""
    with transaction() as session:
        cycle = permit(session, actor(), Action.BRIEF_WRITE, Cycle, cycle_id).thing
        form = briefing_form(find_briefing(session, cycle_id), latest_focus_items(session, cycle.project_id))
        return _page(session, cycle, form)


@bp.post("/cycles/<uuid:cycle_id>/briefing")
@requires(Action.BRIEF_WRITE)
def keep(cycle_id: UUID) -> ResponseReturnValue:
    """Keep the briefing, and go on to the lesson."""
    with transaction() as session:
        may_write = permit(session, actor(), Action.BRIEF_WRITE, Cycle, cycle_id)
        cycle = may_write.thing
        form = BriefingForm(request.form).offer(latest_focus_items(session, cycle.project_id))
        if not form.validate():
            return _page(session, cycle, form, form.problems()), 422
        try:
            with session.begin_nested():
                service.brief(session, may_write, draft=form.draft())
        except Invalid as refused:
            return _page(session, cycle, form, mend(form, refused)), 422
        except Stale as refused:
            kept = find_briefing(session, cycle_id)
            return _page(session, cycle, form, {"": refused.say}, other=kept), 412
        return redirect(f"/cycles/{cycle_id}", code=303)


@bp.get("/api/v1/cycles/<uuid:cycle_id>/briefing")
@requires(Action.BRIEF_READ)
def read_json(cycle_id: UUID) -> ResponseReturnValue:
    """Give a briefing to whoever may read it."""
    with transaction() as session:
        permit(session, actor(), Action.BRIEF_READ, Cycle, cycle_id)
        return _tagged(_as_json(find_briefing(session, cycle_id)))


@bp.put("/api/v1/cycles/<uuid:cycle_id>/briefing")
@requires(Action.BRIEF_WRITE)
def put_json(cycle_id: UUID) -> ResponseReturnValue:
    """Keep a briefing; with `If-Match` only over the version named, else once for each Idempotency-Key."""
    draft = _draft_of_request()
    with transaction() as session:
        may_write = permit(session, actor(), Action.BRIEF_WRITE, Cycle, cycle_id)
        if draft.version is None:
            return _tagged_response(once(session, actor(), lambda: (_kept(session, may_write, draft), 200)))
        return _tagged(_kept(session, may_write, draft))


def _draft_of_request() -> BriefingDraft:
    body = Body.of_request()
    draft = BriefingDraft(
        title=body.text("title"),
        class_code=body.text("class_code", default=""),
        body=body.text("body", default=""),
        hopes=body.text("hopes", default=""),
        focus_item_ids=_ids(body),
        version=_matched(),
    )
    body.done()
    return draft


def _ids(body: Body) -> tuple[UUID, ...]:
    sent: list[Any] = body.take("focus_item_ids", list, needed=False) or []
    try:
        return tuple(UUID(item_id) for item_id in sent)
    except (ValueError, TypeError, AttributeError) as error:
        say = "Send the ids of focus items."
        raise Invalid("field_kind", "Something isn't as it should be.", fields={"focus_item_ids": say}) from error


def _matched() -> int | None:
    """Read the version that the sender saw; another tag than ours matches nothing."""
    sent = request.headers.get("If-Match")
    return None if sent is None else version_seen(sent.strip().strip('"'))


def _kept(session: Session, may_write: Permit[Cycle], draft: BriefingDraft) -> dict[str, Any]:
    return _as_json(service.brief(session, may_write, draft=draft))


def _as_json(briefing: Briefing | None) -> dict[str, Any]:
    if briefing is None:
        return {"title": "", "class_code": "", "body": "", "hopes": "", "focus_item_ids": [], "version": 0}
    fields = ("title", "class_code", "body", "hopes", "focus_item_ids", "version")
    return {name: getattr(briefing, name) for name in fields}


def _tagged(answer: dict[str, Any]) -> Response:
    return _tagged_response(jsonify(answer))


def _tagged_response(response: Response) -> Response:
    answer = response.get_json()
    response.headers["ETag"] = f'"{answer["version"]}"'
    return response


def _page(
    session: Session,
    cycle: Cycle,
    form: BriefingForm,
    errors: dict[str, str] | None = None,
    *,
    other: Briefing | None = None,
) -> str:
    current = in_state(session, cycle.project_id, VersionState.IN_FORCE)
    return render_template(
        "cycles/briefing.html",
        project=session.get_one(Project, cycle.project_id),
        cycle=cycle,
        form=form,
        errors=errors or {},
        other=other,
        means=meaning(session, current, cycle.teacher_id) if current else "",
    )
