"""One alliance as plain facts: what the second reading of the rule book judges, and what is written as rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4


@dataclass(eq=False)
class Fact:
    """Something with an id of its own."""

    id: UUID = field(default_factory=uuid4, kw_only=True)


@dataclass(eq=False)
class School(Fact):
    """One school."""

    name: str
    closed: bool = False


@dataclass(eq=False)
class Membership(Fact):
    """That somebody belongs to a school, in which roles, from when until when."""

    person: "Someone"
    school: School
    roles: set[str]
    from_at: datetime
    until_at: datetime | None = None


@dataclass(eq=False)
class GuestLink(Fact):
    """That somebody is the guest of one project."""

    project: "Project"
    until_at: datetime
    ended: bool = False


@dataclass(eq=False)
class Someone(Fact):
    """A person with an account, and one device that is signed in."""

    name: str
    account_id: UUID = field(default_factory=uuid4)
    device_id: UUID = field(default_factory=uuid4)
    account: str = "active"
    locked_until: datetime | None = None
    memberships: list[Membership] = field(default_factory=list)
    links: list[GuestLink] = field(default_factory=list)
    consent: str = "none"  # to be a learning detective: none, given, taken back; or given, but for the library
    trained: bool = False


@dataclass(eq=False)
class Entry(Fact):
    """That a version names somebody."""

    person: Someone
    capacity: str
    watches: bool
    left: bool = False


@dataclass(eq=False)
class Version(Fact):
    """A version of a protocol; a signature is True, or False when it was taken back."""

    project: "Project"
    number: int
    author: Someone
    state: str
    kind: str
    until_at: datetime
    entries: list[Entry] = field(default_factory=list)
    signatures: dict[Someone, bool] = field(default_factory=dict)
    clauses: dict[str, Any] = field(default_factory=dict)


@dataclass(eq=False)
class Participant(Fact):
    """That somebody was asked into a project, said yes, and perhaps left."""

    person: Someone
    capacity: str
    joined: bool = True
    left: bool = False


@dataclass(eq=False)
class Project(Fact):
    """A project with all its versions, turns and lessons."""

    opened_by: Someone
    participants: list[Participant] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    cycles: list["Cycle"] = field(default_factory=list)


@dataclass(eq=False)
class Cycle(Fact):
    """Somebody's turn."""

    project: Project
    teacher: Someone
    state: str = "observing"
    recordings: list["Recording"] = field(default_factory=list)
    targets: list["Target"] = field(default_factory=list)


@dataclass(eq=False)
class Target(Fact):
    """What somebody means to try."""

    person: Someone
    cycle: Cycle


@dataclass(eq=False)
class Hold(Fact):
    """A safeguarding hold on a recording."""

    lifted: bool = False


@dataclass(eq=False)
class Case(Fact):
    """A data-protection lead's task about a recording."""

    closed: bool = False


@dataclass(eq=False)
class Window(Fact):
    """When a named pupil may watch."""

    pupil: Someone
    from_at: datetime
    until_at: datetime
    closed: bool = False


@dataclass(eq=False)
class Feedback(Fact):
    """What one observer released on one recording."""

    recording: "Recording"
    author: Someone
    undo_until: datetime
    opened: bool = False


@dataclass(eq=False)
class Note(Fact):
    """What somebody noticed."""

    recording: "Recording"
    author: Someone
    state: str = "own"
    feedback: Feedback | None = None


@dataclass(eq=False)
class Clip(Fact):
    """A part of a recording that somebody marked."""

    recording: "Recording"
    author: Someone


@dataclass(eq=False)
class Upload(Fact):
    """A file on its way."""

    recording: "Recording"
    state: str = "open"


@dataclass(eq=False)
class Watched(Fact):
    """That somebody was handed a piece of a recording."""

    recording: "Recording"
    person: Someone


@dataclass(eq=False)
class Objection(Fact):
    """That somebody in a class does not wish to be seen."""

    school: School
    class_code: str
    from_on: date
    until_on: date | None
    settled_for: list["Recording"] = field(default_factory=list)


@dataclass(eq=False)
class Recording(Fact):
    """A filmed lesson."""

    cycle: Cycle
    owner: Someone
    school: School
    state: str
    delete_at: datetime
    recorded_on: date
    bound: Version | None = None
    class_code: str = "8F2"
    holds: list[Hold] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    feedback: list[Feedback] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)
    uploads: list[Upload] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)

    @property
    def project(self) -> Project:
        """Give the project that it was made in."""
        return self.cycle.project


@dataclass(eq=False)
class Invitation(Fact):
    """A link that makes somebody a member of a school."""

    school: School
    invited_by: Someone


@dataclass(eq=False)
class World(Fact):
    """One alliance at one instant."""

    now: datetime
    people: dict[str, Someone] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)
    projects: list[Project] = field(default_factory=list)
    objections: list[Objection] = field(default_factory=list)
    invitations: list[Invitation] = field(default_factory=list)
    told: list[str] = field(default_factory=list)  # what was changed in it, for a failure to say

    @property
    def recordings(self) -> list[Recording]:
        """Give every recording."""
        return [recording for project in self.projects for cycle in project.cycles for recording in cycle.recordings]

    @property
    def memberships(self) -> list[Membership]:
        """Give every membership."""
        return [membership for person in self.people.values() for membership in person.memberships]
