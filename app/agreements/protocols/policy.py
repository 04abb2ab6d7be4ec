"""What a signed protocol says: `complete`, `open`, `names`, and who may read, propose and sign versions."""

from collections.abc import Callable, Iterator
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, func, not_, or_, select
from sqlalchemy.orm import aliased

from app import clock
from app.agreements.projects.models import Capacity, Participant, Project
from app.agreements.protocols.models import (
    Agreement,
    ProtocolVersion,
    RosterEntry,
    VersionKind,
    VersionState,
)
from app.authz import Action, Clause, Id, Who, listed_by, policy, there_is
from app.people.policy import here


def signed(who: Who, version_id: Id) -> ColumnElement[bool]:
    """Hold while the person's signature stands under this version."""
    agreement = aliased(Agreement)
    return there_is(agreement).where(
        agreement.version_id == version_id, agreement.person_id == who, agreement.taken_back_at.is_(None)
    )


def live_entry(
    who: Who, version_id: Id, *, capacities: tuple[Capacity, ...] = (), watches: bool = False
) -> ColumnElement[bool]:
    """Hold while the version's roster names the person, who has not left; perhaps in a capacity, or as a watcher."""
    entry = aliased(RosterEntry)
    where = [entry.version_id == version_id, entry.person_id == who, entry.left_at.is_(None)]
    if capacities:
        where.append(entry.capacity.in_([capacity.value for capacity in capacities]))
    if watches:
        where.append(entry.watches.is_(True))
    return there_is(entry).where(*where)


def current(project_id: Id) -> ScalarSelect[UUID]:
    """Give the id of the project's version in force; NULL where there is none."""
    version = aliased(ProtocolVersion)
    return (
        select(version.id)
        .where(version.project_id == project_id, version.state == VersionState.IN_FORCE)
        .correlate_except(version)
        .scalar_subquery()
    )


def complete(version_id: Id) -> ColumnElement[bool]:
    """Hold when at least two live entries are there, and every one of those persons has signed."""
    entry, other = aliased(RosterEntry), aliased(RosterEntry)
    live = (
        select(func.count())
        .select_from(entry)
        .where(entry.version_id == version_id, entry.left_at.is_(None))
        .correlate_except(entry)
        .scalar_subquery()
    )
    unsigned = there_is(other).where(
        other.version_id == version_id, other.left_at.is_(None), not_(signed(other.person_id, version_id))
    )
    return and_(live >= 2, not_(unsigned))  # noqa: PLR2004 - a group of one is no group


def clauses_proposed(project_id: Id) -> ColumnElement[bool]:
    """Hold while a change of what was agreed is put to the group: that closes everything until all have signed."""
    version = aliased(ProtocolVersion)
    return there_is(version).where(
        version.project_id == project_id,
        version.state == VersionState.PROPOSED,
        version.kind == VersionKind.CLAUSES,
    )


def open_(project_id: Id) -> ColumnElement[bool]:
    """Hold when a version is in force and complete, and no change of clauses is proposed."""
    return and_(current(project_id).is_not(None), complete(current(project_id)), not_(clauses_proposed(project_id)))


def names(who: Who, version_id: Id) -> ColumnElement[bool]:
    """Hold while the version names the person as a watcher, they have signed it, and its date isn't past."""
    version = aliased(ProtocolVersion)
    return and_(
        live_entry(who, version_id, watches=True),
        signed(who, version_id),
        there_is(version).where(version.id == version_id, clock.now() < version.until_at),
    )


def says(version_id: Id, clause: Callable[[type[ProtocolVersion]], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Hold when the version's text says so: `says(v, lambda version: version.readers == "group")`."""
    version = aliased(ProtocolVersion)
    return there_is(version).where(version.id == version_id, clause(version))


def participates(who: Who, project_id: Id, *, also_left: bool = False) -> ColumnElement[bool]:
    """Hold for whoever takes part in the project now (or ever did)."""
    participant = aliased(Participant)
    where = [participant.project_id == project_id, participant.person_id == who]
    if not also_left:
        where.append(participant.left_at.is_(None))
    return there_is(participant).where(*where)


@policy(ProtocolVersion, Action.PROTOCOL_READ)
def read(who: Who) -> Iterator[Clause]:
    """Say who may read a version: whoever takes part in its project; a draft is its author's."""
    yield Clause(
        "protocol_participant",
        and_(
            participates(who, ProtocolVersion.project_id),
            here(who, ProtocolVersion.alliance_id, ProtocolVersion.project_id),
            or_(ProtocolVersion.state != VersionState.DRAFT, ProtocolVersion.author_id == who),
        ),
        "You take part in this project.",
    )


@policy(ProtocolVersion, Action.PROTOCOL_SIGN)
def sign(who: Who) -> Iterator[Clause]:
    """Say who may sign: whoever a proposed version names, in person, once."""
    yield Clause(
        "protocol_on_roster",
        and_(
            participates(who, ProtocolVersion.project_id),
            here(who, ProtocolVersion.alliance_id, ProtocolVersion.project_id),
            ProtocolVersion.state == VersionState.PROPOSED,
            live_entry(who, ProtocolVersion.id),
            not_(signed(who, ProtocolVersion.id)),
        ),
        "This version names you.",
    )


@policy(ProtocolVersion, Action.PROTOCOL_DROP)
def drop(who: Who) -> Iterator[Clause]:
    """Say who may take a proposal off the table: its proposer, or any participant by declining it."""
    yield Clause(
        "protocol_decline",
        and_(
            participates(who, ProtocolVersion.project_id),
            here(who, ProtocolVersion.alliance_id, ProtocolVersion.project_id),
            ProtocolVersion.state == VersionState.PROPOSED,
        ),
        "You take part in this project.",
    )


@policy(ProtocolVersion, Action.PROTOCOL_EDIT, Action.PROTOCOL_PROPOSE)
def edit(who: Who) -> Iterator[Clause]:
    """Say who may change a draft and put it to the group: its author, while they may propose one."""
    may_propose = there_is(Project).where(Project.id == ProtocolVersion.project_id, _may_propose(who))
    yield Clause(
        "protocol_author",
        and_(ProtocolVersion.state == VersionState.DRAFT, ProtocolVersion.author_id == who, may_propose),
        "This draft is yours.",
    )


@policy(Project, Action.PROTOCOL_PROPOSE)
def propose(who: Who) -> Iterator[Clause]:
    """Say who may put a version to the group."""
    yield Clause("protocol_propose", _may_propose(who), "You take part in this project.")


def _may_propose(who: Who) -> ColumnElement[bool]:
    in_force = current(Project.id)
    speakers = (Capacity.TEACHER, Capacity.OBSERVER, Capacity.MENTOR, Capacity.MODERATOR)
    first = and_(in_force.is_(None), Project.opened_by == who)
    later = and_(live_entry(who, in_force, capacities=speakers), signed(who, in_force))
    return and_(
        participates(who, Project.id),
        here(who, Project.alliance_id, Project.id),
        or_(first, later),
        not_(clauses_proposed(Project.id)),
    )


listed_by(
    ProtocolVersion,
    Action.PROTOCOL_READ,
    later="This version isn't waiting for that any more. Look at the protocol's own page: it says where things stand.",
)
