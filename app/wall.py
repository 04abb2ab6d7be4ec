"""The second wall: which alliance's rows a transaction can reach at all, whatever it asks.

The policy decides what a person may see. This wall stands behind it: the database hands out rows of the alliance that
the transaction has named, and takes no others, so that a forgotten condition can't show one alliance to another. A
session that names none reaches none (PostgreSQL's row-level security, forced; see the migration that raises it).
"""

from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import Connection, event, text
from sqlalchemy.orm import Session, SessionTransaction, sessionmaker

#: The reach of what serves every alliance: workers, commands, and the doors where nobody is in an alliance yet.
EVERYWHERE: Final = "*"
_REACH: Final = "the alliance whose rows this session can reach"
_NAME_IT: Final = text("SELECT set_config('backrow.alliance', :reach, true)")


@lru_cache(maxsize=256)
def inside(sessions: sessionmaker[Session], alliance_id: UUID) -> sessionmaker[Session]:
    """Give sessions like `sessions` that reach one alliance's rows, and no other's."""
    return _reaching(sessions, str(alliance_id))


@lru_cache(maxsize=256)
def everywhere(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Give sessions like `sessions` that reach every alliance's rows."""
    return _reaching(sessions, EVERYWHERE)


def _reaching(sessions: sessionmaker[Session], reach: str) -> sessionmaker[Session]:
    return sessionmaker(**{**sessions.kw, "info": {_REACH: reach}})


@event.listens_for(Session, "after_begin")
def _name_it(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    reach = session.info.get(_REACH)
    if reach is not None and not transaction.nested:
        connection.execute(_NAME_IT, {"reach": reach})
