"""How often something may be tried: a row per account tried and per address tried from, slowly refilled."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.errors import TooMany
from app.people.accounts.models import Throttle

_A_MINUTE = 60


@dataclass(frozen=True)
class Limit:
    """So many tries at once; each comes back after `refill_s` seconds."""

    tries: int
    refill_s: float


#: Ten, and the next one only ten minutes later: never an eleventh within ten minutes.
ACCOUNT = Limit(tries=10, refill_s=600)
#: A whole staffroom comes from one address in the morning; only wrong tries count, see `give_back`.
ADDRESS = Limit(tries=60, refill_s=30)
#: Asking for a link, joining, the code of the first run: from one address.
DOOR = Limit(tries=30, refill_s=60)


def key(secret_key: str, kind: str, what: str) -> str:
    """Name a row without writing down whose it is."""
    return hmac.new(secret_key.encode(), f"{kind}:{what.lower()}".encode(), sha256).hexdigest()


def spend(session: Session, name: str, limit: Limit) -> None:
    """Take one try, in one statement: two at the same moment never share the last one.

    Call it in a transaction of its own, so that a wrong try is counted although what follows is rolled back.

    Raises:
        TooMany: none is left; nothing was taken.
    """
    full = float(limit.tries)
    now_there = func.least(full, Throttle.tries_left + func.extract("epoch", _since()) / limit.refill_s)
    taken = session.scalar(
        insert(Throttle)
        .values(key=name, tries_left=full - 1, refilled_at=clock.now())
        .on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={"tries_left": now_there - 1, "refilled_at": clock.now()},
            where=now_there >= 1,
        )
        .returning(Throttle.tries_left)
    )
    if taken is None:
        raise _too_many(session.scalar(select((1 - now_there) * limit.refill_s).where(Throttle.key == name)))


def give_back(session: Session, name: str, limit: Limit) -> None:
    """Give a try back, since it was a right one."""
    session.execute(
        update(Throttle)
        .where(Throttle.key == name)
        .values(tries_left=func.least(float(limit.tries), Throttle.tries_left + 1))
    )


def sweep(session: Session) -> None:
    """Forget rows that are long full again."""
    session.execute(delete(Throttle).where(Throttle.refilled_at < clock.now() - timedelta(days=1)))


def _since() -> ColumnElement[Any]:
    return clock.now() - Throttle.refilled_at


def _too_many(wait_s: float | None) -> TooMany:
    seconds = max(1, ceil(wait_s or 0))
    minutes = ceil(seconds / _A_MINUTE)
    say = f"That was a lot of tries in a short time. Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}."
    return TooMany("too_many_tries", say, retry_after_s=seconds)
