"""Who did what, when, by which rule: one row in the act's own transaction."""

from contextvars import ContextVar
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.audit.models import AuditEvent
from app.authz import Permit
from app.db import Base

#: The request that an act belongs to, for reading the log as one story.
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

_WAITING = "audit events that wait for the commit"


def record(  # noqa: PLR0913 - each is a column of the log, and all are named
    session: Session,
    permit: Permit[Any],
    what: str,
    *,
    about: Base,
    from_state: str | None = None,
    to_state: str | None = None,
    count: int | None = None,
) -> None:
    """Write down a person's act; actor and rule come from the permit."""
    _write(
        session,
        AuditEvent(
            alliance_id=permit.actor.alliance_id,
            actor_id=permit.actor.person_id,
            what=what,
            thing_kind=about.__tablename__,
            thing_id=about.id,  # type: ignore[attr-defined]  # everything audited has one
            rule=permit.clause,
            from_state=from_state,
            to_state=to_state,
            count=count,
            request_id=request_id.get(),
        ),
    )


def record_rule(  # noqa: PLR0913 - each is a column of the log, and all are named
    session: Session,
    what: str,
    *,
    rule: str,
    thing_kind: str,
    thing_id: UUID,
    alliance_id: UUID | None = None,
    actor_id: UUID | None = None,
    from_state: str | None = None,
    to_state: str | None = None,
    count: int | None = None,
) -> None:
    """Write down what happened by a rule alone: by the machine, or before anybody was signed in."""
    _write(
        session,
        AuditEvent(
            alliance_id=alliance_id,
            actor_id=actor_id,
            what=what,
            thing_kind=thing_kind,
            thing_id=thing_id,
            rule=rule,
            from_state=from_state,
            to_state=to_state,
            count=count,
            request_id=request_id.get(),
        ),
    )


def _write(session: Session, entry: AuditEvent) -> None:
    # The chain takes one row at a time: written last, its lock is held for the moment of the commit only.
    session.info.setdefault(_WAITING, []).append(entry)


@event.listens_for(Session, "before_commit")
def _write_waiting(session: Session) -> None:
    if not session.in_nested_transaction():
        session.add_all(session.info.pop(_WAITING, []))


@event.listens_for(Session, "after_rollback")
def _forget_waiting(session: Session) -> None:
    session.info.pop(_WAITING, None)
