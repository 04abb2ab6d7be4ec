"""A world of facts as rows of the real database, through the models that the product itself uses."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session

from app.agreements.consents.models import Consent, ConsentKind, Training
from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Participant, Project, ProjectKind
from app.agreements.protocols.models import Agreement, ProtocolVersion, RosterEntry
from app.db import Base
from app.ids import token_hash
from app.people.accounts.models import Account, Device, Person
from app.people.alliances.models import Alliance, School
from app.people.guests.models import GuestLink
from app.people.memberships.models import Invitation, Membership
from app.reflection.targets.models import Target
from tests.access import facts
from tests.access.rows_of_lessons import HASH, objection_rows, recording_rows, word_rows


def write(session: Session, worlds: list[facts.World]) -> None:
    """Write worlds as rows, table after table in the order in which they lean on each other."""
    by_table: dict[str, list[Base]] = defaultdict(list)
    for w in worlds:
        for row in _rows(w):
            by_table[row.__tablename__].append(row)
    for table in Base.metadata.sorted_tables:
        values = [_values(row) for row in by_table.pop(table.name, [])]
        if values:
            session.execute(insert(table), values)


def _values(row: Base) -> dict[str, Any]:
    """Give a row's columns as its model filled them; what it leaves to the database's clock stays out."""
    mapper = inspect(type(row))
    found = {mapper.attrs[name].columns[0].name: value for name, value in row.__dict__.items() if name in mapper.attrs}
    counted = mapper.version_id_col
    return found if counted is None else {**found, counted.name: 1}


def _rows(w: facts.World) -> Iterator[Base]:
    yield Alliance(id=w.id, name="Valley")
    for school in w.schools.values():
        yield _with(
            School(id=school.id, alliance_id=w.id, name=school.name), closed_at=w.now if school.closed else None
        )
    for p in w.people.values():
        yield from _person(w, p)
    for project in w.projects:
        yield from _project(w, project)
    for recording in w.recordings:
        yield from recording_rows(w, recording)
        yield from word_rows(w, recording)
    for objection in w.objections:
        yield from objection_rows(w, objection)
    for each in w.invitations:
        yield Invitation(
            id=each.id,
            alliance_id=w.id,
            school_id=each.school.id,
            invited_by=each.invited_by.id,
            email="n@example.org",
            name="N",
            roles=["teacher"],
            secret_hash=each.id.hex,
            expires_at=w.now + timedelta(days=7),
        )


def _with(row: Any, **values: Any) -> Any:  # noqa: ANN401 - any row, given back with columns that its maker leaves out
    for name, value in values.items():
        setattr(row, name, value)
    return row


def _person(w: facts.World, p: facts.Someone) -> Iterator[Base]:
    yield Account(
        id=p.account_id,
        email=f"{p.name.lower()}-{p.id.hex}@example.org",
        password_hash="-",  # noqa: S106 - nobody signs in with this
        state=p.account,
        content_locked_until=p.locked_until,
    )
    yield Person(id=p.id, alliance_id=w.id, account_id=p.account_id, name=p.name)
    expires_at = w.now + timedelta(days=1)
    yield Device(
        id=p.device_id,
        account_id=p.account_id,
        person_id=p.id,
        secret_hash=token_hash(p.device_id.hex),
        expires_at=expires_at,
    )
    yield from _belongs(w, p)
    if p.consent != "none":
        taken_back_at = w.now if p.consent == "taken back" else None
        kind = ConsentKind.LIBRARY if p.consent == "library" else ConsentKind.DETECTIVE
        yield Consent(alliance_id=w.id, person_id=p.id, kind=kind, taken_back_at=taken_back_at)
    if p.trained:
        yield Training(person_id=p.id, alliance_id=w.id)


def _belongs(w: facts.World, p: facts.Someone) -> Iterator[Base]:
    """Tie somebody to schools, and a guest to a project."""
    for m in p.memberships:
        row = Membership(
            id=m.id,
            alliance_id=w.id,
            person_id=p.id,
            school_id=m.school.id,
            roles=sorted(m.roles),
            until_at=m.until_at,
        )
        yield _with(row, from_at=m.from_at)
    for link in p.links:
        yield GuestLink(
            id=link.id,
            alliance_id=w.id,
            person_id=p.id,
            project_id=link.project.id,
            until_at=link.until_at,
            ended_at=w.now if link.ended else None,
        )


def _project(w: facts.World, x: facts.Project) -> Iterator[Base]:
    yield Project(
        id=x.id, alliance_id=w.id, kind=ProjectKind.PEER_OBSERVATION, title="Questioning", opened_by=x.opened_by.id
    )
    for each in x.participants:
        yield Participant(
            id=each.id,
            alliance_id=w.id,
            project_id=x.id,
            person_id=each.person.id,
            capacity=each.capacity,
            joined_at=w.now if each.joined else None,
            left_at=w.now if each.left else None,
        )
    for v in x.versions:
        yield from _version(w, v)
    for number, cycle in enumerate(x.cycles, 1):
        yield Cycle(
            id=cycle.id,
            alliance_id=w.id,
            project_id=x.id,
            number=number,
            teacher_id=cycle.teacher.id,
            state=cycle.state,
        )
        for target in cycle.targets:
            yield Target(
                id=target.id, alliance_id=w.id, person_id=target.person.id, cycle_id=cycle.id, body="Wait longer."
            )


def _version(w: facts.World, v: facts.Version) -> Iterator[Base]:
    yield ProtocolVersion(
        id=v.id,
        alliance_id=w.id,
        project_id=v.project.id,
        number=v.number,
        kind=v.kind,
        state=v.state,
        author_id=v.author.id,
        template="peer_observation",
        principles=["We look in order to learn"],
        note_kinds=["evidence"],
        stages={},
        until_at=v.until_at,
        erase_at=w.now + timedelta(days=60),
        text_hash=HASH,
        **v.clauses,
    )
    for each in v.entries:
        yield RosterEntry(
            id=each.id,
            alliance_id=w.id,
            version_id=v.id,
            person_id=each.person.id,
            capacity=each.capacity,
            watches=each.watches,
            left_at=w.now if each.left else None,
        )
    for p, stands in v.signatures.items():
        yield Agreement(
            alliance_id=w.id,
            version_id=v.id,
            person_id=p.id,
            typed_name=p.name,
            text_hash=HASH,
            taken_back_at=None if stands else w.now,
        )
