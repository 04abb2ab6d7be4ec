"""Whether the audit chain is whole: each row's hash made again from what the row says, and from the row before it.

What it can't see is an end that was cut off: a chain without its last rows is a whole chain. So heads are written
down elsewhere (each backup's manifest has one), and `known` asks whether such a head is still in the chain.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

# The same expression as in the trigger that writes the rows (`audit_event_chain`): the database makes both.
_ROWS: Final = text("""
    SELECT number, before_hash, hash, encode(sha256(convert_to(jsonb_build_array(
        number, extract(epoch FROM at), alliance_id, actor_id, what, thing_kind, thing_id, rule,
        from_state, to_state, count, request_id, before_hash
    )::text, 'UTF8')), 'hex') AS made_again
    FROM audit_event ORDER BY number
""")
_AT_ONCE = 2000


@dataclass(frozen=True)
class Broken:
    """The first row at which the chain isn't whole."""

    number: int
    say: str


@dataclass(frozen=True)
class Chain:
    """What was found: how many rows, the last one's hash (empty: no rows), and where it is broken, if it is."""

    length: int
    head: str
    broken: Broken | None


@dataclass(frozen=True)
class _Link:
    number: int
    before_hash: str | None
    hash: str | None
    made_again: str


def verify(session: Session, *, known: str | None = None) -> Chain:
    """Go through the whole chain, in a session that reaches every alliance; `known` is a head written down earlier."""
    found = session.execute(_ROWS.execution_options(yield_per=_AT_ONCE))
    return judge((_Link(row.number, row.before_hash, row.hash, row.made_again) for row in found), known=known)


def judge(links: Iterable[_Link], *, known: str | None) -> Chain:
    """Compare each row with the one before it; all are counted, the first break is named."""
    length, last, broken, seen = 0, _Link(0, "", "", ""), None, known is None
    for link in links:
        broken = broken or _break(last, link)
        seen = seen or link.hash == known
        length, last = length + 1, link
    if broken is None and not seen:
        broken = Broken(last.number + 1, "and those after it were removed: the head that was written down is missing")
    return Chain(length, last.hash or "", broken)


def _break(last: _Link, link: _Link) -> Broken | None:
    if link.number < 1:
        return Broken(link.number, "was put in by hand: the chain begins with 1")
    if link.number != last.number + 1:
        return Broken(last.number + 1, "was removed")
    if link.hash != link.made_again:
        return Broken(link.number, "was altered, or put in by hand")
    if link.before_hash != last.hash:
        # Both rows fit themselves, so the earlier one was written anew after the later one had sealed it.
        return Broken(max(last.number, 1), "was altered or exchanged, and its hash with it")
    return None
