"""What each condition of the policy is called, and what is so when it doesn't hold.

Names are those of the rule book's facts. The conditions are made by the policy's own functions: a name is found by the
text that such a condition becomes, so nothing here says a second time who may do what.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, not_

from app.agreements.projects.models import Capacity, Project
from app.agreements.protocols.models import ProtocolVersion, Readers
from app.agreements.protocols.policy import (
    clauses_proposed,
    complete,
    current,
    live_entry,
    names,
    open_,
    participates,
    says,
    signed,
)
from app.authz import Id
from app.authz.compiled import ASKER
from app.db import Base
from app.lessons.recordings.conditions import (
    alive,
    both,
    free,
    held,
    here_,
    not_gone,
    objected,
    owner,
    text_alive,
)
from app.lessons.recordings.models import Recording, RecordingState
from app.lessons.recordings.policy import STAFF_CAPACITIES, may_as_detective, outside
from app.observation.feedback.policy import text_kept
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Role
from app.people.policy import active, has_role, here, member, staff, unlocked


@dataclass(frozen=True)
class Named:
    """A condition with its name, and what is so when it doesn't hold."""

    name: str
    when_not: str
    condition: ColumnElement[bool]


_CLOSED = "their account is stopped or closed"
_ELSEWHERE = "they belong to no school of this alliance now"


@cache
def named(model: type[Base]) -> tuple[Named, ...]:
    """List the conditions about rows of a model that have names."""
    listed = {Recording: _recording, ProtocolVersion: _version, Project: _project}
    return (*listed.get(model, _nothing)(), *_anybody(model))


def _nothing() -> Iterator[Named]:
    yield from ()


def _anybody(model: type[Base]) -> Iterator[Named]:
    """Name what is asked about the person, whatever the thing is."""
    yield Named("here", _CLOSED, active(ASKER))
    alliance: Any = Alliance.id if model is Alliance else getattr(model, "alliance_id", None)
    project: Any = Project.id if model is Project else getattr(model, "project_id", None)
    if alliance is not None:
        yield Named("here", _ELSEWHERE, here(ASKER, alliance))
        yield Named("staff", "they are there as a pupil alone, or not at all", staff(ASKER, alliance))
    if alliance is not None and project is not None:
        yield Named("here", f"{_ELSEWHERE}, and are no guest of this project", here(ASKER, alliance, project))
        yield Named("takes part", "they take no part in this project now", participates(ASKER, project))
    if model is School:
        yield Named("staff", "they don't work at this school", staff(ASKER, School.alliance_id, school_id=School.id))
        leads = has_role(ASKER, Role.SCHOOL_ADMINISTRATOR, school_id=School.id)
        yield Named("school administrator", "they don't administer this school", leads)
    if model is Person:
        yield Named("staff", "the other is no member of staff there", staff(Person.id, Person.alliance_id))


def _recording() -> Iterator[Named]:
    yield Named("owner", "it is somebody else's lesson", owner(ASKER))
    yield Named("not the owner", "it is their own lesson", not_(owner(ASKER)))
    yield Named("here", f"{_ELSEWHERE}, and are no guest of this project", here_(ASKER))
    yield Named("unlocked", "lessons are locked for them since their address was changed", unlocked(ASKER))
    yield Named("member", "they don't belong to the lesson's school now", member(ASKER, Recording.school_id))
    yield Named("alive", "it is being erased, or has been", not_gone())
    yield Named("alive", "the date by which it is erased has come", alive())
    yield Named("text_alive", "its date has come, or it is being erased", text_alive())
    yield Named("free", "an objection is open", not_(objected()))
    yield Named("free", "a safeguarding hold is open", not_(held()))
    yield Named("free", "an objection or a hold is open", free())
    yield Named("held", "no safeguarding hold is open", held())
    yield Named("text kept", "the protocol lets the teacher keep no words after the film", text_kept())
    for state in RecordingState:
        yield Named("shared", f"it is not {state.value}", Recording.state == state)
    yield Named("outside", "they take part in the project, or once did", outside(ASKER))
    yield from _open(Recording.project_id)
    yield from _stands()
    yield from _names()
    yield Named("detective", "what guards pupils who watch is not all there", may_as_detective(ASKER))
    adult = live_entry(ASKER, current(Recording.project_id), capacities=STAFF_CAPACITIES)
    yield Named("adult", "the version in force doesn't name them as an adult of the group", adult)
    detective = live_entry(ASKER, current(Recording.project_id), capacities=(Capacity.DETECTIVE,))
    yield Named("not a detective", "a detective hands notes in instead", not_(detective))
    lead = has_role(ASKER, Role.DATA_PROTECTION_LEAD, school_id=Recording.school_id)
    yield Named("data-protection lead", "they are no data-protection lead of the lesson's school", lead)
    carried = Recording.bound_version_id != current(Recording.project_id)
    yield Named("not carried over yet", "it is under the version in force already", carried)


