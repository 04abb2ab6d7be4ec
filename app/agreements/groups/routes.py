"""Addresses of projects: mine, a new one, its hub, joining, leaving, and taking one's turn."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.agreements.cycles import service as cycles
from app.agreements.cycles.stations import stations
from app.agreements.groups import service
from app.agreements.groups.forms import ProjectForm
from app.agreements.groups.hub import has_signed, hub
from app.agreements.mending import mend
from app.agreements.projects.models import Project
from app.agreements.projects.queries import askable, members_of, projects
from app.authz import Action, Permit, permit
from app.errors import Invalid
from app.people.alliances.models import Alliance
from app.web.guard import requires
from app.web.unit import actor, transaction

bp = Blueprint("projects", __name__, template_folder="templates")


@bp.get("/projects")
@requires(Action.PROJECT_READ)
def index() -> ResponseReturnValue:
    """List the projects that this person takes part in."""
    with transaction() as session:
        mine = projects(session, actor())
        people = members_of(session, [project.id for project in mine])
        return render_template("groups/index.html", projects=mine, people=people, me_id=actor().person_id)


@bp.get("/projects/new")
@requires(Action.PROJECT_OPEN)
def new() -> ResponseReturnValue:
    """Ask for the kind, with whom, and one focus."""
    with transaction() as session:
        permit(session, actor(), Action.PROJECT_OPEN, Alliance, actor().alliance_id)
        form = ProjectForm(data={"with_ids": request.args.getlist("with"), "kind": "peer_observation"})
        return _form(session, form)


@bp.post("/projects/new")
@requires(Action.PROJECT_OPEN)
def open_() -> ResponseReturnValue:
    """Open a project, or say what to mend."""
    with transaction() as session:
        may_open = permit(session, actor(), Action.PROJECT_OPEN, Alliance, actor().alliance_id)
        form = ProjectForm(request.form).offer(askable(session, actor()))
        if not form.validate():
            return _form(session, form, form.problems()), 422
        try:
            with session.begin_nested():
                project = service.open_project(session, may_open, draft=form.draft())
        except Invalid as refused:
            return _form(session, form, mend(form, refused)), 422
        return redirect(f"/projects/{project.id}", code=303)


@bp.get("/projects/<uuid:project_id>")
@requires(Action.PROJECT_READ)
def show(project_id: UUID) -> ResponseReturnValue:
    """Show where a project stands, and the one next step."""
    with transaction() as session:
        project = _permit(session, Action.PROJECT_READ, project_id).thing
        shown = hub(session, actor(), project)
        signed = has_signed(shown, actor(), number=request.args.get("signed", type=int))
        return render_template("groups/show.html", hub=shown, signed=signed, stations=stations)


@bp.post("/projects/<uuid:project_id>/join")
@requires(Action.PROJECT_READ)
def join(project_id: UUID) -> ResponseReturnValue:
    """Say yes to taking part."""
    with transaction() as session:
        service.join(session, _permit(session, Action.PROJECT_READ, project_id))
        return redirect(f"/projects/{project_id}", code=303)


@bp.get("/projects/<uuid:project_id>/leave")
@requires(Action.PROJECT_LEAVE)
def ask_leave(project_id: UUID) -> ResponseReturnValue:
    """Say exactly what happens when somebody leaves; no reason is asked."""
    with transaction() as session:
        project = _permit(session, Action.PROJECT_LEAVE, project_id).thing
        return render_template("groups/leave.html", project=project)


@bp.post("/projects/<uuid:project_id>/leave")
@requires(Action.PROJECT_LEAVE)
def leave(project_id: UUID) -> ResponseReturnValue:
    """Leave, which takes back one's agreement too."""
    with transaction() as session:
        service.leave(session, _permit(session, Action.PROJECT_LEAVE, project_id))
        return redirect("/projects", code=303)


@bp.post("/projects/<uuid:project_id>/turn")
@requires(Action.CYCLE_BEGIN)
def begin_turn(project_id: UUID) -> ResponseReturnValue:
    """Begin one's own turn to teach, and go on to its briefing."""
    with transaction() as session:
        cycle = cycles.begin_cycle(session, _permit(session, Action.CYCLE_BEGIN, project_id))
        return redirect(f"/cycles/{cycle.id}/briefing", code=303)


def _permit(session: Session, action: Action, project_id: UUID) -> Permit[Project]:
    return permit(session, actor(), action, Project, project_id)


def _form(session: Session, form: ProjectForm, errors: dict[str, str] | None = None) -> str:
    colleagues = askable(session, actor())
    return render_template("groups/new.html", form=form.offer(colleagues), errors=errors or {}, colleagues=colleagues)
