"""Addresses of a project's protocol: reading it, changing it, putting it to the group, signing it."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.agreements.mending import mend
from app.agreements.projects.models import Project
from app.agreements.projects.queries import askable, members
from app.agreements.protocols import drafts, service
from app.agreements.protocols.comparing import compare
from app.agreements.protocols.forms import ProtocolForm, SignForm, fields_of
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.agreements.protocols.pages import STATE_WORDS, changed_for, meaning, read
from app.agreements.protocols.queries import find_draft, in_state, permit_numbered, versions
from app.authz import Action, Permit, may, permit
from app.errors import Conflict, Invalid, NotFound
from app.web.guard import requires
from app.web.unit import actor, me, transaction

bp = Blueprint("protocols", __name__, template_folder="templates")


@bp.get("/projects/<uuid:project_id>/protocol")
@requires(Action.PROJECT_READ)
def show(project_id: UUID) -> ResponseReturnValue:
    """Show what is agreed, what is on the table, and every version there was."""
    with transaction() as session:
        project = _project(session, Action.PROJECT_READ, project_id).thing
        current = in_state(session, project_id, VersionState.IN_FORCE)
        proposed = in_state(session, project_id, VersionState.PROPOSED)
        return render_template(
            "protocols/show.html",
            project=project,
            shown=read(session, current) if current else None,
            proposed=proposed,
            may_sign=bool(proposed and may(session, actor(), Action.PROTOCOL_SIGN, ProtocolVersion, proposed.id)),
            draft=find_draft(session, project_id, actor().person_id),
            may_propose=may(session, actor(), Action.PROTOCOL_PROPOSE, Project, project_id),
            may_leave=may(session, actor(), Action.PROJECT_LEAVE, Project, project_id),
            versions=versions(session, actor(), project_id=project_id),
            state_words=STATE_WORDS,
        )


@bp.post("/projects/<uuid:project_id>/protocol/draft")
@requires(Action.PROTOCOL_PROPOSE)
def begin_draft(project_id: UUID) -> ResponseReturnValue:
    """Begin one's own draft, or go on with it."""
    with transaction() as session:
        drafts.new_draft(session, _project(session, Action.PROTOCOL_PROPOSE, project_id))
        return redirect(f"/projects/{project_id}/protocol/edit", code=303)


@bp.get("/projects/<uuid:project_id>/protocol/edit")
@requires(Action.PROTOCOL_EDIT)
def edit(project_id: UUID) -> ResponseReturnValue:
    """Show one's own draft as a form."""
    with transaction() as session:
        version = _own_draft(session, project_id).thing
        form = ProtocolForm(data=fields_of(drafts.draft_of(session, version)))
        return _editor(session, version, form)


@bp.post("/projects/<uuid:project_id>/protocol/edit")
@requires(Action.PROTOCOL_EDIT)
def keep(project_id: UUID) -> ResponseReturnValue:
    """Keep the draft; put it to the group if that button was pressed."""
    with transaction() as session:
        may_edit = _own_draft(session, project_id)
        version = may_edit.thing
        form = _offered(session, version, ProtocolForm(request.form))
        proposes = request.form.get("do") == "propose"
        wrong = _wrong(session, may_edit, form, for_the_group=proposes)
        if wrong:
            return _editor(session, version, form, wrong), 422
        drafts.edit_draft(session, may_edit, draft=form.draft())
        if not proposes:
            return redirect(f"/projects/{project_id}/protocol", code=303)
        try:
            with session.begin_nested():
                may_propose = permit(session, actor(), Action.PROTOCOL_PROPOSE, ProtocolVersion, version.id)
                service.propose(session, may_propose)
        except (Invalid, Conflict) as refused:
            return _editor(session, version, form, mend(form, refused)), refused.status
        return redirect(f"/projects/{project_id}/protocol/v{version.number}/sign", code=303)


@bp.get("/projects/<uuid:project_id>/protocol/v<int:number>")
@requires(Action.PROTOCOL_READ)
def version_page(project_id: UUID, number: int) -> ResponseReturnValue:
    """Show one version, whole."""
    with transaction() as session:
        version = _version(session, Action.PROTOCOL_READ, project_id, number).thing
        return render_template(
            "protocols/version.html",
            project=session.get_one(Project, project_id),
            shown=read(session, version),
            may_sign=may(session, actor(), Action.PROTOCOL_SIGN, ProtocolVersion, version.id),
            may_drop=may(session, actor(), Action.PROTOCOL_DROP, ProtocolVersion, version.id),
        )


@bp.get("/projects/<uuid:project_id>/protocol/v<int:number>/sign")
@requires(Action.PROTOCOL_SIGN)
def read_and_sign(project_id: UUID, number: int) -> ResponseReturnValue:
    """Show what is to be signed, what has changed, and what it means."""
    with transaction() as session:
        try:
            version = _version(session, Action.PROTOCOL_SIGN, project_id, number).thing
        except Conflict:  # signed already, or off the table: the version's own page says so
            return redirect(f"/projects/{project_id}/protocol/v{number}", code=303)
        return _sign_page(session, version)


