"""Steps of one's own turns: brief, send, share, answer, set a target; and what goes soon."""

from datetime import timedelta
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.cycles.queries import OVER, next_turn
from app.agreements.projects.models import Capacity, Participant, Project
from app.agreements.projects.queries import Named
from app.authz import Action, Actor, allowed
from app.home.next_steps.step import Rung, Step
from app.lessons.recordings.conditions import GONE
from app.lessons.recordings.models import MediaState, Recording, RecordingState
from app.reflection.targets.models import Target

#: From so many days before its date a recording is said to go.
SOON: Final = timedelta(days=7)
#: Whose turn it is takes a few queries a project, so only the latest projects are asked.
MOST_PROJECTS: Final = 3
#: A film that stopped on its way is seen to before anything is written about it.
_IN_THE_WAY: Final = (MediaState.WAITING, MediaState.NEEDS_ATTENTION)


def own_turns(session: Session, actor: Actor) -> list[Step]:
    """List what one's own turns ask for next."""
    rows = session.execute(
        allowed(actor, Action.CYCLE_READ, Cycle)
        .join(Project, Project.id == Cycle.project_id)
        .outerjoin(
            Recording, and_(Recording.cycle_id == Cycle.id, Recording.state.not_in([state.value for state in GONE]))
        )
        .where(Cycle.teacher_id == actor.person_id, Cycle.state != CycleState.CLOSED)
        .add_columns(Project.title, Recording)
        .order_by(Cycle.begun_at.desc())
        .limit(10)
    ).all()
    steps = (_own_turn(cycle, project, recording) for cycle, project, recording in rows)
    return [step for step in steps if step is not None]


def going_soon(session: Session, actor: Actor) -> list[Step]:
    """List one's own lessons that are erased within a week."""
    rows = session.scalars(
        allowed(actor, Action.REC_LIST, Recording)
        .where(Recording.owner_id == actor.person_id, Recording.delete_at < clock.now() + SOON)
        .order_by(Recording.delete_at)
        .limit(3)
    )
    return [
        Step(
            rung=Rung.AT_RISK,
            title=f"“{recording.title}” is erased soon",
            label="Look at how long it is kept",
            href=f"/recordings/{recording.id}/sharing",
            minutes=2,
            due_at=recording.delete_at,
            facts=("with its notes and feedback",),
        )
        for recording in rows
    ]


def offered_turns(session: Session, actor: Actor) -> list[tuple[Project, Named]]:
    """List the projects in which a turn is over, each with whoever teaches next; only those where one teaches too."""
    latest = select(Cycle.state).where(Cycle.project_id == Project.id).order_by(Cycle.number.desc()).limit(1)
    mine = select(Participant.id).where(
        Participant.project_id == Project.id,
        Participant.person_id == actor.person_id,
        Participant.capacity == Capacity.TEACHER,
        Participant.joined_at.is_not(None),
        Participant.left_at.is_(None),
    )
    projects = session.scalars(
        allowed(actor, Action.PROJECT_READ, Project)
        .where(latest.scalar_subquery().in_([state.value for state in OVER]), mine.exists())
        .order_by(Project.opened_at.desc())
        .limit(MOST_PROJECTS)
    ).all()
    found = ((project, next_turn(session, project)) for project in projects)
    return [(project, named) for project, named in found if named is not None]


def next_turns(offered: list[tuple[Project, Named]], actor: Actor) -> list[Step]:
    """List the projects in which it is one's own turn to teach next."""
    return [
        Step(
            rung=Rung.MY_TURN,
            title=f"It’s your turn to teach in “{project.title}”",
            label="Begin my turn",
            href=f"/projects/{project.id}",
            post=f"/projects/{project.id}/turn",
            minutes=4,
            facts=("a ten-minute stretch is plenty",),
        )
        for project, named in offered
        if named.person_id == actor.person_id
    ]


def targets(session: Session, actor: Actor) -> list[Step]:
    """Give one target that is still to try: the smallest next step."""
    target = session.scalars(
        allowed(actor, Action.TARGET_READ, Target)
        .where(Target.tried_at.is_(None))
        .order_by(Target.by_on.asc().nulls_last(), Target.set_at)
        .limit(1)
    ).one_or_none()
    if target is None:
        return []
    return [
        Step(
            rung=Rung.SMALLEST,
            title=f"You meant to try: {target.body}",
            label="Say how it went",
            href="/me/targets",
            minutes=1,
            facts=("once you have tried it",),
        )
    ]


def _own_turn(cycle: Cycle, project: str, recording: Recording | None) -> Step | None:
    at, title = f"/cycles/{cycle.id}", f"“{recording.title}”" if recording else f"“{project}”"
    match cycle.state:
        case CycleState.FED_BACK:
            return Step(
                rung=Rung.SOMEONE_WAITS,
                title=f"You have feedback on {title}",
                label="Read it and answer",
                href=f"{at}/response",
                minutes=10,
                due_at=cycle.answer_by,
            )
        case CycleState.RESPONDED:
            return Step(
                rung=Rung.IN_HAND,
                title=f"Set yourself one next step after {title}",
                label="Set a target",
                href=f"{at}/response#next",
                minutes=2,
            )
        case CycleState.BEGUN if recording is None or recording.media_state not in _IN_THE_WAY:
            return Step(
                rung=Rung.SOMEONE_WAITS,
                title=f"Write the briefing for your lesson in {title}",
                label="Write the briefing",
                href=f"{at}/briefing",
                minutes=4,
                facts=("four sentences are plenty",),
            )
        case _:
            return _lesson_step(cycle, project, recording)


def _lesson_step(cycle: Cycle, project: str, recording: Recording | None) -> Step | None:
    """Send the lesson, mend it, or share it."""
    if recording is None or recording.media_state == MediaState.WAITING:
        return Step(
            # Half a film is kept for a week: whoever forgets it sends it all again.
            rung=Rung.AT_RISK if recording else Rung.SOMEONE_WAITS,
            title=f"Your lesson for “{project}” is half sent" if recording else f"Send your lesson for “{project}”",
            label="Carry on sending" if recording else "Send the lesson",
            href=f"/cycles/{cycle.id}/upload",
            minutes=5,
            facts=("only you can see it until you share it",),
        )
    if recording.media_state == MediaState.NEEDS_ATTENTION:
        return Step(
            rung=Rung.AT_RISK,
            title=f"“{recording.title}” needs you",
            label="See what happened",
            href=f"/recordings/{recording.id}/status",
            minutes=3,
        )
    if recording.state in (RecordingState.PRIVATE, RecordingState.WITHDRAWN):
        return Step(
            rung=Rung.SOMEONE_WAITS,
            title=f"“{recording.title}” is in, and only you can see it",
            label="Look it over and share it",
            href=f"/recordings/{recording.id}/sharing",
            minutes=3,
        )
    return None
