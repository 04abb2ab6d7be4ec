"""Turns for films that come from a folder or a capture kit: each lesson gets one, also when several come at once."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles import service as cycles
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.projects.models import Capacity, Participant, Project, ProjectKind
from app.agreements.projects.queries import lock_project
from app.agreements.protocols.agreed import Focus
from app.agreements.protocols.drafts import first_draft, known_template
from app.agreements.protocols.starting_words import FOCUS_BY_KEY
from app.audit import record
from app.authz import Action, Actor, Permit, allowed, permit
from app.lessons.recordings.conditions import not_gone
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.uploads.models import Upload, UploadState
from app.people.alliances.models import Alliance

OWN_LESSONS = "My own lessons"
_WAITING = (CycleState.BEGUN, CycleState.BRIEFED)
_OVER = (UploadState.EXPIRED, UploadState.ERASED)


def project_for(session: Session, actor: Actor, *, fingerprint: str, size_bytes: int) -> Permit[Project]:
    """Choose the project for a teacher's film: where it was being sent, else where their turn waits, else their own.

    Never one in which it is somebody else's turn: whoever wants that says so by naming the project.

    Raises:
        NotFound: they may open none.
    """
    mine = select(Cycle.project_id).where(Cycle.teacher_id == actor.person_id)
    begun = mine.where(Cycle.id.in_(_begun(fingerprint, size_bytes)))
    waiting = mine.where(_waits())
    own = and_(Project.title == OWN_LESSONS, Project.opened_by == actor.person_id)
    found = session.scalars(
        allowed(actor, Action.CYCLE_BEGIN, Project)
        .where(or_(Project.id.in_(begun), Project.id.in_(waiting), own))
        .order_by(
            Project.id.in_(begun).desc(),
            Project.id.in_(waiting).desc(),
            Project.opened_at.desc(),
            Project.id.desc(),
        )
        .limit(1)
    ).one_or_none()
    project = found or _open_own(session, permit(session, actor, Action.PROJECT_OPEN, Alliance, actor.alliance_id))
    return permit(session, actor, Action.CYCLE_BEGIN, Project, project.id)


def turn_for(session: Session, may_begin: Permit[Project], *, fingerprint: str, size_bytes: int) -> UUID:
    """Give the turn that a film belongs to: the one in which it was being sent, else one that waits, else a new one.

    A kit may bring several lessons at once: each gets a turn, though the last isn't over.
    """
    project = may_begin.for_(Action.CYCLE_BEGIN)
    lock_project(session, project.id)
    mine = select(Cycle.id).where(Cycle.project_id == project.id, Cycle.teacher_id == may_begin.actor.person_id)
    begun = session.scalars(mine.where(Cycle.id.in_(_begun(fingerprint, size_bytes))).limit(1)).one_or_none()
    if begun is not None:
        return begun
    waiting = session.scalars(mine.where(_waits()).order_by(Cycle.number).limit(1)).one_or_none()
    return waiting or _further(session, may_begin, project)


def _begun(fingerprint: str, size_bytes: int) -> Select[UUID]:
    """Select the turns in which this very file was being sent, or has arrived."""
    return (
        select(Recording.cycle_id)
        .join(Upload, Upload.recording_id == Recording.id)
        .where(
            not_gone(),
            Upload.fingerprint == fingerprint,
            Upload.size_bytes == size_bytes,
            Upload.state.not_in([state.value for state in _OVER]),
        )
    )


def _waits() -> ColumnElement[bool]:
    """Hold for a turn without a lesson; one that turned out to be none is replaced by the next."""
    unusable = and_(Recording.media_state == MediaState.NEEDS_ATTENTION, Recording.watchable_ms == 0)
    lesson = select(Recording.id).where(Recording.cycle_id == Cycle.id, not_gone(), ~unusable).exists()
    return and_(Cycle.state.in_([state.value for state in _WAITING]), ~lesson)


def _further(session: Session, may_begin: Permit[Project], project: Project) -> UUID:
    highest = session.scalar(select(func.max(Cycle.number)).where(Cycle.project_id == project.id))
    cycle = Cycle(
        alliance_id=project.alliance_id,
        project_id=project.id,
        number=(highest or 0) + 1,
        teacher_id=may_begin.actor.person_id,
    )
    session.add(cycle)
    session.flush()
    record(session, may_begin, "cycle.begun", about=cycle, to_state=CycleState.BEGUN)
    return cycle.id


def _open_own(session: Session, may_open: Permit[Alliance]) -> Project:
    """Open a project for somebody's own lessons, with nobody else in it: nobody else can watch there."""
    me = may_open.actor
    project = Project(
        alliance_id=me.alliance_id, kind=ProjectKind.PEER_OBSERVATION, title=OWN_LESSONS, opened_by=me.person_id
    )
    session.add(project)
    session.flush()
    session.add(
        Participant(
            alliance_id=me.alliance_id,
            project_id=project.id,
            person_id=me.person_id,
            capacity=Capacity.TEACHER,
            joined_at=session.scalars(select(clock.now())).one(),
        )
    )
    session.flush()
    cycles.first_cycle(session, project=project, teacher_id=me.person_id)
    known = FOCUS_BY_KEY["wait_time"]
    focus = Focus(name=known.name, question=known.question, look_fors=known.look_fors)
    first_draft(session, project=project, template=known_template(ProjectKind.PEER_OBSERVATION), focus=focus)
    record(session, may_open, "project.opened", about=project, to_state="open")
    return project
