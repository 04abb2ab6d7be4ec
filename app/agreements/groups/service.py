"""Opening a project, joining it and leaving it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements import hooks
from app.agreements.cycles import service as cycles
from app.agreements.log import By, write
from app.agreements.projects.models import Capacity, GroupKind, Participant, Project, ProjectKind
from app.agreements.projects.queries import lock_project, names_of
from app.agreements.protocols import service as protocols
from app.agreements.protocols.agreed import Focus
from app.agreements.protocols.drafts import first_draft, known_template
from app.agreements.protocols.starting_words import FOCUS_BY_KEY
from app.authz import Action, Permit, allowed
from app.errors import Conflict, Invalid
from app.notify.service import tell
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance, School
from app.people.policy import member_of_alliance

MOST_COLLEAGUES = 11
LONGEST_TITLE = 120
LONGEST_AIM = 2000


@dataclass(frozen=True, kw_only=True)
class ProjectDraft:
    """What starting a project asks for: the kind, with whom, one focus; the rest has sensible beginnings.

    `focus` is the key of a starting focus item, or the group's own words for one.
    """

    with_ids: tuple[UUID, ...]
    focus: str
    kind: str = ProjectKind.PEER_OBSERVATION
    title: str = ""
    aim: str = ""


def open_project(session: Session, permit: Permit[Alliance], *, draft: ProjectDraft) -> Project:
    """Start a project: the opener takes part, the others are asked; a first turn and a first draft are there.

    Raises:
        Invalid: the kind, the colleagues or the focus can't be used; each field says what to mend.
    """
    alliance = permit.for_(Action.PROJECT_OPEN)
    template = known_template(draft.kind)
    focus = _focus(draft.focus)
    opener_id = permit.actor.person_id
    others = _colleagues(session, permit, draft.with_ids)
    if len(draft.title) > LONGEST_TITLE or len(draft.aim) > LONGEST_AIM:
        raise Invalid("too_long", "Make it shorter.", fields={"title": f"Keep this to {LONGEST_TITLE} characters."})
    project = Project(
        alliance_id=alliance.id,
        kind=draft.kind,
        group_kind=_group_kind(1 + len(others)),
        title=draft.title.strip() or _title(session, focus, [opener_id, *others]),
        aim=draft.aim.strip(),
        opened_by=opener_id,
    )
    session.add(project)
    session.flush()
    _ask(session, project, opener_id, joined=True)
    for person_id in others:
        _ask(session, project, person_id)
    session.flush()
    cycles.first_cycle(session, project=project, teacher_id=opener_id)
    first_draft(session, project=project, template=template, focus=focus)
    write(session, permit, "project.opened", about=project, to_state="open")
    tell(session, others, "project.asked", project.id)
    return project


def join(session: Session, permit: Permit[Project]) -> Participant:
    """Say yes to taking part; saying it twice is saying it once."""
    project = permit.for_(Action.PROJECT_READ)
    lock_project(session, project.id)
    participant = _participant(session, project.id, permit.actor.person_id)
    if participant.joined_at is None:
        participant.joined_at = clock.now()
        session.flush()
        write(session, permit, "project.joined", about=participant, from_state="asked", to_state="joined")
    return participant


def leave(session: Session, permit: Permit[Project]) -> None:
    """Leave a project, at any time and without a reason: the same as taking back one's agreement.

    One's own lessons in it are withdrawn, one's entries are marked left in every version, the others carry on.
    """
    project = permit.for_(Action.PROJECT_LEAVE)
    lock_project(session, project.id)
    _leave(session, permit, project_id=project.id, person_id=permit.actor.person_id)


take_back = leave


def leave_everything(session: Session, *, person_id: UUID, rule: str) -> int:
    """Take somebody out of every project, since their account or their last membership has ended.

    `rule` names why, in the audit log's own words. Gives the number of projects.
    """
    project_ids = session.scalars(
        select(Participant.project_id)
        .where(Participant.person_id == person_id, Participant.left_at.is_(None))
        .order_by(Participant.project_id)
    ).all()
    for project_id in project_ids:  # all locks before the first audit row, always in one order
        lock_project(session, project_id)
    for project_id in project_ids:
        _leave(session, rule, project_id=project_id, person_id=person_id)
    return len(project_ids)


def membership_ended(session: Session, person_id: UUID, school_id: UUID) -> None:
    """Leave everything once somebody belongs to no school of the alliance; hears `people.hooks`."""
    alliance_id = session.scalars(select(School.alliance_id).where(School.id == school_id)).one()
    if not session.scalar(select(member_of_alliance(literal(person_id), literal(alliance_id)))):
        leave_everything(session, person_id=person_id, rule="membership_ended")


def _leave(session: Session, by: By, *, project_id: UUID, person_id: UUID) -> None:
    participant = _participant(session, project_id, person_id)
    participant.left_at = clock.now()
    session.flush()
    write(session, by, "project.left", about=participant, to_state="left", actor_id=person_id)
    protocols.take_back_everything(session, by, project_id=project_id, person_id=person_id)
    cycles.end_turns_of(session, by, project_id=project_id, teacher_id=person_id)
    for receiver in hooks.on_left:
        receiver(session, project_id, person_id)
    # The last one who hadn't signed may just have gone.
    protocols.put_in_force_if_complete(session, by, project_id)


def _participant(session: Session, project_id: UUID, person_id: UUID) -> Participant:
    found = session.scalars(
        select(Participant).where(
            Participant.project_id == project_id, Participant.person_id == person_id, Participant.left_at.is_(None)
        )
    ).one_or_none()
    if found is None:
        raise Conflict("left_already", "You have left this project already.")
    return found


def _ask(session: Session, project: Project, person_id: UUID, *, joined: bool = False) -> None:
    participant = Participant(
        alliance_id=project.alliance_id,
        project_id=project.id,
        person_id=person_id,
        capacity=Capacity.TEACHER,  # roles rotate: everybody teaches, everybody watches
    )
    if joined:
        participant.joined_at = clock.now()
    session.add(participant)


def _colleagues(session: Session, permit: Permit[Alliance], with_ids: Sequence[UUID]) -> list[UUID]:
    wanted = list(dict.fromkeys(person_id for person_id in with_ids if person_id != permit.actor.person_id))
    known = set(
        session.scalars(
            allowed(permit.actor, Action.DIRECTORY_READ, Person)
            .where(Person.id.in_(wanted))
            .with_only_columns(Person.id)
        )
    )
    if not wanted or len(wanted) > MOST_COLLEAGUES or known != set(wanted):
        raise Invalid(
            "colleagues_needed",
            "Choose whom you'd like to work with.",
            fields={"with_ids": f"Choose at least one colleague of your alliance, at most {MOST_COLLEAGUES}."},
        )
    return wanted


def _focus(typed: str) -> Focus:
    known = FOCUS_BY_KEY.get(typed)
    if known is not None:
        return Focus(name=known.name, question=known.question, look_fors=known.look_fors)
    words = typed.strip()
    if not words or len(words) > LONGEST_TITLE:
        raise Invalid(
            "focus_needed",
            "Pick one thing to look at.",
            fields={"focus": f"Pick one, or write your own in up to {LONGEST_TITLE} characters."},
        )
    return Focus(name=words, question=words, look_fors=())


def _title(session: Session, focus: Focus, person_ids: list[UUID]) -> str:
    known = names_of(session, person_ids)
    first_names = [known[person_id].name.split()[0] for person_id in person_ids]
    together = f"{', '.join(first_names[:-1])} and {first_names[-1]}"
    return f"{focus.name}: {together}"[:LONGEST_TITLE]


def _group_kind(count: int) -> GroupKind:
    return {2: GroupKind.PAIR, 3: GroupKind.TRIAD}.get(count, GroupKind.COHORT)
