"""What the machine's keeper may do with projects from the command line: open one in a teacher's name, and list."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.agreements.groups.service import ProjectDraft, open_project
from app.agreements.projects.models import Participant, Project
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.authz import Action, Actor, permit
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance


@dataclass(frozen=True, kw_only=True)
class Line:
    """One project, as a list shows it: how far it has come, never what it is about."""

    id: UUID
    alliance: str
    kind: str
    people: int
    in_force: int | None


def open_for(session: Session, person: Person, *, draft: ProjectDraft) -> Project:
    """Open a project in a teacher's own name, by the same door as on the page.

    Raises:
        NotFound: this person may not open projects.
        Invalid: something can't be used; each field says what to mend.
    """
    actor = Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)
    may_open = permit(session, actor, Action.PROJECT_OPEN, Alliance, person.alliance_id)
    return open_project(session, may_open, draft=draft)


def lines(session: Session) -> list[Line]:
    """List all projects by id and counts: titles are their groups' own."""
    people = (
        select(func.count())
        .where(Participant.project_id == Project.id, Participant.left_at.is_(None))
        .correlate(Project)
        .scalar_subquery()
    )
    in_force = (
        select(ProtocolVersion.number)
        .where(ProtocolVersion.project_id == Project.id, ProtocolVersion.state == VersionState.IN_FORCE)
        .correlate(Project)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Project.id, Alliance.name, Project.kind, people, in_force)
        .join(Alliance, Alliance.id == Project.alliance_id)
        .order_by(Alliance.name, Project.opened_at)
    )
    return [Line(id=row[0], alliance=row[1], kind=row[2], people=row[3], in_force=row[4]) for row in rows]
