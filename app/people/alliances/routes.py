"""The alliance's own pages: what holds for all, and its schools."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, allowed, may, permit
from app.errors import Conflict, Invalid, NotFound
from app.people.alliances import service
from app.people.alliances.models import Alliance, School
from app.people.alliances.queries import schools as schools_of
from app.web.guard import requires
from app.web.unit import actor, transaction

bp = Blueprint("alliances", __name__, template_folder="templates")
#: Before a school's id, the name of the field that holds its name.
_SCHOOL = "school-"


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


@bp.get("/alliance/words")
@requires(Action.SCHOOL_ADD)
def words() -> ResponseReturnValue:
    """Show what the alliance and its schools are called, to be changed."""
    with transaction() as session:
        permit(session, actor(), Action.SCHOOL_ADD, Alliance, actor().alliance_id)
        return _words_page(session, {}, 200)


@bp.post("/alliance/words")
@requires(Action.SCHOOL_ADD)
def change_words() -> ResponseReturnValue:
    """Change what the alliance, its schools and its new teachers are called."""
    try:
        with transaction() as session:
            may_change = permit(session, actor(), Action.SCHOOL_ADD, Alliance, actor().alliance_id)
            service.change_words(session, may_change, words=_typed_words())
    except Invalid as refusal:
        with transaction() as session:
            return _words_page(session, refusal.fields, refusal.status)
    return redirect("/alliance", code=303)


def _typed_words() -> service.Words:
    form = request.form
    return service.Words(
        alliance=form.get("alliance", ""),
        new_teacher_word=form.get("new_teacher_word", ""),
        schools={_id(name.removeprefix(_SCHOOL)): typed for name, typed in form.items() if name.startswith(_SCHOOL)},
    )


def _words_page(session: Session, errors: dict[str, str], status: int) -> ResponseReturnValue:
    may_read = permit(session, actor(), Action.DIRECTORY_READ, Alliance, actor().alliance_id)
    page = render_template(
        "alliances/words.html",
        alliance=may_read.thing,
        schools=schools_of(session, may_read),
        errors=errors,
        typed=request.form,
    )
    return page, status


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


def _id(sent: str) -> UUID:
    try:
        return UUID(sent)
    except ValueError as error:
        raise NotFound from error
