"""A small alliance to agree things in: schools and people as rows, everything that is agreed through services."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles import policy as turns
from app.agreements.cycles.models import Cycle
from app.agreements.groups import service as projects
from app.agreements.groups.service import ProjectDraft
from app.agreements.projects import policy as taking_part
from app.agreements.projects.models import Project
from app.agreements.protocols import drafts, service
from app.agreements.protocols.drafts import draft_of
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.agreements.protocols.policy import open_
from app.agreements.protocols.queries import in_state
from app.agreements.protocols.ready import VersionDraft
from app.authz import Action, Actor, may, permit
from app.lessons.recordings import policy as watching
from app.lessons.recordings.models import Recording, RecordingState
from app.lessons.uploads import policy as briefing
from app.people import rules
from app.people.accounts.models import Account, Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Membership, Role

# Importing a policy registers its rules.
POLICIES = (turns, taking_part, watching, briefing, rules)
PEOPLE = ("Amina", "Tom", "Priya", "Joan", "Sam", "Wes")


@dataclass(frozen=True)
class Teacher:
    """Somebody of the town."""

    name: str
    actor: Actor
    school_id: UUID

    @property
    def id(self) -> UUID:
        """Give the person's id."""
        return self.actor.person_id


@dataclass
class Town:
    """One alliance with two schools."""

    session: Session
    alliance: Alliance
    schools: list[School]
    teachers: dict[str, Teacher] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Teacher:
        """Give a teacher by first name, settling them on first asking; schools alternate."""
        if name not in self.teachers:
            self.teachers[name] = self._settle(name)
        return self.teachers[name]

    def _settle(self, name: str) -> Teacher:
        school = self.schools[len(self.teachers) % len(self.schools)]
        account = Account(email=f"{name.lower()}@{self.alliance.id.hex}.example", password_hash="x")  # noqa: S106
        self.session.add(account)
        self.session.flush()
        person = Person(alliance_id=self.alliance.id, account_id=account.id, name=f"{name} Day")
        self.session.add(person)
        self.session.flush()
        self.session.add(
            Membership(
                alliance_id=self.alliance.id, person_id=person.id, school_id=school.id, roles=[Role.TEACHER.value]
            )
        )
        self.session.flush()
        actor = Actor(person_id=person.id, account_id=account.id, alliance_id=self.alliance.id)
        return Teacher(name=name, actor=actor, school_id=school.id)

    def open(self, *names: str, **said: Any) -> Project:  # noqa: ANN401 - parts of a ProjectDraft
        """Let the first of these open a project with the others."""
        first, others = self[names[0]], [self[name] for name in names[1:]]
        may_open = permit(self.session, first.actor, Action.PROJECT_OPEN, Alliance, self.alliance.id)
        draft = ProjectDraft(**{"with_ids": tuple(other.id for other in others), "focus": "wait_time", **said})
        return projects.open_project(self.session, may_open, draft=draft)

    def draft(self, project: Project, name: str, **changes: Any) -> ProtocolVersion:  # noqa: ANN401 - of a VersionDraft
        """Let somebody write a draft, with changes from what it began as."""
        actor = self[name].actor
        begun = drafts.new_draft(
            self.session, permit(self.session, actor, Action.PROTOCOL_PROPOSE, Project, project.id)
        )
        may_edit = permit(self.session, actor, Action.PROTOCOL_EDIT, ProtocolVersion, begun.id)
        return drafts.edit_draft(self.session, may_edit, draft=replace(self.says(begun), **changes))

    def says(self, version: ProtocolVersion) -> VersionDraft:
        """Give what a version says."""
        return draft_of(self.session, version)

    def propose(self, version: ProtocolVersion, name: str) -> ProtocolVersion:
        """Let somebody put a draft to the group."""
        may_propose = permit(self.session, self[name].actor, Action.PROTOCOL_PROPOSE, ProtocolVersion, version.id)
        return service.propose(self.session, may_propose)

    def sign(self, version: ProtocolVersion, *names: str) -> None:
        """Let some people sign what they read."""
        for name in names:
            may_sign = permit(self.session, self[name].actor, Action.PROTOCOL_SIGN, ProtocolVersion, version.id)
            service.sign(self.session, may_sign, typed_name=f"{name} Day", text_hash=version.text_hash or "")

    def drop(self, version: ProtocolVersion, name: str) -> None:
        """Let somebody take a proposal off the table."""
        service.drop(
            self.session,
            permit(self.session, self[name].actor, Action.PROTOCOL_DROP, ProtocolVersion, version.id),
        )

    def leave(self, project: Project, name: str) -> None:
        """Let somebody leave."""
        projects.leave(self.session, permit(self.session, self[name].actor, Action.PROJECT_LEAVE, Project, project.id))

    def agree(self, *names: str) -> tuple[Project, ProtocolVersion]:
        """Open a project in which all of these have signed the first version."""
        project = self.open(*names)
        version = self.propose(self.draft(project, names[0]), names[0])
        self.sign(version, *names)
        self.session.refresh(version)
        return project, version

    def is_open(self, project: Project) -> bool:
        """Ask the policy itself whether the project is open for watching."""
        return bool(self.session.scalar(select(open_(literal(project.id)))))

    def current(self, project: Project) -> ProtocolVersion | None:
        """Find the version in force."""
        return in_state(self.session, project.id, VersionState.IN_FORCE)

    def lesson(self, project: Project, name: str, version: ProtocolVersion) -> Recording:
        """Put a shared lesson there, as a row: uploading is another area's affair."""
        teacher = self[name]
        now = self.session.scalars(select(clock.now())).one()
        cycle = self.session.scalars(
            select(Cycle).where(Cycle.project_id == project.id).order_by(Cycle.number).limit(1)
        ).one()
        recording = Recording(
            alliance_id=project.alliance_id,
            school_id=teacher.school_id,
            project_id=project.id,
            cycle_id=cycle.id,
            owner_id=teacher.id,
            title="Year 8 fractions",
            recorded_on=now.date(),
            delete_at=now + timedelta(days=30),
            state=RecordingState.SHARED,
            bound_version_id=version.id,
        )
        self.session.add(recording)
        self.session.flush()
        return recording

    def watchers(self, recording: Recording) -> set[str]:
        """Ask the policy who may watch a lesson, of everybody in town."""
        return {
            name
            for name, teacher in self.teachers.items()
            if may(self.session, teacher.actor, Action.REC_WATCH, Recording, recording.id)
        }


def build(session: Session, name: str = "Valley Alliance") -> Town:
    """Build an alliance with two schools and nobody in it."""
    alliance = Alliance(name=name, largest_bytes=10**9)
    session.add(alliance)
    session.flush()
    schools = [School(alliance_id=alliance.id, name=school) for school in ("Hillside", "St Mary's")]
    session.add_all(schools)
    session.flush()
    return Town(session=session, alliance=alliance, schools=schools)
