"""A world of facts as rows of the real database, through the models that the product itself uses."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, inspect
from sqlalchemy.orm import Session

from app.agreements.consents.models import Consent, ConsentKind, Objection, Training
from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Participant, Project, ProjectKind
from app.agreements.protocols.models import Agreement, ProtocolVersion, RosterEntry
from app.db import Base
from app.ids import token_hash
from app.lessons.clips.models import Clip
from app.lessons.playback.models import AccessEvent
from app.lessons.recordings.models import Case, Hold, ObjectionSettled, Recording, ViewingWindow
from app.lessons.uploads.models import Upload
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note
from app.people.accounts.models import Account, Device, Person
from app.people.alliances.models import Alliance, School
from app.people.guests.models import GuestLink
from app.people.memberships.models import Invitation, Membership
from app.reflection.targets.models import Target
from tests.access import facts

HASH = "0" * 64


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
        yield from _recording(w, recording)
        yield from _words(w, recording)
    for objection in w.objections:
        yield from _objection(w, objection)
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
    if p.consent != "none":
        taken_back_at = w.now if p.consent == "taken back" else None
        yield Consent(alliance_id=w.id, person_id=p.id, kind=ConsentKind.DETECTIVE, taken_back_at=taken_back_at)
    if p.trained:
        yield Training(person_id=p.id, alliance_id=w.id)


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


def _recording(w: facts.World, r: facts.Recording) -> Iterator[Base]:
    yield Recording(
        id=r.id,
        alliance_id=w.id,
        school_id=r.school.id,
        project_id=r.project.id,
        cycle_id=r.cycle.id,
        owner_id=r.owner.id,
        title="Year 8 fractions",
        class_code=r.class_code,
        recorded_on=r.recorded_on,
        delete_at=r.delete_at,
        state=r.state,
        bound_version_id=r.bound.id if r.bound else None,
        media_state="ready",
        duration_ms=720_000,
        watchable_ms=720_000,
        verified_at=w.now,
    )
    at, lead = w.id, w.people["Dee"].id
    for hold in r.holds:
        lifted_at = w.now if hold.lifted else None
        yield Hold(id=hold.id, alliance_id=at, recording_id=r.id, placed_by=lead, lifted_at=lifted_at)
    for case in r.cases:
        closed_at = w.now if case.closed else None
        yield Case(id=case.id, alliance_id=at, recording_id=r.id, opened_by=lead, closed_at=closed_at)
    for each in r.windows:
        yield ViewingWindow(
            id=each.id,
            alliance_id=at,
            recording_id=r.id,
            pupil_id=each.pupil.id,
            opened_by=lead,
            from_at=each.from_at,
            until_at=each.until_at,
            closed_at=w.now if each.closed else None,
        )
    for upload in r.uploads:
        yield Upload(
            id=upload.id,
            alliance_id=at,
            recording_id=r.id,
            kind="source",
            name="film.mp4",
            size_bytes=1,
            mime="video/mp4",
            fingerprint=HASH,
            part_bytes=1,
            storage_key=upload.id.hex,
            storage_upload_id="-",
            state=upload.state,
        )


def _words(w: facts.World, r: facts.Recording) -> Iterator[Base]:
    for each in r.feedback:
        row = Feedback(
            id=each.id,
            alliance_id=w.id,
            recording_id=r.id,
            cycle_id=r.cycle.id,
            author_id=each.author.id,
            took_away="the silence after why",
            why_dont_you_try="asking B before A",
            undo_until=each.undo_until,
            opened_at=w.now if each.opened else None,
        )
        yield row
    for note in r.notes:
        yield Note(
            id=note.id,
            alliance_id=w.id,
            recording_id=r.id,
            author_id=note.author.id,
            kind="evidence",
            at_ms=12_000,
            body="Six seconds passed.",
            written_at=w.now,
            state=note.state,
            feedback_id=note.feedback.id if note.feedback else None,
        )
    for clip in r.clips:
        yield Clip(
            id=clip.id,
            alliance_id=w.id,
            recording_id=r.id,
            author_id=clip.author.id,
            in_ms=0,
            out_ms=4000,
            title="Waiting",
        )
    for event in r.watched:
        yield AccessEvent(
            id=event.id,
            alliance_id=w.id,
            recording_id=r.id,
            person_id=event.person.id,
            what="segment",
            clause="watch_named",
        )


def _objection(w: facts.World, objection: facts.Objection) -> Iterator[Base]:
    lead = w.people["Dee"].id
    yield Objection(
        id=objection.id,
        alliance_id=w.id,
        school_id=objection.school.id,
        class_code=objection.class_code,
        from_on=objection.from_on,
        until_on=objection.until_on,
        recorded_by=lead,
    )
    for r in objection.settled_for:
        yield ObjectionSettled(
            objection_id=objection.id, recording_id=r.id, alliance_id=w.id, settled_by=lead, how="not in the picture"
        )
