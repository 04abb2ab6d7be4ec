"""`/me/targets` and `/cycles/<c>/targets`: what I'll try next, and that I tried it."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.agreements.cycles.models import Cycle
from app.authz import Action, permit
from app.errors import Invalid
from app.observation.notes.forms import trimmed
from app.people.words import Together
from app.reflection.targets import queries, service
from app.reflection.targets.models import Target
from app.reflection.targets.service import TargetDraft
from app.web.forms import three_part_date
from app.web.guard import requires, signed_in
from app.web.idempotency import once
from app.web.json_body import Body
from app.web.unit import actor, transaction

bp = Blueprint("targets", __name__, template_folder="templates")
SEE_OTHER = 303
CREATED = 201
UNPROCESSABLE = 422


@bp.get("/me/targets")
@signed_in(why="one's own targets, listed by the policy")
def mine() -> ResponseReturnValue:
    """List what one means to try, and what one has tried."""
    with transaction() as session:
        return render_template("targets/mine.html", targets=queries.my_targets(session, actor()))


@bp.post("/cycles/<uuid:cycle_id>/targets")
@requires(Action.TARGET_SET)
def set_(cycle_id: UUID) -> ResponseReturnValue:
    """Set a target for the next lesson, and go on to whose turn comes next."""
    with transaction() as session:
        own = permit(session, actor(), Action.TARGET_SET, Cycle, cycle_id)
        try:
            with session.begin_nested():
                together = Together()
                draft = _typed(together.check(_day))
                together.check(service.set_target, session, own, draft=draft)
                together.end()
        except Invalid as refused:
            return _mend(session, own.thing, refused.fields), UNPROCESSABLE
        return redirect(f"/projects/{own.thing.project_id}", code=SEE_OTHER)


@bp.post("/me/targets/<uuid:target_id>/tried")
@requires(Action.TARGET_READ)
def tried(target_id: UUID) -> ResponseReturnValue:
    """Say that one tried it."""
    with transaction() as session:
        service.tried(session, permit(session, actor(), Action.TARGET_READ, Target, target_id, lock=True))
        return redirect("/me/targets", code=SEE_OTHER)


@bp.post("/me/targets/<uuid:target_id>/not-yet")
@requires(Action.TARGET_READ)
def not_yet(target_id: UUID) -> ResponseReturnValue:
    """Take back that one tried it."""
    with transaction() as session:
        service.not_yet(session, permit(session, actor(), Action.TARGET_READ, Target, target_id, lock=True))
        return redirect("/me/targets", code=SEE_OTHER)


@bp.post("/api/v1/cycles/<uuid:cycle_id>/targets")
@requires(Action.TARGET_SET)
def set_by_api(cycle_id: UUID) -> ResponseReturnValue:
    """Set a target: `{body, by_on, from_try_id}`."""
    body = Body.of_request()
    draft = TargetDraft(
        body=trimmed(body.text("body")),
        by_on=body.date_or_none("by_on"),
        from_try_id=body.uuid_or_none("from_try_id"),
    )
    body.done()
    with transaction() as session:
        own = permit(session, actor(), Action.TARGET_SET, Cycle, cycle_id)

        def answer() -> tuple[dict[str, Any], int]:
            target = service.set_target(session, own, draft=draft)
            return {"id": str(target.id), "by_on": target.by_on.isoformat() if target.by_on else None}, CREATED

        return once(session, own.actor, answer)


def _typed(by_on: date | None) -> TargetDraft:
    try:
        from_try_id = UUID(request.form.get("from_try_id", ""))
    except ValueError:
        from_try_id = None
    return TargetDraft(body=trimmed(request.form.get("body", "")), by_on=by_on, from_try_id=from_try_id)


def _day() -> date | None:
    try:
        return three_part_date(request.form, "by_on")
    except ValueError as error:
        raise Invalid("date_unclear", "The day needs another look.", fields={"by_on": str(error)}) from error


#: Where on the page each mend stands, in the page's order; which 'try' it came from isn't a field that people fill in.
_AT = {"from_try_id": "", "body": "body", "by_on": "by_on"}


def _mend(session: Session, cycle: Cycle, errors: dict[str, str]) -> str:
    session.refresh(cycle)
    at = {_AT[name]: errors[name] for name in _AT if name in errors}
    return render_template("targets/set.html", cycle=cycle, sent=request.form, errors=at)