@bp.post("/projects/<uuid:project_id>/protocol/v<int:number>/sign")
@requires(Action.PROTOCOL_SIGN)
def sign(project_id: UUID, number: int) -> ResponseReturnValue:
    """Sign, or say what is missing; another text than the one read is shown again, unsigned."""
    with transaction() as session:
        try:
            may_sign = _version(session, Action.PROTOCOL_SIGN, project_id, number)
        except Conflict:  # pressed twice
            return redirect(f"/projects/{project_id}/protocol/v{number}", code=303)
        form = SignForm(request.form)
        if not form.validate():
            return _sign_page(session, may_sign.thing, form.problems()), 422
        try:
            with session.begin_nested():
                service.sign(session, may_sign, typed_name=form.data["typed_name"], text_hash=form.data["text_hash"])
        except (Invalid, Conflict) as refused:
            return _sign_page(session, may_sign.thing, refused.fields or {"": refused.say}), refused.status
        return redirect(f"/projects/{project_id}?signed={number}", code=303)


@bp.post("/projects/<uuid:project_id>/protocol/v<int:number>/drop")
@requires(Action.PROTOCOL_DROP)
def drop(project_id: UUID, number: int) -> ResponseReturnValue:
    """Take a proposal off the table."""
    with transaction() as session:
        service.drop(session, _version(session, Action.PROTOCOL_DROP, project_id, number))
        return redirect(f"/projects/{project_id}/protocol", code=303)


@bp.get("/projects/<uuid:project_id>/protocol/compare")
@requires(Action.PROTOCOL_READ)
def compare_page(project_id: UUID) -> ResponseReturnValue:
    """Show what changed between two versions, and who gains or loses sight."""
    with transaction() as session:
        older, newer = (request.args.get(name, type=int) or 0 for name in ("from", "to"))
        if not (older or newer):
            return _newest_compared(session, project_id)
        old = _version(session, Action.PROTOCOL_READ, project_id, older).thing
        new = _version(session, Action.PROTOCOL_READ, project_id, newer).thing
        return render_template(
            "protocols/compare.html",
            project=session.get_one(Project, project_id),
            old=old,
            new=new,
            found=compare(session, old, new),
        )


def _newest_compared(session: Session, project_id: UUID) -> ResponseReturnValue:
    """Lead whoever names no versions to what changed last; while there is but one, to the protocol itself."""
    numbers = [version.number for version in versions(session, actor(), project_id=project_id)]
    if not numbers:
        raise NotFound
    at = f"/projects/{project_id}/protocol"
    if len(numbers) == 1:
        return redirect(at, code=303)
    return redirect(f"{at}/compare?from={numbers[1]}&to={numbers[0]}", code=303)


def _project(session: Session, action: Action, project_id: UUID) -> Permit[Project]:
    return permit(session, actor(), action, Project, project_id)


def _version(session: Session, action: Action, project_id: UUID, number: int) -> Permit[ProtocolVersion]:
    return permit_numbered(session, actor(), action, project_id=project_id, number=number)


def _own_draft(session: Session, project_id: UUID) -> Permit[ProtocolVersion]:
    draft = find_draft(session, project_id, actor().person_id)
    if draft is None:
        raise NotFound
    return permit(session, actor(), Action.PROTOCOL_EDIT, ProtocolVersion, draft.id)


def _offered(session: Session, version: ProtocolVersion, form: ProtocolForm) -> ProtocolForm:
    people = [member.who for member in members(session, version.project_id)]
    return form.offer(people, askable(session, actor()))


def _wrong(
    session: Session, may_edit: Permit[ProtocolVersion], form: ProtocolForm, *, for_the_group: bool
) -> dict[str, str]:
    """Say in one round everything that is to be mended: what can't be read, and what the rules of a draft refuse."""
    form.validate()
    unread = form.problems()
    try:
        drafts.check_draft(session, may_edit, draft=form.draft(), for_the_group=for_the_group)
    except Invalid as refused:
        unread = mend(form, refused, but=unread)
    return unread


def _editor(
    session: Session, version: ProtocolVersion, form: ProtocolForm, errors: dict[str, str] | None = None
) -> str:
    current = in_state(session, version.project_id, VersionState.IN_FORCE)
    return render_template(
        "protocols/edit.html",
        project=session.get_one(Project, version.project_id),
        version=version,
        current=current,
        form=_offered(session, version, form),
        errors=errors or {},
    )


def _sign_page(session: Session, version: ProtocolVersion, errors: dict[str, str] | None = None) -> str:
    # A text that isn't the one on the page has no field to be mended at: it is read, ticked and signed afresh.
    told = {"" if name == "text_hash" else name: say for name, say in (errors or {}).items()}
    return render_template(
        "protocols/sign.html",
        project=session.get_one(Project, version.project_id),
        shown=read(session, version),
        changed=changed_for(session, version, actor().person_id),
        means=meaning(session, version, actor().person_id),
        errors=told,
        sent={} if "" in told else request.form,
        name=me().name,
    )
