"""Whom I wait for, and what came in: names and days, told only while I may know of them."""

from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, not_, select
from sqlalchemy.orm import Session, aliased

from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.projects.models import Participant, Project
from app.agreements.projects.queries import Named
from app.agreements.protocols.agreed import signatures
from app.agreements.protocols.models import ProtocolVersion, RosterEntry, VersionState
from app.agreements.protocols.policy import clauses_proposed, current
from app.authz import Action, Actor, allowed, condition
from app.home.next_steps.step import CameIn, Waiting
from app.home.next_steps.watching import agreed_or_on_the_table
from app.lessons.recordings.conditions import objected
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from app.notify.models import Notification
from app.notify.service import latest
from app.observation.feedback.models import Feedback, Response
from app.people.accounts.models import Person

MOST = 5
_NOT_SHARED: Final = (CycleState.BEGUN, CycleState.BRIEFED, CycleState.RECORDED)


def waiting(session: Session, actor: Actor, offered: list[tuple[Project, Named]]) -> list[Waiting]:
    """List whom this person waits for; the number of queries doesn't grow with them.

    `offered` are the projects in which a turn is over, each with whoever teaches next.
    """
    return [
        *_to_propose(session, actor),
        *_to_sign(session, actor),
        *_to_teach(session, actor),
        *_to_feed_back(session, actor),
        *_to_answer(session, actor),
        *_to_begin(offered, actor),
    ][: 2 * MOST]


def came_in(session: Session, actor: Actor) -> list[CameIn]:
    """List what came in lately, newest first; what isn't shared any more is left out."""
    told = latest(session, actor, most=4 * MOST)
    words: dict[tuple[str, UUID], tuple[str, str]] = {}
    for kinds, find in _SAID:
        ids = [one.thing_id for one in told if one.kind in kinds]
        if ids:
            said = find(session, actor, ids)
            words |= {(kind, thing_id): how for kind in kinds for thing_id, how in said.items()}
    newest: dict[str, CameIn] = {}
    for one in filter(None, (_tell(one, words) for one in told)):
        # The newest first: what is told of a thing carries the time of what it says now.
        newest.setdefault(one.href + one.words, one)
    return list(newest.values())[:MOST]


def _tell(one: Notification, words: dict[tuple[str, UUID], tuple[str, str]]) -> CameIn | None:
    said = words.get((one.kind, one.thing_id))
    return None if said is None else CameIn(words=said[0], href=said[1], at=one.made_at)


def _to_propose(session: Session, actor: Actor) -> list[Waiting]:
    """Name who opened a project that one said yes to, while there is no protocol to sign."""
    opener = aliased(Participant)
    rows = session.execute(
        allowed(actor, Action.PROJECT_READ, Project)
        .join(opener, and_(opener.project_id == Project.id, opener.person_id == Project.opened_by))
        .join(Person, Person.id == opener.person_id)
        .where(
            Project.opened_by != actor.person_id, opener.left_at.is_(None), _said_yes(actor), ~agreed_or_on_the_table()
        )
        .add_columns(Person.name)
        .order_by(Project.opened_at)
        .limit(MOST)
    )
    return [
        Waiting(who=name, what=f"put the protocol for “{project.title}” to the group", href=f"/projects/{project.id}")
        for project, name in rows
    ]


def _to_teach(session: Session, actor: Actor) -> list[Waiting]:
    """Name whose lesson comes next, in the same words until it is shared: that it has arrived is the teacher's own."""
    rows = session.execute(
        allowed(actor, Action.CYCLE_READ, Cycle)
        .join(Project, Project.id == Cycle.project_id)
        .join(Person, Person.id == Cycle.teacher_id)
        .where(
            Cycle.teacher_id != actor.person_id,
            Cycle.state.in_([state.value for state in _NOT_SHARED]),
            _said_yes(actor),
            current(Project.id).is_not(None),
            not_(clauses_proposed(Project.id)),
        )
        .add_columns(Person.name, Project.title)
        .order_by(Cycle.begun_at)
        .limit(MOST)
    )
    return [
        Waiting(who=name, what=f"a lesson in “{project}”", href=f"/cycles/{cycle.id}") for cycle, name, project in rows
    ]


def _to_begin(offered: list[tuple[Project, Named]], actor: Actor) -> list[Waiting]:
    return [
        Waiting(who=named.name, what=f"begin their turn in “{project.title}”", href=f"/projects/{project.id}")
        for project, named in offered
        if named.person_id != actor.person_id
    ]


def _said_yes(actor: Actor) -> ColumnElement[bool]:
    mine = aliased(Participant)
    return (
        select(mine.id)
        .where(
            mine.project_id == Project.id,
            mine.person_id == actor.person_id,
            mine.joined_at.is_not(None),
            mine.left_at.is_(None),
        )
        .correlate(Project)
        .exists()
    )


def _to_sign(session: Session, actor: Actor) -> Iterator[Waiting]:
    rows = session.execute(
        allowed(actor, Action.PROTOCOL_READ, ProtocolVersion)
        .join(Project, Project.id == ProtocolVersion.project_id)
        .where(ProtocolVersion.state == VersionState.PROPOSED)
        .add_columns(Project.title)
        .order_by(ProtocolVersion.proposed_at)
        .limit(MOST)
    ).all()
    signed = signatures(session, [version.id for version, _ in rows]) if rows else {}
    for version, project in rows:
        people = [one for one in signed[version.id] if not one.left]
        if any(one.person_id == actor.person_id and one.signed_at is None for one in people):
            continue  # they wait for me, rather
        for one in people:
            if one.signed_at is None:
                href = f"/projects/{version.project_id}/protocol"
                yield Waiting(who=one.name, what=f"sign the protocol for “{project}”", href=href)


