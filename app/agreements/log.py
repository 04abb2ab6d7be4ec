"""Writing an act down, whether a person did it (by a permit) or the machine (by a rule that is named)."""

from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app import audit
from app.authz import Permit

#: Who or what acts: a person, by a permit; or the machine, by the name of the rule that made it do so.
By = Permit[Any] | str


class Logged(Protocol):
    """Anything with an id, in an alliance, in a table."""

    __tablename__: str
    id: Any
    alliance_id: Any


def write(  # noqa: PLR0913 - each is a column of the log, and all are named
    session: Session,
    by: By,
    what: str,
    *,
    about: Any,  # noqa: ANN401 - a row of any table; `Logged` says what is asked of it
    from_state: str | None = None,
    to_state: str | None = None,
    actor_id: UUID | None = None,
) -> None:
    """Write one row of the audit log in the act's own transaction."""
    if isinstance(by, Permit):
        audit.record(session, by, what, about=about, from_state=from_state, to_state=to_state)
        return
    thing: Logged = about
    audit.record_rule(
        session,
        what,
        rule=by,
        thing_kind=thing.__tablename__,
        thing_id=thing.id,
        alliance_id=thing.alliance_id,
        actor_id=actor_id,
        from_state=from_state,
        to_state=to_state,
    )
