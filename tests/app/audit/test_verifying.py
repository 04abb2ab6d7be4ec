"""P56: the record can't be quietly changed: `audit verify` names the first row that isn't as it was written."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.orm import Session, sessionmaker

from app import ids
from app.audit import record_rule
from app.audit.verifying import Chain, verify
from tests.conftest import Database

ROWS = 8
SEALED = """UPDATE audit_event SET hash = encode(sha256(convert_to(jsonb_build_array(
    number, extract(epoch FROM at), alliance_id, actor_id, what, thing_kind, thing_id, rule,
    from_state, to_state, count, request_id, before_hash)::text, 'UTF8')), 'hex') WHERE number = 5"""


@pytest.fixture
def chain(sessions: sessionmaker[Session]) -> sessionmaker[Session]:
    """Write a chain of eight acts, each in a transaction of its own."""
    for number in range(ROWS):
        with sessions.begin() as session:
            record_rule(session, "tried.it", rule="test", thing_kind="lesson", thing_id=ids.new(), count=number)
    return sessions


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection]:
    """Be somebody who has the database itself."""
    with database.owner() as connection:
        connection.execute("ALTER TABLE audit_event DISABLE TRIGGER USER")
        yield connection


def looked_at(sessions: sessionmaker[Session], known: str | None = None) -> Chain:
    with sessions() as session:
        return verify(session, known=known)


def test_p56_a_chain_that_nobody_touched_is_whole(chain: sessionmaker[Session]) -> None:
    found = looked_at(chain)
    assert (found.length, found.broken) == (ROWS, None)
    assert len(found.head) == 64
    assert looked_at(chain, known=found.head).broken is None


def test_an_installation_without_acts_is_whole(sessions: sessionmaker[Session]) -> None:
    assert looked_at(sessions) == Chain(0, "", None)


@pytest.mark.parametrize("column", ["what", "rule", "thing_kind", "from_state", "request_id"])
def test_p56_an_altered_row_is_named(chain: sessionmaker[Session], owner: psycopg.Connection, column: str) -> None:
    altered = sql.SQL("UPDATE audit_event SET {} = 'another' WHERE number = 5")
    owner.execute(altered.format(sql.Identifier(column)))
    broken = looked_at(chain).broken
    assert broken is not None
    assert broken.number == 5
    assert "altered" in broken.say


def test_p56_a_row_that_was_altered_with_its_hash_is_named_by_the_next(
    chain: sessionmaker[Session], owner: psycopg.Connection
) -> None:
    owner.execute("UPDATE audit_event SET count = 77 WHERE number = 5")
    owner.execute(SEALED)
    broken = looked_at(chain).broken
    assert broken is not None
    assert broken.number == 5


@pytest.mark.parametrize("number", [1, 4, 7])
def test_p56_a_removed_row_is_named(chain: sessionmaker[Session], owner: psycopg.Connection, number: int) -> None:
    owner.execute("DELETE FROM audit_event WHERE number = %s", [number])
    broken = looked_at(chain).broken
    assert broken is not None
    assert (broken.number, broken.say) == (number, "was removed")


def test_p56_two_rows_that_changed_places_are_named_by_the_first(
    chain: sessionmaker[Session], owner: psycopg.Connection
) -> None:
    owner.execute("UPDATE audit_event SET number = 99 WHERE number = 3")
    owner.execute("UPDATE audit_event SET number = 3 WHERE number = 6")
    owner.execute("UPDATE audit_event SET number = 6 WHERE number = 99")
    broken = looked_at(chain).broken
    assert broken is not None
    assert broken.number == 3


@pytest.mark.parametrize(("number", "named"), [(0, 0), (ROWS + 1, ROWS + 1)], ids=["before the first", "at the end"])
def test_p56_a_row_put_in_by_hand_is_named(
    chain: sessionmaker[Session], owner: psycopg.Connection, number: int, named: int
) -> None:
    owner.execute(
        "INSERT INTO audit_event (number, what, thing_kind, thing_id, rule, at, before_hash, hash)"
        " SELECT %s, what, thing_kind, thing_id, rule, at, before_hash, hash FROM audit_event WHERE number = 2",
        [number],
    )
    broken = looked_at(chain).broken
    assert broken is not None
    assert broken.number == named


def test_p56_an_end_that_was_cut_off_is_seen_by_a_head_written_down_before(
    chain: sessionmaker[Session], owner: psycopg.Connection
) -> None:
    head = looked_at(chain).head
    owner.execute("DELETE FROM audit_event WHERE number > 6")
    assert looked_at(chain).broken is None, "a shorter chain is a whole chain: that is why heads are written down"
    broken = looked_at(chain, known=head).broken
    assert broken is not None
    assert broken.number == 7


def test_p56_the_application_itself_can_not_change_or_remove_a_row(
    chain: sessionmaker[Session], database: Database
) -> None:
    del chain
    for act in ("UPDATE audit_event SET rule = 'x'", "DELETE FROM audit_event", "TRUNCATE audit_event"):
        with (
            psycopg.connect(database.conninfo) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(act.encode())
