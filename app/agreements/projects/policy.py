"""Projects: opened by staff, read by whoever takes part, left by anyone at any time."""

from collections.abc import Iterator

from sqlalchemy import and_
from sqlalchemy.orm import aliased

from app.agreements.projects.models import Participant, Project
from app.authz import Action, Clause, Who, policy, there_is
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance
from app.people.policy import active, here, staff


@policy(Alliance, Action.PROJECT_OPEN)
def open_project(who: Who) -> Iterator[Clause]:
    """Say who may start a project: any member of staff."""
    yield Clause("staff", and_(active(who), staff(who, Alliance.id)), "You work at a school of this alliance.")


@policy(Project, Action.PROJECT_READ, Action.PROJECT_LEAVE)
def read(who: Who) -> Iterator[Clause]:
    """Say who may see a project, or leave it: whoever takes part."""
    participant = aliased(Participant)
    yield Clause(
        "project_participant",
        and_(
            there_is(participant).where(
                participant.project_id == Project.id,
                participant.person_id == who,
                participant.left_at.is_(None),
            ),
            here(who, Project.alliance_id, Project.id),
        ),
        "You take part in this project.",
    )


@policy(Person, Action.DIRECTORY_READ)
def directory(who: Who) -> Iterator[Clause]:
    """Say whose name and school may be seen: every member's, by staff of the same alliance."""
    from_here = and_(active(who), staff(who, Person.alliance_id))
    yield Clause("directory_staff", and_(from_here, staff(Person.id, Person.alliance_id)), "You are in one alliance.")
