"""The second wall: with the policy switched off, an alliance's rows still reach nobody of another."""

from collections import defaultdict
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, literal, select, update
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from app import authz, wall
from app.audit import record_rule
from app.audit.models import AuditEvent
from app.models import metadata
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance, School
from app.people.memberships.models import Membership
from config.postgres import SUPERUSER
from tests.app.observation.scene import Scene, build
from tests.conftest import Database
from tests.world import World

#: Rows of accounts and of the machine, which belong to no alliance: keys and letters, found by a secret or by a job.
NO_ALLIANCE = {"account", "account_link", "device", "kept_answer", "mail", "throttle"}


@pytest.fixture
def worlds(sessions: sessionmaker[Session]) -> dict[str, UUID]:
    """Two alliances with the same names in both; gives their ids."""
    with sessions.begin() as session:
        both = {name: World(session, name=name) for name in ("Valley", "Coast")}
        for world in both.values():
            world.person("Amina")
        return {name: world.alliance.id for name, world in both.items()}


def test_every_table_that_holds_an_alliances_rows_is_behind_the_wall(database: Database) -> None:
    with database.owner() as connection:
        closed = {
            name
            for (name,) in connection.execute(
                "SELECT relname FROM pg_class JOIN pg_policy ON polrelid = pg_class.oid "
                "WHERE relrowsecurity AND relforcerowsecurity"
            )
        }
    assert closed == set(metadata.tables) - NO_ALLIANCE


def test_the_application_cannot_walk_past_the_wall(database: Database) -> None:
    with database.owner() as connection:
        past = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles WHERE rolsuper OR rolbypassrls")}
    assert past == {SUPERUSER}, "neither the tables' owner nor the application"


def test_p12_without_any_policy_each_alliance_has_its_own_rows_alone(
    sessions: sessionmaker[Session], worlds: dict[str, UUID]
) -> None:
    for name, other in (("Valley", "Coast"), ("Coast", "Valley")):
        with wall.inside(sessions, worlds[name]).begin() as session:
            assert session.scalars(select(Alliance.name)).all() == [name]
            assert set(session.scalars(select(Person.alliance_id))) == {worlds[name]}
            assert session.get(Alliance, worlds[other]) is None


def test_p12_who_names_no_alliance_reaches_none(engine: Engine, worlds: dict[str, UUID]) -> None:
    assert worlds
    with sessionmaker(engine).begin() as session:
        assert [session.scalars(select(model)).first() for model in (Alliance, School, Person)] == [None] * 3


def test_p12_nothing_can_be_written_into_another_alliance(
    sessions: sessionmaker[Session], worlds: dict[str, UUID]
) -> None:
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        wall.inside(sessions, worlds["Valley"]).begin() as session,
    ):
        session.add(School(alliance_id=worlds["Coast"], name="Planted"))


def test_p12_nothing_of_another_alliance_can_be_changed_or_erased(
    sessions: sessionmaker[Session], worlds: dict[str, UUID]
) -> None:
    with wall.inside(sessions, worlds["Valley"]).begin() as session:
        for model in (School, Person, Membership):
            touched = session.scalars(update(model).values(alliance_id=model.alliance_id).returning(model.id)).all()
            assert len(touched) == 1, model


def test_a_transaction_forgets_whose_it_was(engine: Engine, worlds: dict[str, UUID]) -> None:
    plain = sessionmaker(engine)
    with engine.connect() as connection, wall.inside(plain, worlds["Valley"])(bind=connection) as session:
        assert session.scalars(select(Alliance.name)).all() == ["Valley"]
        session.rollback()
        assert connection.execute(select(Alliance.name)).all() == []


def test_a_step_back_within_a_transaction_stays_inside(
    sessions: sessionmaker[Session], worlds: dict[str, UUID]
) -> None:
    with wall.inside(sessions, worlds["Valley"]).begin() as session:
        session.begin_nested().rollback()
        assert session.scalars(select(Alliance.name)).all() == ["Valley"]


@pytest.fixture
def no_policy(sessions: sessionmaker[Session], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Switch the policy off: whatever is asked of it, the answer is yes."""
    scene = build(sessions, tmp_path)
    yes = authz._Question("true", "'nothing asked'", defaultdict(str))  # noqa: SLF001 - what it answers is replaced
    monkeypatch.setattr(authz, "_question", lambda *_asked: yes)
    monkeypatch.setattr(authz, "_same_alliance", lambda *_asked: literal(value=True))
    return scene


def test_p12_with_the_policy_switched_off_nothing_of_another_alliance_comes(no_policy: Scene) -> None:
    pages = [no_policy.lesson, f"{no_policy.lesson}/notes", f"/api/v1{no_policy.lesson}/play"]
    assert [no_policy["Joan"].get(page).status_code for page in pages] == [200] * 3, "the policy is still on"
    assert [no_policy["Zoe"].get(page).status_code for page in pages] == [404] * 3


def test_p12_the_chain_of_acts_stays_one_across_alliances(
    sessions: sessionmaker[Session], worlds: dict[str, UUID]
) -> None:
    for name in ("Valley", "Coast", "Valley"):
        with wall.inside(sessions, worlds[name]).begin() as session:
            record_rule(session, "tried", rule="test", thing_kind="school", thing_id=uuid4(), alliance_id=worlds[name])
    with sessions() as session:
        rows = session.scalars(select(AuditEvent).order_by(AuditEvent.number)).all()
    assert [row.number for row in rows] == [1, 2, 3]
    assert [row.before_hash for row in rows] == ["", rows[0].hash, rows[1].hash]
