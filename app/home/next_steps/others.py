"""Whom I wait for: names and days, told only while I may know of them."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, not_
from sqlalchemy.orm import Session, aliased

from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.projects.models import Participant, Project
from app.agreements.projects.queries import Named
from app.agreements.protocols.agreed import signatures
from app.agreements.protocols.models import ProtocolVersion, RosterEntry, VersionState
from app.agreements.protocols.policy import clauses_proposed, current
from app.authz import Action, Actor, allowed, condition
from app.home.next_steps.step import Waiting
from app.home.next_steps.watching import agreed_or_on_the_table, said_yes
from app.lessons.recordings.models import Recording, RecordingState
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


def _to_propose(session: Session, actor: Actor) -> list[Waiting]:
    """Name who opened a project that one said yes to, while there is no protocol to sign."""
    opener = aliased(Participant)
    rows = session.execute(
        allowed(actor, Action.PROJECT_READ, Project)
        .join(opener, and_(opener.project_id == Project.id, opener.person_id == Project.opened_by))
        .join(Person, Person.id == opener.person_id)
        .where(
            Project.opened_by != actor.person_id, opener.left_at.is_(None), said_yes(actor), ~agreed_or_on_the_table()
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
            said_yes(actor),
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
        .add_columns(teacher.name, Cycle.answer_by, lesson_title(actor))
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


def lesson_title(actor: Actor) -> ColumnElement[Any]:
    """Give a lesson's title, while this person may know of the lesson."""
    return case((condition(actor.who, Action.REC_LIST, Recording), Recording.title))