def _open(project: Id) -> Iterator[Named]:
    yield Named("open", "no version of the protocol is in force", current(project).is_not(None))
    yield Named("open", "a change of what was agreed is proposed", not_(clauses_proposed(project)))
    yield Named("open", "not everybody named has signed, or fewer than two are", complete(current(project)))
    yield Named("open", "the protocol isn't open", open_(project))


def _stands() -> Iterator[Named]:
    teacher, version = Recording.owner_id, current(Recording.project_id)
    yield Named("stands", "the teacher's account is stopped or closed", active(teacher))
    yield Named("stands", "lessons are locked for the teacher since their address was changed", unlocked(teacher))
    yield Named("stands", "the teacher doesn't belong to the school now", member(teacher, Recording.school_id))
    yield Named("stands", "the version in force doesn't name the teacher", live_entry(teacher, version))
    yield Named("stands", "the teacher hasn't signed the version in force", signed(teacher, version))


def _names() -> Iterator[Named]:
    questions: tuple[tuple[str, Callable[[Id], ColumnElement[bool]]], ...] = (
        ("doesn't name them as one who watches, or they have left", lambda v: live_entry(ASKER, v, watches=True)),
        ("isn't signed by them", lambda version: signed(ASKER, version)),
        ("is past its date", lambda version: names(ASKER, version)),
        ("doesn't let watchers mark clips", lambda v: says(v, lambda text: text.clips_by == "watchers")),
        ("doesn't let the teacher download", lambda v: says(v, lambda text: text.download.in_(("owner", "watchers")))),
        ("doesn't let watchers download", lambda v: says(v, lambda text: text.download == "watchers")),
        ("doesn't let the group read each other's", lambda v: says(v, lambda text: text.readers == Readers.GROUP)),
    )
    for words, question in questions:
        bound, in_force = _for_both(question)
        name = "says" if "let" in words else "names"
        yield Named(f"{name}(bound)", f"the version it was shared under {words}", bound)
        yield Named(f"{name}(current)", f"the version in force {words}", in_force)
    yield Named("names(bound)", "it was shared under no version", Recording.bound_version_id.is_not(None))


def _for_both(question: Callable[[Id], ColumnElement[bool]]) -> list[ColumnElement[bool]]:
    """Give a question as it is asked of the version it was shared under, and of the one in force."""
    asked: list[ColumnElement[bool]] = []

    def keep(version: Id) -> ColumnElement[bool]:
        asked.append(question(version))
        return asked[-1]

    both(keep)
    return asked


def _version() -> Iterator[Named]:
    yield Named(
        "on the roster", "this version doesn't name them, or they have left", live_entry(ASKER, ProtocolVersion.id)
    )
    yield Named("not signed yet", "they have signed it already", not_(signed(ASKER, ProtocolVersion.id)))


def _project() -> Iterator[Named]:
    version = current(Project.id)
    yield from _open(Project.id)
    yield Named("first", "a version is in force", version.is_(None))
    yield Named("names(current)", "the version in force isn't signed by them", signed(ASKER, version))
    speaks = live_entry(ASKER, version, capacities=STAFF_CAPACITIES)
    yield Named("names(current)", "the version in force doesn't name them as an adult of the group", speaks)
