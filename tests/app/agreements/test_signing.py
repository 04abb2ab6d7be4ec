"""What a signature does: nobody watches until all have signed, and the last one opens."""

from itertools import combinations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.projects.models import Participant
from app.agreements.protocols import service
from app.agreements.protocols.agreed import Focus
from app.agreements.protocols.models import Agreement, ProtocolVersion, VersionKind, VersionState
from app.agreements.protocols.service import drop_overdue
from app.audit.models import AuditEvent
from app.authz import Action, permit
from app.errors import Conflict, Invalid, NotFound
from app.notify.models import Notification
from tests.app.agreements.town import PEOPLE, Town, build
from tests.conftest import Clock


def test_people_hear_that_they_are_asked_and_never_who_said_no(session: Session, town: Town) -> None:
    project, first = town.agree("Amina", "Tom")
    second = town.propose(town.draft(project, "Tom", feedback_days=4), "Tom")
    town.drop(second, "Amina")
    town.leave(project, "Amina")
    told = session.execute(
        select(Notification.person_id, Notification.kind, Notification.thing_id).order_by(Notification.id)
    ).all()
    amina, tom = town["Amina"].id, town["Tom"].id
    assert set(map(tuple, told)) == {
        (tom, "project.asked", project.id),
        (tom, "protocol.proposed", first.id),
        (amina, "protocol.in_force", first.id),
        (amina, "protocol.proposed", second.id),
    }


@pytest.mark.parametrize("count", [2, 3, 4, 5, 6])
def test_p03_only_the_full_set_of_signatures_opens(session: Session, town: Town, count: int) -> None:
    people = PEOPLE[:count]
    project = town.open(*people)
    version = town.propose(town.draft(project, people[0]), people[0])
    for size in range(count + 1):
        for signers in combinations(people, size):
            before = session.begin_nested()
            town.sign(version, *signers)
            assert town.is_open(project) is (size == count), signers
            before.rollback()
            session.expire_all()


def test_p02_only_the_people_named_in_a_signed_protocol_can_watch(town: Town) -> None:
    project, version = town.agree("Amina", "Tom")
    town["Priya"], town["Joan"]
    assert town.watchers(town.lesson(project, "Amina", version)) == {"Amina", "Tom"}


def test_p02_someone_named_without_the_tick_to_watch_cannot(town: Town) -> None:
    project = town.open("Amina", "Tom", "Priya")
    may_watch = frozenset({town["Amina"].id, town["Tom"].id})
    version = town.propose(town.draft(project, "Amina", watcher_ids=may_watch), "Amina")
    town.sign(version, "Amina", "Tom", "Priya")
    assert town.watchers(town.lesson(project, "Amina", version)) == {"Amina", "Tom"}


def test_p04_a_proposed_change_stops_everybody_until_all_have_signed_again(town: Town) -> None:
    project, first = town.agree("Amina", "Tom")
    lesson = town.lesson(project, "Amina", first)
    second = town.draft(project, "Tom", feedback_days=4)
    assert town.is_open(project), "a draft stops nothing"
    town.propose(second, "Tom")
    assert second.kind == VersionKind.CLAUSES
    assert not town.is_open(project)
    assert town.watchers(lesson) == {"Amina"}
    town.sign(second, "Tom")
    assert not town.is_open(project)
    town.sign(second, "Amina")
    assert town.is_open(project)
    assert town.watchers(lesson) == {"Amina", "Tom"}


def test_p04_a_dropped_change_opens_what_was_agreed_again(town: Town) -> None:
    project, first = town.agree("Amina", "Tom")
    second = town.propose(town.draft(project, "Tom", feedback_days=4), "Tom")
    town.drop(second, "Amina")
    assert second.state == VersionState.DROPPED
    assert town.is_open(project)
    assert town.current(project) is first


def test_p05_a_newcomer_sees_nothing_that_was_shared_before(town: Town) -> None:
    project, first = town.agree("Amina", "Tom")
    lesson = town.lesson(project, "Amina", first)
    second = town.draft(project, "Amina", asked_ids=frozenset({town["Priya"].id}))
    town.propose(second, "Amina")
    town.sign(second, "Amina", "Tom", "Priya")
    assert town.current(project) is second
    assert town.watchers(lesson) == {"Amina", "Tom"}
    lesson.bound_version_id = second.id  # the teacher's own yes
    town.session.flush()
    assert town.watchers(lesson) == {"Amina", "Tom", "Priya"}


def test_p05_whoever_a_newer_version_leaves_out_loses_the_older_lessons_too(town: Town) -> None:
    project, first = town.agree("Amina", "Tom", "Priya")
    lesson = town.lesson(project, "Amina", first)
    narrower = town.draft(project, "Amina", watcher_ids=frozenset({town["Amina"].id, town["Tom"].id}))
    town.propose(narrower, "Amina")
    town.sign(narrower, "Amina", "Tom", "Priya")
    assert town.watchers(lesson) == {"Amina", "Tom"}