def _to_feed_back(session: Session, actor: Actor) -> list[Waiting]:
    """Name those who may watch one's own shared lessons and haven't fed back, whether they have begun or not."""
    theirs = aliased(Feedback)
    rows = session.execute(
        allowed(actor, Action.REC_LIST, Recording)
        .join(RosterEntry, and_(RosterEntry.version_id == Recording.bound_version_id, RosterEntry.left_at.is_(None)))
        .join(Person, Person.id == RosterEntry.person_id)
        .join(Cycle, Cycle.id == Recording.cycle_id)
        .outerjoin(theirs, and_(theirs.recording_id == Recording.id, theirs.author_id == Person.id))
        .where(
            Recording.owner_id == actor.person_id,
            Recording.state == RecordingState.SHARED,
            RosterEntry.watches,
            Person.id != actor.person_id,
            theirs.id.is_(None),
        )
        .add_columns(Person.name, Cycle.feedback_by)
        .order_by(Cycle.feedback_by, Person.name)
        .limit(MOST)
    )
    return [
        Waiting(
            who=name, what=f"feedback on “{recording.title}”", due_at=by, href=f"/cycles/{recording.cycle_id}/response"
        )
        for recording, name, by in rows
    ]


def _to_answer(session: Session, actor: Actor) -> list[Waiting]:
    teacher = aliased(Person)
    rows = session.execute(
        allowed(actor, Action.FEEDBACK_READ, Feedback)
        .join(Recording, Recording.id == Feedback.recording_id)
        .join(Cycle, Cycle.id == Feedback.cycle_id)
        .join(teacher, teacher.id == Recording.owner_id)
        .outerjoin(Response, Response.feedback_id == Feedback.id)
        .where(Feedback.author_id == actor.person_id, Response.feedback_id.is_(None))
        .add_columns(teacher.name, Cycle.answer_by, _title(actor))
        .order_by(Feedback.released_at)
        .limit(MOST)
    )
    return [
        Waiting(
            who=name,
            what=f"an answer to your feedback on “{title}”" if title else "an answer to your feedback",
            due_at=by,
            href=f"/cycles/{feedback.cycle_id}/response",
        )
        for feedback, name, by, title in rows
    ]


def _title(actor: Actor) -> ColumnElement[Any]:
    """Give a lesson's title, while this person may know of the lesson."""
    return case((condition(actor.who, Action.REC_LIST, Recording), Recording.title))


def _feedback_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        allowed(actor, Action.FEEDBACK_READ, Feedback)
        .join(Person, Person.id == Feedback.author_id)
        .where(Feedback.id.in_(ids))
        .add_columns(Person.name)
    )
    return {
        feedback.id: (f"{name} shared feedback with you", f"/cycles/{feedback.cycle_id}/response")
        for feedback, name in rows
    }


def _answer_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        select(Cycle.id, Person.name)
        .join(Person, Person.id == Cycle.teacher_id)
        .where(
            Cycle.id.in_(ids),
            allowed(actor, Action.FEEDBACK_READ, Feedback)
            .where(Feedback.cycle_id == Cycle.id)
            .correlate(Cycle)
            .exists(),
        )
    )
    return {cycle_id: (f"{name} answered your feedback", f"/cycles/{cycle_id}/response") for cycle_id, name in rows}


def _erased_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell who wrote notes that they went with a lesson: which turn it was, and nothing of what was in it."""
    rows = session.execute(
        allowed(actor, Action.CYCLE_READ, Cycle)
        .join(Project, Project.id == Cycle.project_id)
        .where(Cycle.id.in_(ids))
        .add_columns(Project.title)
    )
    return {
        cycle.id: (
            f"The lesson of turn {cycle.number} in “{project}” is erased, and your notes with it",
            f"/cycles/{cycle.id}",
        )
        for cycle, project in rows
    }


def _lesson_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell where a lesson stands now, whatever it was when the message was written."""
    rows = session.scalars(allowed(actor, Action.REC_LIST, Recording).where(Recording.id.in_(ids)))
    return {row.id: (f"“{row.title}”: {_how_far(row)}", f"/recordings/{row.id}/status") for row in rows}


def _objection_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell a teacher that a lesson is closed to everybody else, for as long as it is."""
    rows = session.scalars(allowed(actor, Action.REC_LIST, Recording).where(Recording.id.in_(ids), objected()))
    return {
        row.id: (
            f"Somebody in {row.class_code} does not wish to be seen: only you can watch “{row.title}”",
            f"/recordings/{row.id}/sharing",
        )
        for row in rows
    }


def _how_far(recording: Recording) -> str:
    if recording.media_state == MediaState.READY:
        return "the whole lesson can be watched"
    return "it needs you" if recording.media_state == MediaState.NEEDS_ATTENTION else "it is on its way"


Finder = Callable[[Session, Actor, list[UUID]], dict[UUID, tuple[str, str]]]
_SAID: tuple[tuple[tuple[str, ...], Finder], ...] = (
    (("feedback.released", "feedback.added"), _feedback_words),
    (("response.saved",), _answer_words),
    (("notes.erased",), _erased_words),
    (("objection.opened",), _objection_words),
    (("upload.mismatch", "recording.ready", "recording.needs_attention"), _lesson_words),
)
