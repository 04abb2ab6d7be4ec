"""Steps for others: join, sign, watch, feed back."""

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, aliased

from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Participant, Project
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.authz import Action, Actor, allowed, there_is
from app.home.next_steps.step import WATCHING_MINUTES, Rung, Step
from app.lessons.playback.models import Place
from app.lessons.recordings.models import Recording
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note
from app.people.accounts.models import Person
from video.timecode import clock_face

#: Who has come this far through a lesson, in hundredths, is asked for feedback rather than to carry on.
NEARLY_ALL = 90


def invitations(session: Session, actor: Actor) -> list[Step]:
    """List the projects that ask this person to take part; where a protocol is to be signed, signing says it."""
    to_sign = allowed(actor, Action.PROTOCOL_SIGN, ProtocolVersion).where(ProtocolVersion.project_id == Project.id)
    rows = session.scalars(
        allowed(actor, Action.PROJECT_READ, Project)
        .join(Participant, Participant.project_id == Project.id)
        .where(
            Participant.person_id == actor.person_id,
            Participant.joined_at.is_(None),
            Participant.left_at.is_(None),
            ~to_sign.correlate(Project).exists(),
        )
        .limit(10)
    )
    return [
        Step(
            rung=Rung.SOMEONE_WAITS,
            title=f"You’re asked to take part in “{project.title}”",
            label="See what it is",
            href=f"/projects/{project.id}",
            minutes=2,
            facts=("a no is an answer too",),
        )
        for project in rows
    ]


def signatures(session: Session, actor: Actor) -> list[Step]:
    """List the protocols that wait for this person's signature, which is also their yes to taking part."""
    rows = session.execute(
        allowed(actor, Action.PROTOCOL_SIGN, ProtocolVersion)
        .join(Project, Project.id == ProtocolVersion.project_id)
        .outerjoin(
            Participant,
            and_(Participant.project_id == Project.id, Participant.person_id == actor.person_id),
        )
        .add_columns(Project.title, Participant.joined_at)
        .order_by(ProtocolVersion.proposed_at)
        .limit(10)
    )
    return [_sign(version, project, joined=joined_at is not None) for version, project, joined_at in rows]


def protocols(session: Session, actor: Actor) -> list[Step]:
    """List the projects whose first protocol this person is to put to the group."""
    rows = session.scalars(
        allowed(actor, Action.PROTOCOL_PROPOSE, Project)
        .where(~agreed_or_on_the_table(), said_yes(actor))
        .order_by(Project.opened_at)
        .limit(10)
    )
    return [
        Step(
            rung=Rung.TO_AGREE,
            title=f"Look over the protocol for “{project.title}”, and put it to the group",
            label="Look over the protocol",
            href=f"/projects/{project.id}/protocol",
            minutes=3,
            facts=("a template is filled in already",),
        )
        for project in rows
    ]


def agreed_or_on_the_table() -> ColumnElement[bool]:
    """Hold for a project that has a protocol in force, or one that waits for signatures."""
    version = aliased(ProtocolVersion)
    return there_is(version).where(
        version.project_id == Project.id,
        version.state.in_((VersionState.IN_FORCE.value, VersionState.PROPOSED.value)),
    )


def said_yes(actor: Actor) -> ColumnElement[bool]:
    """Hold for a project that this person has said yes to: until then, answering comes first."""
    mine = aliased(Participant)
    return there_is(mine).where(
        mine.project_id == Project.id,
        mine.person_id == actor.person_id,
        mine.joined_at.is_not(None),
        mine.left_at.is_(None),
    )


def _sign(version: ProtocolVersion, project: str, *, joined: bool) -> Step:
    title, asked = f"Sign the protocol for “{project}”", tuple[str, ...]()
    if not joined:
        title = f"You’re asked to take part in “{project}”: read and sign its protocol"
        asked = ("signing is your yes to taking part", "a no is an answer too")
    return Step(
        rung=Rung.TO_AGREE,
        title=title,
        label=f"Read and sign version {version.number}",
        href=f"/projects/{version.project_id}/protocol/v{version.number}/sign",
        minutes=3,
        facts=(*asked, "nobody can watch until all have signed"),
    )


def lessons(session: Session, actor: Actor) -> list[Step]:
    """List the lessons of others that this person may watch and hasn't fed back on."""
    mine, own = aliased(Note), aliased(Feedback)
    written = (
        select(func.count())
        .where(mine.recording_id == Recording.id, mine.author_id == actor.person_id)
        .correlate(Recording)
        .scalar_subquery()
    )
    rows = session.execute(
        allowed(actor, Action.REC_WATCH, Recording)
        .where(Recording.owner_id != actor.person_id, own.id.is_(None))
        .join(Person, Person.id == Recording.owner_id)
        .join(Cycle, Cycle.id == Recording.cycle_id)
        .outerjoin(Place, and_(Place.recording_id == Recording.id, Place.person_id == actor.person_id))
        .outerjoin(own, and_(own.recording_id == Recording.id, own.author_id == actor.person_id))
        .add_columns(
            Person.name.label("teacher"), Cycle.feedback_by, Place.at_ms.label("place_ms"), written.label("written")
        )
        .order_by(Cycle.feedback_by.asc().nulls_last(), Recording.shared_at)
        .limit(10)
    )
    return [_watch(row) for row in rows]


def _watch(row: Row[Any]) -> Step:
    recording: Recording = row.Recording
    length_ms = recording.duration_ms or recording.watchable_ms
    place_ms = row.place_ms or 0
    facts = []
    if row.written:
        facts.append("1 note written" if row.written == 1 else f"{row.written} notes written")
    if place_ms and length_ms:
        facts.append(f"{place_ms // 60_000} of {length_ms // 60_000} minutes watched")
    done = bool(row.written and length_ms and place_ms * 100 >= length_ms * NEARLY_ALL)
    at = f"/recordings/{recording.id}"
    label, href = "Watch and write", at
    if done:
        label, href = "Share my feedback", f"/cycles/{recording.cycle_id}/feedback"
    elif place_ms:
        label, href = f"Carry on at {clock_face(place_ms)}", f"{at}?at={place_ms}"
    return Step(
        rung=Rung.SOMEONE_WAITS,
        title=f"{row.teacher} waits for your feedback on “{recording.title}”",
        label=label,
        href=href,
        minutes=WATCHING_MINUTES,
        due_at=row.feedback_by,
        facts=tuple(facts),
    )
