"""Opening a project, and the protocol it begins with."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.groups import service
from app.agreements.projects.models import Participant, Project
from app.agreements.projects.queries import askable, members, projects, this_moment
from app.agreements.protocols import drafts
from app.agreements.protocols.audience import audience_of_version, sentence
from app.agreements.protocols.comparing import compare
from app.agreements.protocols.models import FocusItem, ProtocolVersion, RosterEntry, VersionState
from app.agreements.protocols.starting_templates import PEER_OBSERVATION, TEMPLATES
from app.agreements.protocols.starting_words import FOCUS_ITEMS, HINTS, NOTE_KINDS, PRINCIPLES
from app.authz import Action, permit
from app.errors import Conflict, Invalid, NotFound
from tests.app.agreements.town import Town


def test_a_project_begins_with_people_a_turn_and_a_draft(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    amina, tom = town["Amina"], town["Tom"]
    assert (project.title, project.group_kind) == ("Wait time: Amina and Tom", "pair")
    assert [(member.who.person_id, member.joined_at is None) for member in members(session, project.id)] == [
        (amina.id, False),
        (tom.id, True),
    ]
    cycle = session.scalars(select(Cycle)).one()
    assert (cycle.teacher_id, cycle.state) == (amina.id, CycleState.BEGUN)
    version = session.scalars(select(ProtocolVersion)).one()
    assert (version.state, version.number, version.download) == (VersionState.DRAFT, 1, "nobody")
    assert version.principles == list(PRINCIPLES)
    assert session.scalars(select(FocusItem.name)).all() == ["Wait time"]
    assert set(map(tuple, session.execute(select(RosterEntry.person_id, RosterEntry.watches)))) == {
        (amina.id, True),
        (tom.id, True),
    }


def test_it_is_kept_for_sixty_days_that_day_included(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.project_id == project.id)).one()
    kept = version.until_at - this_moment(session)
    assert timedelta(days=60) <= kept <= timedelta(days=61, hours=1)
    assert version.erase_at == version.until_at


def test_ones_own_words_can_be_the_focus(session: Session, town: Town) -> None:
    town.open("Amina", "Tom", focus="Who tidies up?")
    item = session.scalars(select(FocusItem)).one()
    assert (item.name, item.question, item.look_fors) == ("Who tidies up?", "Who tidies up?", [])


@pytest.mark.parametrize("focus", [pytest.param("", id="nothing"), pytest.param("x" * 200, id="a whole essay")])
def test_a_focus_is_needed_and_short(town: Town, focus: str) -> None:
    with pytest.raises(Invalid, match="focus_needed"):
        town.open("Amina", "Tom", focus=focus)


def test_only_peer_observation_can_be_opened(town: Town) -> None:
    for kind in (*(set(TEMPLATES) - {"peer_observation"}), "inspection"):
        with pytest.raises(Invalid, match="kind_not_known"):
            town.open("Amina", "Tom", kind=kind)


def test_nobody_works_alone_or_with_another_alliance(town: Town, elsewhere: Town) -> None:
    with pytest.raises(Invalid, match="colleagues_needed"):
        town.open("Amina")
    with pytest.raises(Invalid, match="colleagues_needed"):
        town.open("Amina", "Tom", with_ids=(elsewhere["Tom"].id, town["Tom"].id))
    with pytest.raises(Invalid, match="colleagues_needed"):
        town.open("Amina", "Tom", with_ids=(town["Amina"].id,))


def test_joining_is_an_explicit_yes_that_can_be_said_twice(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    for _ in range(2):
        service.join(session, permit(session, town["Tom"].actor, Action.PROJECT_READ, Project, project.id))
    joined = session.scalars(select(Participant.joined_at).where(Participant.person_id == town["Tom"].id)).one()
    assert joined is not None


def test_a_project_is_listed_for_whoever_takes_part_and_for_nobody_else(
    session: Session, town: Town, elsewhere: Town
) -> None:
    project = town.open("Amina", "Tom")
    assert projects(session, town["Tom"].actor) == [project]
    for outsider in (town["Priya"], elsewhere["Amina"]):
        assert projects(session, outsider.actor) == []
        with pytest.raises(NotFound):
            permit(session, outsider.actor, Action.PROJECT_READ, Project, project.id)


def test_colleagues_of_other_schools_come_first(session: Session, town: Town, elsewhere: Town) -> None:
    for name in ("Amina", "Tom", "Priya"):
        town[name]
    elsewhere["Joan"]
    assert [named.words for named in askable(session, town["Amina"].actor)] == [
        "Tom Day (St Mary's)",
        "Priya Day (Hillside)",
    ]


def test_a_new_draft_begins_from_what_is_in_force_and_is_ones_own(session: Session, town: Town) -> None:
    project, first = town.agree("Amina", "Tom")
    begun = drafts.new_draft(session, permit(session, town["Tom"].actor, Action.PROTOCOL_PROPOSE, Project, project.id))
    assert begun.number == 2
    assert town.says(begun) == town.says(first)
    with pytest.raises(NotFound):
        permit(session, town["Amina"].actor, Action.PROTOCOL_READ, ProtocolVersion, begun.id)
    again = drafts.new_draft(session, permit(session, town["Tom"].actor, Action.PROTOCOL_PROPOSE, Project, project.id))
    assert again is begun


def test_after_a_first_version_was_dropped_the_opener_begins_again_from_it(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    version = town.propose(town.draft(project, "Amina", feedback_days=3), "Amina")
    town.drop(version, "Tom")
    again = drafts.new_draft(
        session, permit(session, town["Amina"].actor, Action.PROTOCOL_PROPOSE, Project, project.id)
    )
    assert (again.number, again.feedback_days) == (2, 3)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        pytest.param("focus", {"focus": ()}, id="nothing to look at"),
        pytest.param("note_kinds", {"note_kinds": ()}, id="no notes at all"),
        pytest.param("note_kinds", {"note_kinds": ("grade",)}, id="a kind of our own making"),
        pytest.param("watchers", {"watcher_ids": frozenset()}, id="nobody watches"),
    ],
)
def test_a_draft_says_what_to_mend(town: Town, field: str, changes: dict[str, object]) -> None:
    project = town.open("Amina", "Tom")
    with pytest.raises(Invalid) as refused:
        town.draft(project, "Amina", **changes)
    assert field in refused.value.fields


@pytest.mark.parametrize(
    ("field", "until", "erase"),
    [
        pytest.param("until_on", -1, 10, id="yesterday"),
        pytest.param("erase_on", 10, 9, id="erased before watching ends"),
        pytest.param("erase_on", 10, 366, id="longer than the alliance keeps anything"),
    ],
)
def test_dates_are_kept_in_order(session: Session, town: Town, field: str, until: int, erase: int) -> None:
    project = town.open("Amina", "Tom")
    today = this_moment(session).date()
    with pytest.raises(Invalid) as refused:
        town.draft(
            project,
            "Amina",
            until_on=today + timedelta(days=until),
            erase_on=today + timedelta(days=erase),
        )
    assert field in refused.value.fields


def test_a_draft_cannot_be_changed_once_it_is_put_to_the_group(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    version = town.propose(town.draft(project, "Amina"), "Amina")
    with pytest.raises(Conflict, match="not_now"):
        permit(session, town["Amina"].actor, Action.PROTOCOL_EDIT, ProtocolVersion, version.id)


def test_the_audience_names_everybody_and_says_until_when(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom", "Priya")
    version = town.propose(town.draft(project, "Amina"), "Amina")
    amina = town["Amina"].id
    assert audience_of_version(session, version, amina) == [], "nobody has signed"
    will = audience_of_version(session, version, amina, once_all_have_signed=True)
    assert [watcher.words for watcher in will] == ["Priya Day (Hillside)", "Tom Day (St Mary's)"]
    town.sign(version, "Amina", "Tom", "Priya")
    now = audience_of_version(session, version, amina)
    assert now == will
    last = town.says(version).until_on
    assert sentence(session, version, now).startswith(
        f"Priya Day (Hillside) and Tom Day (St Mary's) can watch this, as protocol v1 names them, "
        f"until {last.day} {last:%B}"
    )
    assert sentence(session, version, now).endswith("Nobody else, not even heads or administrators.")


def test_comparing_says_what_changed_and_who_gains_or_loses_sight(session: Session, town: Town) -> None:
    project, first = town.agree("Amina", "Tom", "Priya")
    watching = frozenset({town["Amina"].id, town["Tom"].id})
    second = town.draft(
        project,
        "Amina",
        feedback_days=3,
        download="owner",
        principles=(*PRINCIPLES[1:], "We laugh."),
        watcher_ids=watching,
        asked_ids=frozenset({town["Joan"].id}),
    )
    found = compare(session, first, second)
    said = {(change.mark, change.words) for change in found.changes}
    assert ("new", "principle 'We laugh.'") in said
    assert ("gone", f"principle '{PRINCIPLES[0]}'") in said
    assert ("changed", "feedback is shared within 3 school days (was 5)") in said
    assert ("new", "Joan Day (St Mary's) takes part") in said
    assert any(words.startswith("the teacher may download the film (was: nobody") for _, words in said)
    assert found.gains == ("Joan Day (St Mary's)",)
    assert found.loses == ("Priya Day (Hillside)",)
    assert compare(session, first, first).sight == "Nobody new may watch, and nobody stops."


def test_the_starting_words_are_whole() -> None:
    assert len(FOCUS_ITEMS) == 12
    assert all(item.question.endswith("?") and len(item.look_fors) >= 4 for item in FOCUS_ITEMS)
    assert [kind.key for kind in NOTE_KINDS] == ["evidence", "question", "took_away", "try", "wondering"]
    assert len(TEMPLATES) == 10
    assert [template.key for template in TEMPLATES.values() if template.can_be_opened] == ["peer_observation"]
    assert all(template.before and template.during and template.after for template in TEMPLATES.values())
    assert (PEER_OBSERVATION.days, PEER_OBSERVATION.download) == (60, "nobody")
    assert all(hint.ask.endswith("?") for hint in HINTS)