def test_adding_a_person_stops_nobody_while_it_waits(town: Town) -> None:
    project, first = town.agree("Amina", "Tom")
    lesson = town.lesson(project, "Amina", first)
    second = town.propose(town.draft(project, "Tom", asked_ids=frozenset({town["Priya"].id})), "Tom")
    assert second.kind == VersionKind.PEOPLE
    assert town.watchers(lesson) == {"Amina", "Tom"}
    town.sign(second, "Priya", "Tom")
    assert town.current(project) is first, "the owner hasn't signed for the newcomer yet"
    assert town.watchers(lesson) == {"Amina", "Tom"}


def test_a_change_of_clauses_drops_a_pending_newcomer(town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    people = town.propose(town.draft(project, "Tom", asked_ids=frozenset({town["Priya"].id})), "Tom")
    clauses = town.propose(town.draft(project, "Amina", feedback_days=3), "Amina")
    assert (people.state, clauses.state) == (VersionState.DROPPED, VersionState.PROPOSED)
    assert clauses.kind == VersionKind.CLAUSES


def test_one_comma_is_a_change_of_clauses(town: Town) -> None:
    project, version = town.agree("Amina", "Tom")
    focus = tuple(
        Focus(name=item.name, question=item.question.rstrip("?") + ", really?", look_fors=item.look_fors)
        for item in town.says(version).focus
    )
    changed = town.propose(town.draft(project, "Amina", focus=focus, asked_ids=frozenset({town["Priya"].id})), "Amina")
    assert changed.kind == VersionKind.CLAUSES


def test_a_draft_that_changes_nothing_is_not_put_to_the_group(town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    draft = town.draft(project, "Amina")
    with pytest.raises(Conflict, match="nothing_changed"):
        town.propose(draft, "Amina")


def test_a_draft_that_was_overtaken_is_numbered_after_what_overtook_it(town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    early = town.draft(project, "Amina", feedback_days=3)
    late = town.propose(town.draft(project, "Tom", feedback_days=4), "Tom")
    town.sign(late, "Amina", "Tom")
    town.propose(early, "Amina")
    assert early.number > late.number


def test_another_text_than_the_one_read_is_not_signed(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    version = town.propose(town.draft(project, "Amina"), "Amina")
    may_sign = permit(session, town["Tom"].actor, Action.PROTOCOL_SIGN, ProtocolVersion, version.id)
    with pytest.raises(Conflict, match="text_changed"):
        service.sign(session, may_sign, typed_name="Tom Day", text_hash="0" * 64)
    assert session.scalar(select(func.count()).select_from(Agreement)) == 0


def test_a_text_altered_behind_our_back_is_not_signed(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    version = town.propose(town.draft(project, "Amina"), "Amina")
    version.download = "watchers"
    session.flush()
    with pytest.raises(Conflict, match="text_changed"):
        town.sign(version, "Tom")


def test_a_signature_needs_a_name(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    version = town.propose(town.draft(project, "Amina"), "Amina")
    may_sign = permit(session, town["Tom"].actor, Action.PROTOCOL_SIGN, ProtocolVersion, version.id)
    with pytest.raises(Invalid, match="name_needed"):
        service.sign(session, may_sign, typed_name="  ", text_hash=version.text_hash or "")


def test_nobody_signs_for_someone_who_is_not_named(session: Session, town: Town, elsewhere: Town) -> None:
    project = town.open("Amina", "Tom")
    version = town.propose(town.draft(project, "Amina"), "Amina")
    for outsider in (town["Priya"], elsewhere["Amina"]):
        with pytest.raises(NotFound):
            permit(session, outsider.actor, Action.PROTOCOL_SIGN, ProtocolVersion, version.id)


def test_signing_is_joining(session: Session, town: Town) -> None:
    town.agree("Amina", "Tom")
    assert session.scalars(select(Participant.joined_at)).all().count(None) == 0


def test_a_proposal_that_waits_for_30_days_is_taken_off_the_table(
    sessions: sessionmaker[Session], clock: Clock
) -> None:
    with sessions.begin() as session:
        town = build(session)
        project, _ = town.agree("Amina", "Tom")
        version_id = town.propose(town.draft(project, "Tom", feedback_days=4), "Tom").id
        assert drop_overdue(session) == 0
    clock.forward(days=30)
    with sessions.begin() as session:
        assert drop_overdue(session) == 1
        assert drop_overdue(session) == 0
        assert session.get_one(ProtocolVersion, version_id).state == VersionState.DROPPED


def test_every_arrow_is_written_down_with_the_act(session: Session, town: Town) -> None:
    project, first = town.agree("Amina", "Tom")
    second = town.propose(town.draft(project, "Tom", feedback_days=4), "Tom")
    town.drop(second, "Amina")
    session.commit()
    rows = session.execute(
        select(AuditEvent.what, AuditEvent.actor_id, AuditEvent.to_state).order_by(AuditEvent.number)
    ).all()
    amina, tom = town["Amina"].id, town["Tom"].id
    assert [tuple(row) for row in rows] == [
        ("project.opened", amina, "open"),
        ("protocol.proposed", amina, "proposed:first"),
        ("agreement.signed", amina, "signed"),
        ("agreement.signed", tom, "signed"),
        ("protocol.in_force", tom, "in_force"),
        ("protocol.proposed", tom, "proposed:clauses"),
        ("protocol.dropped", amina, "dropped"),
    ]
    assert first.state == VersionState.IN_FORCE
