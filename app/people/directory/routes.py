"""The directory, and what administrators do about people: invite, resend, end, stop."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, may, permit
from app.errors import Conflict, Invalid, NotFound
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance, School
from app.people.directory import ending, queries, service
from app.people.memberships.models import Invitation, Membership, Role
from app.web.guard import requires
from app.web.parts import parts
from app.web.unit import actor, transaction

bp = Blueprint("memberships", __name__, template_folder="templates")
_PEOPLE = "/alliance/people"


#: What each role is called on a page; the alliance's own word stands in for `new teacher`.
ROLE_WORDS = {
    Role.TEACHER: "teacher",
    Role.NEW_TEACHER: "new teacher",
    Role.MENTOR: "mentor",
    Role.CO_ORDINATOR: "co-ordinator",
    Role.ALLIANCE_LEAD: "alliance lead",
    Role.SCHOOL_ADMINISTRATOR: "school administrator",
    Role.ALLIANCE_ADMINISTRATOR: "alliance administrator",
    Role.DATA_PROTECTION_LEAD: "data-protection lead",
    Role.SAFEGUARDING_LEAD: "safeguarding lead",
    Role.TRAINEE: "trainee",
    Role.PUPIL: "pupil",
}
#: What somebody of a role does, for whoever chooses it: no role opens a lesson.
ROLE_ABOUT = {
    Role.TEACHER: "Films lessons of their own, and watches what colleagues share with them.",
    Role.NEW_TEACHER: "A teacher in their first years.",
    Role.MENTOR: "Goes with those who begin. Watches only what is shared with them.",
    Role.CO_ORDINATOR: "Finds the time and the cover, so that colleagues can meet.",
    Role.ALLIANCE_LEAD: "Speaks for the alliance, in all its schools.",
    Role.SCHOOL_ADMINISTRATOR: "Invites people to this school, says what they do, ends their time here.",
    Role.ALLIANCE_ADMINISTRATOR: "Does the same for every school, adds schools and changes names.",
    Role.DATA_PROTECTION_LEAD: "Looks after consent, keeping and erasing.",
    Role.SAFEGUARDING_LEAD: "Looks after the safety of the children in view.",
    Role.TRAINEE: "Learns to teach at this school.",
}


@bp.get("/alliance/people")
@requires(Action.DIRECTORY_READ)
def people() -> ResponseReturnValue:
    """List who is in the alliance; whoever administers a school finds the forms for its people here."""
    with transaction() as session:
        return _page(session)


@bp.post("/alliance/people")
@requires(Action.PERSON_MANAGE)
def invite() -> ResponseReturnValue:
    """Invite somebody; the link is shown on the answer, once."""
    try:
        with transaction() as session:
            may_manage = permit(session, actor(), Action.PERSON_MANAGE, School, _id(request.form.get("school_id", "")))
            draft = service.InvitationDraft(
                name=request.form.get("name", ""), email=request.form.get("email", ""), roles=_roles()
            )
            invited = service.invite(session, may_manage, draft=draft, public_url=parts().public_url)
            return _page(session, passed_on=invited)
    except (Invalid, Conflict) as refusal:
        return _again(refusal)


@bp.post("/alliance/people/invitations/<uuid:invitation_id>/resend")
@requires(Action.PERSON_MANAGE)
def resend(invitation_id: UUID) -> ResponseReturnValue:
    """Make a new link; the old one is worth nothing."""
    with transaction() as session:
        may_manage = permit(session, actor(), Action.PERSON_MANAGE, Invitation, invitation_id)
        invited = service.resend(session, may_manage, public_url=parts().public_url)
        return _page(session, passed_on=invited)


@bp.post("/alliance/people/invitations/<uuid:invitation_id>/end")
@requires(Action.PERSON_MANAGE)
def end_invitation(invitation_id: UUID) -> ResponseReturnValue:
    """End an invitation."""
    with transaction() as session:
        service.end_invitation(session, permit(session, actor(), Action.PERSON_MANAGE, Invitation, invitation_id))
    return redirect(_PEOPLE, code=303)


@bp.post("/alliance/people/memberships/<uuid:membership_id>")
@requires(Action.PERSON_MANAGE)
def change_roles(membership_id: UUID) -> ResponseReturnValue:
    """Say what somebody does at a school."""
    try:
        with transaction() as session:
            may_manage = permit(session, actor(), Action.PERSON_MANAGE, Membership, membership_id)
            ending.change_roles(session, may_manage, roles=_roles())
    except (Invalid, Conflict) as refusal:
        return _again(refusal, at=f"roles-{membership_id}")
    return redirect(_PEOPLE, code=303)


@bp.post("/alliance/people/memberships/<uuid:membership_id>/end")
@requires(Action.PERSON_MANAGE)
def end_membership(membership_id: UUID) -> ResponseReturnValue:
    """End somebody's time at a school."""
    try:
        with transaction() as session:
            ending.end_membership(session, permit(session, actor(), Action.PERSON_MANAGE, Membership, membership_id))
    except Conflict as refusal:
        return _again(refusal, at="")
    return redirect(_PEOPLE, code=303)


