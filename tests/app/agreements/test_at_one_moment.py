"""Two who act at the same moment: whoever is judged second meets what the first left."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.groups import service as projects
from app.agreements.projects.models import Project
from app.agreements.protocols import service
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.audit.models import AuditEvent
from app.authz import Action, Actor, permit
from app.errors import Conflict
from app.people.accounts.models import Person
from tests.app.agreements.town import build

ROUNDS = 25


def test_two_who_sign_at_one_moment_both_end_right(sessions: sessionmaker[Session]) -> None:
    for round_ in range(ROUNDS):
        with sessions.begin() as session:
            town = build(session)
            project, first = town.agree("Amina", "Tom")
            second = town.propose(town.draft(project, "Tom", feedback_days=4), "Tom")
            actors = [town[name].actor for name in ("Amina", "Tom")]
            project_id, first_id, second_id, text_hash = project.id, first.id, second.id, second.text_hash or ""
        assert _together([partial(_sign, sessions, actor, second_id, text_hash) for actor in actors]) == []
        with sessions.begin() as session:
            assert _states(session, project_id) == {
                first_id: VersionState.SUPERSEDED,
                second_id: VersionState.IN_FORCE,
            }
            in_force = select(func.count()).where(AuditEvent.what == "protocol.in_force")
            assert session.scalar(in_force) == 2 * (round_ + 1), "each version came into force once"


def test_signing_and_dropping_at_one_moment_never_half_happen(sessions: sessionmaker[Session]) -> None:
    for _ in range(ROUNDS):
        with sessions.begin() as session:
            town = build(session)
            project, first = town.agree("Amina", "Tom")
            second = town.propose(town.draft(project, "Tom", feedback_days=4), "Tom")
            town.sign(second, "Tom")
            amina, tom = town["Amina"].actor, town["Tom"].actor
            project_id, first_id, second_id, text_hash = project.id, first.id, second.id, second.text_hash or ""
        trouble = _together(
            [partial(_sign, sessions, amina, second_id, text_hash), partial(_drop, sessions, tom, second_id)]
        )
        assert [type(error) for error in trouble] == [Conflict], "exactly one of them was too late"
        with sessions.begin() as session:
            assert _states(session, project_id) in (
                {first_id: VersionState.SUPERSEDED, second_id: VersionState.IN_FORCE},
                {first_id: VersionState.IN_FORCE, second_id: VersionState.DROPPED},
            )


def test_the_last_signature_and_leaving_at_one_moment_end_right(sessions: sessionmaker[Session]) -> None:
    for _ in range(ROUNDS):
        with sessions.begin() as session:
            town = build(session)
            project = town.open("Amina", "Tom", "Priya")
            version = town.propose(town.draft(project, "Amina"), "Amina")
            town.sign(version, "Amina")
            tom, priya = town["Tom"].actor, town["Priya"].actor
            project_id, version_id, text_hash = project.id, version.id, version.text_hash or ""
        leave = partial(_leave, sessions, priya, project_id)
        assert _together([partial(_sign, sessions, tom, version_id, text_hash), leave]) == []
        with sessions.begin() as session:
            assert _states(session, project_id) == {version_id: VersionState.IN_FORCE}


def _states(session: Session, project_id: UUID) -> dict[UUID, str]:
    found = session.execute(
        select(ProtocolVersion.id, ProtocolVersion.state).where(ProtocolVersion.project_id == project_id)
    )
    return {row.id: row.state for row in found}


def _sign(sessions: sessionmaker[Session], actor: Actor, version_id: UUID, text_hash: str) -> None:
    with sessions.begin() as session:
        may_sign = permit(session, actor, Action.PROTOCOL_SIGN, ProtocolVersion, version_id)
        own = session.get_one(Person, actor.person_id).name
        service.sign(session, may_sign, typed_name=own, text_hash=text_hash)


def _drop(sessions: sessionmaker[Session], actor: Actor, version_id: UUID) -> None:
    with sessions.begin() as session:
        service.drop(session, permit(session, actor, Action.PROTOCOL_DROP, ProtocolVersion, version_id))


def _leave(sessions: sessionmaker[Session], actor: Actor, project_id: UUID) -> None:
    with sessions.begin() as session:
        projects.leave(session, permit(session, actor, Action.PROJECT_LEAVE, Project, project_id))


def _together(acts: list[Callable[[], None]]) -> list[Exception]:
    """Run acts in threads that start at one moment; give what went wrong."""
    trouble: list[Exception] = []
    start = Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        start.wait()
        try:
            act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test wants to see it
            trouble.append(error)

    threads = [Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return trouble
