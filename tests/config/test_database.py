"""What the ground of the database promises, whoever builds on it."""

import psycopg
import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import Clock, Database


def test_the_clock_can_be_moved_by_tests_and_is_seen_by_the_application(session: Session, clock: Clock) -> None:
    before = session.scalars(select(func.backrow_now())).one()
    session.rollback()
    clock.forward(days=90)
    after = session.scalars(select(func.backrow_now())).one()
    assert 89.9 < (after - before).total_seconds() / 86_400 < 90.1


def test_the_application_can_not_replace_the_clock(session: Session) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("CREATE OR REPLACE FUNCTION backrow_now() RETURNS timestamptz LANGUAGE sql RETURN now()"))


def test_the_application_can_make_no_table(session: Session) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        session.execute(text("CREATE TABLE mine (id int)"))


def test_tables_made_later_are_open_to_the_application(database: Database, engine: Engine) -> None:
    with database.owner() as owner:
        owner.execute("CREATE TABLE later (id int GENERATED ALWAYS AS IDENTITY, said text)")
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO later (said) VALUES ('a')"))
        connection.execute(text("UPDATE later SET said = 'b'"))
        assert connection.scalar(text("DELETE FROM later RETURNING said")) == "b"


def test_each_test_has_a_database_of_its_own(database: Database) -> None:
    with psycopg.connect(database.conninfo) as connection:
        name = connection.execute("SELECT current_database()").fetchone()
        assert name == (database.name,)
        assert database.name != "backrow"
