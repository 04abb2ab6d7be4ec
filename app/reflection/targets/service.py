"""Setting a target for the next lesson, and saying that it was tried: the person's own affair."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.cycles import service as cycles
from app.agreements.cycles.models import Cycle, CycleState
from app.audit import record
from app.authz import Action, Permit, condition
from app.errors import Invalid
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, NoteKind
from app.reflection.targets.models import Target

LONGEST_BODY: Final = 500


@dataclass(frozen=True, kw_only=True)
class TargetDraft:
    """What a teacher means to try, by which day, and which 'try' it came from."""

    body: str
    by_on: date | None = None
    from_try_id: UUID | None = None


def set_target(session: Session, permit: Permit[Cycle], *, draft: TargetDraft) -> Target:
    """Set a target; where the turn's feedback has been answered, that closes the turn.

    Raises:
        Invalid: there are no words, too many, or the 'try' isn't one that was shared with this person.
    """
    cycle = permit.for_(Action.TARGET_SET)
    if problems := _problems(session, permit, draft):
        raise Invalid("target_unclear", "Some of this needs another look.", fields=problems)
    target = Target(
        alliance_id=cycle.alliance_id,
        person_id=permit.actor.person_id,
        cycle_id=cycle.id,
        body=draft.body,
        by_on=draft.by_on,
        from_try_id=draft.from_try_id,
    )
    session.add(target)
    session.flush()
    record(session, permit, "target.set", about=target)
    if cycle.state == CycleState.RESPONDED:
        cycles.close(session, permit, cycle_id=cycle.id)
    return target


def tried(session: Session, permit: Permit[Target]) -> Target:
    """Say that a target was tried; saying it again changes nothing."""
    target = permit.for_(Action.TARGET_READ)
    if target.tried_at is None:
        target.tried_at = session.scalars(select(clock.now())).one()
        record(session, permit, "target.tried", about=target)
    return target


def not_yet(session: Session, permit: Permit[Target]) -> Target:
    """Take back that a target was tried."""
    target = permit.for_(Action.TARGET_READ)
    if target.tried_at is not None:
        target.tried_at = None
        record(session, permit, "target.not_yet", about=target)
    return target


def _problems(session: Session, permit: Permit[Cycle], draft: TargetDraft) -> dict[str, str]:
    problems = {}
    if not draft.body:
        problems["body"] = "Say in a few words what you will try."
    elif len(draft.body) > LONGEST_BODY:
        problems["body"] = f"Keep this to {LONGEST_BODY} characters; it has {len(draft.body)}."
    if draft.from_try_id is not None and not _shared_with(session, permit, draft.from_try_id):
        problems["from_try_id"] = "This isn't a 'try' that was shared with you."
    return problems


def _shared_with(session: Session, permit: Permit[Cycle], try_id: UUID) -> bool:
    who = permit.actor.who
    note = select(Note.id).where(Note.id == try_id, Note.kind == NoteKind.TRY, condition(who, Action.NOTE_READ, Note))
    sentence = select(Feedback.id).where(
        Feedback.id == try_id,
        Feedback.cycle_id == permit.thing.id,
        condition(who, Action.FEEDBACK_READ, Feedback),
    )
    return session.scalar(select(note.exists() | sentence.exists())) is True
