"""Named people and things for one test, as rows: so that the policy is judged by what is kept, not by who made it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Capacity, GroupKind, Participant, Project, ProjectKind
from app.agreements.protocols.models import Agreement, FocusItem, ProtocolVersion, RosterEntry, VersionState
from app.authz import Actor
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.models import Recording, RecordingState
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, NoteState
from app.people.accounts.models import Account, Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Membership, Role

LESSON_ON = date(2026, 3, 12)


@dataclass
class World:
    """One alliance in one session; a decoy alliance is a second world in the same session."""

    session: Session
    name: str = "Valley"
    alliance: Alliance = field(init=False)
    people: dict[str, Person] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make the alliance."""
        self.alliance = self.add(Alliance(name=self.name))

    def add(self, row: Any) -> Any:  # noqa: ANN401 - any row, given back as it came
        """Keep a row."""
        self.session.add(row)
        self.session.flush()
        return row

    @property
    def now(self) -> datetime:
        """Ask the database what time it is."""
        return self.session.scalars(select(clock.now())).one()

    def school(self, name: str) -> School:
        """Give a school, made when first asked for."""
        if name not in self.schools:
            self.schools[name] = self.add(School(alliance_id=self.alliance.id, name=name))
        return self.schools[name]

    def person(self, name: str, *, school: str | None = "Hillside", roles: Iterable[Role] = (Role.TEACHER,)) -> Person:
        """Make a person, member of a school unless `school` is None."""
        email = f"{name.lower()}-{uuid4().hex[:8]}@{self.name.lower()}.example"
        account = self.add(Account(email=email, password_hash="-"))  # noqa: S106 - nobody signs in with this
        person: Person = self.add(Person(alliance_id=self.alliance.id, account_id=account.id, name=name))
        if school is not None:
            self.join(person, school, roles)
        self.people[name] = person
        return person

    def join(self, person: Person, school: str, roles: Iterable[Role]) -> Membership:
        """Make a person a member of a school."""
        membership: Membership = self.add(
            Membership(
                alliance_id=self.alliance.id,
                person_id=person.id,
                school_id=self.school(school).id,
                roles=[role.value for role in roles],
            )
        )
        return membership

    def account(self, name: str) -> Account:
        """Give a person's account."""
        return self.session.get_one(Account, self.people[name].account_id)

    def actor(self, name: str) -> Actor:
        """Give a person as one who asks."""
        person = self.people[name]
        return Actor(person_id=person.id, account_id=person.account_id, alliance_id=self.alliance.id)

    def project(self, opened_by: str, **capacities: Capacity) -> Project:
        """Make a project with everybody named, in their capacities."""
        project: Project = self.add(
            Project(
                alliance_id=self.alliance.id,
                kind=ProjectKind.PEER_OBSERVATION,
                group_kind=GroupKind.COHORT,
                title="Questioning",
                opened_by=self.people[opened_by].id,
            )
        )
        for name, capacity in capacities.items():
            self.participant(project, name, capacity)
        return project

    def participant(self, project: Project, name: str, capacity: Capacity, *, left: bool = False) -> Participant:
        """Let somebody take part."""
        participant: Participant = self.add(
            Participant(
                alliance_id=self.alliance.id,
                project_id=project.id,
                person_id=self.people[name].id,
                capacity=capacity,
                joined_at=self.now,
                left_at=self.now if left else None,
            )
        )
        return participant

    def version(  # noqa: PLR0913 - each is a fact of the version, and all are named
        self,
        project: Project,
        number: int,
        *,
        roster: dict[str, Capacity],
        watchers: str | Iterable[str] = (),
        signed: Iterable[str] | None = None,
        state: VersionState = VersionState.IN_FORCE,
        **clauses: Any,  # noqa: ANN401 - columns of the version
    ) -> ProtocolVersion:
        """Make a version; all on the roster have signed it unless `signed` says who."""
        values: dict[str, Any] = {
            "principles": ["We look in order to learn, not to judge"],
            "note_kinds": ["evidence", "question", "took_away", "try", "wondering"],
            "stages": {"before": "a talk", "during": "one focus", "after": "feedback"},
            "until_at": self.now + timedelta(days=60),
            "erase_at": self.now + timedelta(days=60),
            "template": "peer_observation",
            "text_hash": "0" * 64,
            **clauses,
        }
        version: ProtocolVersion = self.add(
            ProtocolVersion(
                alliance_id=self.alliance.id,
                project_id=project.id,
                number=number,
                state=state,
                author_id=project.opened_by,
                **values,
            )
        )
        self._fill(version, roster, watchers)
        for name in roster if signed is None else signed:
            self.sign(version, name)
        return version

    def _fill(self, version: ProtocolVersion, roster: dict[str, Capacity], watchers: str | Iterable[str]) -> None:
        """Say what is looked at, and by whom."""
        self.add(
            FocusItem(
                alliance_id=self.alliance.id,
                version_id=version.id,
                position=1,
                name="Wait time",
                question="What happens in the silence after a question?",
                look_fors=["who breaks the silence"],
            )
        )
        for name, capacity in roster.items():
            entry = RosterEntry(
                alliance_id=self.alliance.id,
                version_id=version.id,
                person_id=self.people[name].id,
                capacity=capacity,
                watches=name in watchers,
            )
            self.add(entry)

    def sign(self, version: ProtocolVersion, name: str) -> Agreement:
        """Put somebody's signature under a version."""
        agreement: Agreement = self.add(
            Agreement(
                alliance_id=self.alliance.id,
                version_id=version.id,
                person_id=self.people[name].id,
                typed_name=name,
                text_hash=version.text_hash or "",
            )
        )
        return agreement

    def cycle(self, project: Project, teacher: str, number: int = 1) -> Cycle:
        """Make a turn."""
        cycle: Cycle = self.add(
            Cycle(
                alliance_id=self.alliance.id, project_id=project.id, number=number, teacher_id=self.people[teacher].id
            )
        )
        return cycle

    def recording(  # noqa: PLR0913 - each is a fact of the recording, and all are named
        self,
        cycle: Cycle,
        *,
        school: str = "Hillside",
        state: RecordingState = RecordingState.PRIVATE,
        bound: ProtocolVersion | None = None,
        delete_at: datetime | None = None,
        class_code: str = "8F2",
        title: str = "Year 8 fractions",
    ) -> Recording:
        """Make a recording of twelve minutes, ready to play but without a film."""
        recording: Recording = self.add(
            Recording(
                alliance_id=self.alliance.id,
                school_id=self.school(school).id,
                project_id=cycle.project_id,
                cycle_id=cycle.id,
                owner_id=cycle.teacher_id,
                title=title,
                class_code=class_code,
                recorded_on=LESSON_ON,
                delete_at=delete_at or self.now + timedelta(days=30),
                state=state,
                bound_version_id=bound.id if bound else None,
                media_state="ready",
                duration_ms=720_000,
                watchable_ms=720_000,
                verified_at=self.now,
            )
        )
        return recording

    def note(self, recording: Recording, name: str, *, feedback: Feedback | None = None, **values: Any) -> Note:  # noqa: ANN401 - columns of the note
        """Write a note for somebody."""
        note: Note = self.add(
            Note(
                id=uuid4(),
                alliance_id=self.alliance.id,
                recording_id=recording.id,
                author_id=self.people[name].id,
                **{
                    "kind": "evidence",
                    "at_ms": 12_000,
                    "body": f"{name} saw six seconds pass.",
                    "written_at": self.now,
                    "state": NoteState.RELEASED if feedback else NoteState.OWN,
                    "feedback_id": feedback.id if feedback else None,
                    **values,
                },
            )
        )
        return note

    def feedback(self, recording: Recording, name: str) -> Feedback:
        """Release somebody's feedback."""
        feedback: Feedback = self.add(
            Feedback(
                alliance_id=self.alliance.id,
                recording_id=recording.id,
                cycle_id=recording.cycle_id,
                author_id=self.people[name].id,
                took_away="the silence after why",
                why_dont_you_try="asking B before A",
                undo_until=self.now + timedelta(minutes=10),
            )
        )
        return feedback

    def watched(self, recording: Recording, name: str, *, clause: str = "watch_named") -> AccessEvent:
        """Write down that somebody was handed a segment."""
        event: AccessEvent = self.add(
            AccessEvent(
                alliance_id=self.alliance.id,
                recording_id=recording.id,
                person_id=self.people[name].id,
                what="segment",
                clause=clause,
                from_ms=0,
                until_ms=4000,
                rendition="240p",
            )
        )
        return event

    def ids(self) -> dict[UUID, str]:
        """Give everybody's name by id."""
        return {person.id: name for name, person in self.people.items()}
