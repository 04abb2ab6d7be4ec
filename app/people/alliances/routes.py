"""The alliance's own pages: what holds for all, and its schools."""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, allowed, may, permit
from app.errors import Conflict, Invalid
from app.people.alliances import service
from app.people.alliances.models import Alliance, School
from app.people.alliances.queries import schools as schools_of
from app.web.guard import requires
from app.web.unit import actor, transaction

bp = Blueprint("alliances", __name__, template_folder="templates")


@bp.get("/alliance")
@requires(Action.DIRECTORY_READ)
def overview() -> ResponseReturnValue:
    """Show the alliance, and what was settled for all."""
    with transaction() as session:
        may_read = permit(session, actor(), Action.DIRECTORY_READ, Alliance, actor().alliance_id)
        return render_template(
            "alliances/overview.html",
            alliance=may_read.thing,
            schools=schools_of(session, may_read),
            administers=may(session, actor(), Action.SCHOOL_ADD, Alliance, actor().alliance_id),
        )


@bp.get("/alliance/schools")
@requires(Action.DIRECTORY_READ)
def schools() -> ResponseReturnValue:
    """List the schools."""
    with transaction() as session:
        return _page(session, {}, 200)


@bp.post("/alliance/schools")
@requires(Action.SCHOOL_ADD)
def add_school() -> ResponseReturnValue:
    """Add a school."""
    try:
        with transaction() as session:
            may_add = permit(session, actor(), Action.SCHOOL_ADD, Alliance, actor().alliance_id)
            service.add_school(session, may_add, name=request.form.get("name", ""))
    except (Invalid, Conflict) as refusal:
        with transaction() as session:
            return _page(session, refusal.fields or {"": refusal.say}, refusal.status)
    return redirect("/alliance/schools", code=303)


def _page(session: Session, errors: dict[str, str], status: int) -> ResponseReturnValue:
    may_read = permit(session, actor(), Action.DIRECTORY_READ, Alliance, actor().alliance_id)
    page = render_template(
        "alliances/schools.html",
        schools=schools_of(session, may_read),
        objections_at=set(
            session.scalars(allowed(actor(), Action.OBJECTION_RECORD, School).with_only_columns(School.id))
        ),
        administers=may(session, actor(), Action.SCHOOL_ADD, Alliance, actor().alliance_id),
        errors=errors,
        typed=request.form,
    )
    return page, status
