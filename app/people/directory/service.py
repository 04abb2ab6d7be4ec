"""Inviting people, and what follows when somebody says yes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app import clock, ids
from app.audit import record
from app.authz import Action, Actor, Permit, may
from app.errors import Conflict, Gone, Invalid
from app.notify.service import send_later
from app.people.accounts.models import Account, Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Invitation, Membership, Role
from app.people.words import Together, check_email, check_name

#: An invitation waits for a week.
LASTS = timedelta(days=7)
#: What an invitation may be for. Guests come by a link of their project, pupils by their school's own list.
OFFERED: Final = tuple(role for role in Role if role is not Role.PUPIL)
#: Roles for the whole alliance: only who administers it gives them.
FOR_THE_ALLIANCE = frozenset({Role.ALLIANCE_ADMINISTRATOR, Role.ALLIANCE_LEAD})


@dataclass(frozen=True, kw_only=True)
class InvitationDraft:
    """Whom somebody invites, and as what."""

    name: str
    email: str
    roles: tuple[Role, ...] = (Role.TEACHER,)


@dataclass(frozen=True)
class Invited:
    """An invitation and its link, which is shown once and kept as its hash only."""

    invitation: Invitation
    token: str = field(repr=False)
    link: str = field(repr=False)


class InvitationGone(Gone):
    """The invitation was used already, ended, ran out, or never was: one answer for all."""

    def __init__(self) -> None:
        super().__init__(
            "invitation_gone",
            "This invitation has been used already, or has run out. Ask whoever sent it for a new one.",
        )


def invite(session: Session, permit: Permit[School], *, draft: InvitationDraft, public_url: str) -> Invited:
    """Invite somebody to a school: a letter with a link that works once, within a week, when they press the button.

    Raises:
        Invalid: something that was typed is to be mended, or a role isn't this person's to give.
        Conflict: they belong to this school already (`member_already`).
    """
    school = permit.for_(Action.PERSON_MANAGE)
    together = Together()
    name = together.check(check_name, draft.name, field="name", what="their name") or ""
    email = together.check(check_email, draft.email, field="email") or ""
    together.check(may_give, session, permit.actor, draft.roles)
    together.end()
    if school.closed_at is not None:
        raise Conflict("school_closed", "This school is closed. Choose another.")
    if _belongs(session, school, email):
        say = f"{name} belongs to {school.name} already."
        raise Conflict("member_already", say, fields={"email": say})
    secret = ids.token()
    invitation = Invitation(
        alliance_id=school.alliance_id,
        school_id=school.id,
        invited_by=permit.actor.person_id,
        email=email,
        name=name,
        roles=[role.value for role in dict.fromkeys(draft.roles)],
        secret_hash=ids.token_hash(secret),
        expires_at=moment(session) + LASTS,
    )
    # A newer invitation of the same person stands in for the older one.
    session.execute(
        update(Invitation)
        .where(Invitation.school_id == school.id, Invitation.email == email, *is_open())
        .values(ended_at=clock.now())
    )
    session.add(invitation)
    session.flush()
    record(session, permit, "invited", about=invitation)
    return _send(session, school, invitation, secret, public_url)


def resend(session: Session, permit: Permit[Invitation], *, public_url: str) -> Invited:
    """Send an invitation again, with a new link and another week; the old link is worth nothing.

    Raises:
        InvitationGone: it was used or ended.
    """
    invitation = _unused(session, permit)
    school = session.scalars(select(School).where(School.id == invitation.school_id)).one()
    secret = ids.token()
    invitation.secret_hash, invitation.expires_at = ids.token_hash(secret), moment(session) + LASTS
    session.flush()
    record(session, permit, "invitation_resent", about=invitation)
    return _send(session, school, invitation, secret, public_url)


def end_invitation(session: Session, permit: Permit[Invitation]) -> None:
    """End an invitation that nobody has used; its link stops working.

    Raises:
        InvitationGone: it was used or ended.
    """
    invitation = _unused(session, permit)
    invitation.ended_at = moment(session)
    record(session, permit, "invitation_ended", about=invitation)


def may_give(session: Session, actor: Actor, roles: tuple[Role, ...], *, also: tuple[Role, ...] = ()) -> None:
    """Check that somebody may give these roles, and give or take those in `also`.

    Raises:
        Invalid: none was chosen, or one isn't this person's to give.
    """
    if not roles or not set(roles) <= set(OFFERED):
        say = "Choose at least one thing that they do at the school."
        raise Invalid("roles_missing", say, fields={"roles": say})
    for_all = FOR_THE_ALLIANCE.intersection((*roles, *also))
    if for_all and not may(session, actor, Action.SCHOOL_ADD, Alliance, actor.alliance_id):
        say = "Only who administers the alliance can ask somebody to lead or administer it."
        raise Invalid("role_not_yours", say, fields={"roles": say})


def _belongs(session: Session, school: School, email: str) -> bool:
    found = (
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .join(Account, Account.id == Person.account_id)
        .where(Membership.school_id == school.id, Membership.until_at.is_(None), Account.email == email)
    )
    return session.scalar(found) is not None


def is_open() -> tuple[ColumnElement[bool], ...]:
    """Hold while an invitation may be used."""
    return (Invitation.spent_at.is_(None), Invitation.ended_at.is_(None), clock.now() < Invitation.expires_at)


def _unused(session: Session, permit: Permit[Invitation]) -> Invitation:
    invitation = permit.for_(Action.PERSON_MANAGE)
    session.refresh(invitation, with_for_update=True)
    if invitation.spent_at is not None or invitation.ended_at is not None:
        raise InvitationGone
    return invitation


def moment(session: Session) -> datetime:
    """Ask the database what time it is."""
    now: datetime = session.execute(select(clock.now())).scalar_one()
    return now


def _send(session: Session, school: School, invitation: Invitation, secret: str, public_url: str) -> Invited:
    link = f"{public_url.rstrip('/')}/join/{secret}"
    alliance = session.scalars(select(Alliance).where(Alliance.id == school.alliance_id)).one()
    inviter = session.scalars(select(Person.name).where(Person.id == invitation.invited_by)).one()
    send_later(
        session,
        to=invitation.email,
        subject=f"An invitation to {alliance.name}",
        body=f"Dear {invitation.name},\n\n{inviter} invites you to {alliance.name}, as part of {school.name}.\n"
        "Teachers there open their lessons to each other and learn from what colleagues noticed. "
        "Nobody sees anything of yours until you share it.\n\n"
        f"Open this within a week and press the button there. It works once.\n\n{link}\n",
    )
    return Invited(invitation=invitation, token=secret, link=link)