@bp.post("/alliance/people/<uuid:person_id>/suspend")
@requires(Action.PERSON_MANAGE)
def suspend(person_id: UUID) -> ResponseReturnValue:
    """Stop an account for now."""
    try:
        with transaction() as session:
            ending.suspend(session, permit(session, actor(), Action.PERSON_MANAGE, Person, person_id))
    except Conflict as refusal:
        return _again(refusal, at="")
    return redirect(_PEOPLE, code=303)


@bp.post("/alliance/people/<uuid:person_id>/resume")
@requires(Action.PERSON_MANAGE)
def resume(person_id: UUID) -> ResponseReturnValue:
    """Let a stopped account in again."""
    try:
        with transaction() as session:
            ending.resume(session, permit(session, actor(), Action.PERSON_MANAGE, Person, person_id))
    except Conflict as refusal:
        return _again(refusal, at="")
    return redirect(_PEOPLE, code=303)


def _again(refusal: Invalid | Conflict, *, at: str | None = None) -> ResponseReturnValue:
    """Show the page with what to mend: at the fields of the invitation, or `at` the one form that was sent."""
    errors = refusal.fields if refusal.fields and at is None else {at or "": refusal.say}
    with transaction() as session:
        return _page(session, errors=errors, typed=at is None), refusal.status


def _page(
    session: Session,
    *,
    errors: dict[str, str] | None = None,
    passed_on: service.Invited | None = None,
    typed: bool = False,
) -> str:
    may_read = permit(session, actor(), Action.DIRECTORY_READ, Alliance, actor().alliance_id)
    managed = queries.managed_schools(session, actor())
    choices = _role_choices(session, may_read.thing)
    return render_template(
        "directory/people.html",
        people=queries.directory(session, may_read),
        managed=managed,
        managed_ids={school.id for school in managed},
        schools=[(school.id, school.name) for school in managed],
        pending=queries.pending(session, actor()) if managed else [],
        role_choices=choices,
        role_labels=[(value, label) for value, label, _about in choices],
        role_words=_role_words(may_read.thing),
        passed_on=passed_on,
        mail_is_sent=parts().mail_is_sent,
        errors=errors or {},
        typed=request.form if typed else type(request.form)(),
    )


def _role_words(alliance: Alliance) -> dict[Role, str]:
    return {**ROLE_WORDS, Role.NEW_TEACHER: alliance.new_teacher_word}


def _role_choices(session: Session, alliance: Alliance) -> list[tuple[str, str, str]]:
    for_all = may(session, actor(), Action.SCHOOL_ADD, Alliance, alliance.id)
    words = _role_words(alliance)
    offered = [role for role in service.OFFERED if for_all or role not in service.FOR_THE_ALLIANCE]
    return [(role.value, words[role][:1].upper() + words[role][1:], ROLE_ABOUT[role]) for role in offered]


def _roles() -> tuple[Role, ...]:
    known = {role.value: role for role in service.OFFERED}
    return tuple(known[sent] for sent in request.form.getlist("roles") if sent in known)


def _id(sent: str) -> UUID:
    try:
        return UUID(sent)
    except ValueError as error:
        raise NotFound from error
