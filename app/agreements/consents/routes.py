"""Addresses of a school's objections: the list, and recording one."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.agreements.consents import service
from app.agreements.consents.forms import ObjectionForm
from app.agreements.consents.queries import objections
from app.agreements.mending import mend
from app.authz import Action, permit
from app.errors import Invalid
from app.people.alliances.models import School
from app.web.guard import requires
from app.web.unit import actor, transaction

bp = Blueprint("consents", __name__, template_folder="templates")


@bp.get("/schools/<uuid:school_id>/objections")
@requires(Action.OBJECTION_RECORD)
def index(school_id: UUID) -> ResponseReturnValue:
    """List a school's objections, with the form to record one."""
    with transaction() as session:
        school = permit(session, actor(), Action.OBJECTION_RECORD, School, school_id).thing
        return _page(session, school, ObjectionForm())


@bp.post("/schools/<uuid:school_id>/objections")
@requires(Action.OBJECTION_RECORD)
def add(school_id: UUID) -> ResponseReturnValue:
    """Record an objection; every matching lesson closes with it."""
    with transaction() as session:
        may_record = permit(session, actor(), Action.OBJECTION_RECORD, School, school_id)
        form = ObjectionForm(request.form)
        if not form.validate():
            return _page(session, may_record.thing, form, form.problems()), 422
        try:
            service.record_objection(
                session,
                may_record,
                class_code=form.data["class_code"],
                from_on=form.from_on.data,
                until_on=form.until_on.data,
            )
        except Invalid as refused:
            return _page(session, may_record.thing, form, mend(form, refused)), 422
        return redirect(f"/schools/{school_id}/objections", code=303)


def _page(session: Session, school: School, form: ObjectionForm, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "consents/objections.html",
        school=school,
        form=form,
        errors=errors or {},
        objections=objections(session, school.id),
    )
