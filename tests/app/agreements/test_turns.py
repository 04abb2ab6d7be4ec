"""Turns and briefings: each step once and forward, and a rota that is fair."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.cycles import service
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.cycles.queries import next_turn
from app.agreements.cycles.service import BriefingDraft, school_day_after
from app.agreements.projects.models import Project
from app.agreements.protocols.models import FocusItem
from app.audit.models import AuditEvent
from app.authz import Action, Permit, permit
from app.errors import Conflict, Invalid, NotFound, Stale
from tests.app.agreements.town import Town


def _brief(session: Session, town: Town, cycle: Cycle, name: str = "Amina") -> Permit[Cycle]:
    return permit(session, town[name].actor, Action.BRIEF_WRITE, Cycle, cycle.id)


def _first(session: Session, project: Project) -> Cycle:
    return session.scalars(select(Cycle).where(Cycle.project_id == project.id)).one()


def test_a_briefing_is_the_first_step_of_a_turn(session: Session, town: Town) -> None:
    project = town.open("Amina", "Tom")
    cycle = _first(session, project)
    item = session.scalars(select(FocusItem)).one()
    draft = BriefingDraft(title="Year 8 fractions", class_code="8F2", body="After lunch.", focus_item_ids=(item.id,))
    briefing = service.brief(session, _brief(session, town, cycle), draft=draft)
    assert (briefing.title, briefing.focus_item_ids, briefing.version) == ("Year 8 fractions", [str(item.id)], 1)
    assert cycle.state == CycleState.BRIEFED


def test_only_the_teacher_of_a_turn_writes_its_briefing(session: Session, town: Town, elsewhere: Town) -> None:
    cycle = _first(session, town.open("Amina", "Tom"))
    for other in (town["Tom"], town["Priya"], elsewhere["Amina"]):
        with pytest.raises(NotFound):
            permit(session, other.actor, Action.BRIEF_WRITE, Cycle, cycle.id)


def test_two_devices_never_overwrite_each_other(session: Session, town: Town) -> None:
    cycle = _first(session, town.open("Amina", "Tom"))
    service.brief(session, _brief(session, town, cycle), draft=BriefingDraft(title="One", version=0))
    service.brief(session, _brief(session, town, cycle), draft=BriefingDraft(title="Two", version=1))
    with pytest.raises(Stale, match="changed_elsewhere"):
        service.brief(session, _brief(session, town, cycle), draft=BriefingDraft(title="Other", version=1))


@pytest.mark.parametrize(
    ("field", "draft"),
    [
        pytest.param("title", BriefingDraft(title=""), id="a lesson needs a name"),
        pytest.param("class_code", BriefingDraft(title="x", class_code="8" * 41), id="that's no class"),
        pytest.param("body", BriefingDraft(title="x", body="a" * 4001), id="nobody reads that much"),
    ],
)
def test_a_briefing_says_what_to_mend(session: Session, town: Town, field: str, draft: BriefingDraft) -> None:
    cycle = _first(session, town.open("Amina", "Tom"))
    with pytest.raises(Invalid) as refused:
        service.brief(session, _brief(session, town, cycle), draft=draft)
    assert field in refused.value.fields


def test_a_focus_item_of_another_project_is_refused(session: Session, town: Town, elsewhere: Town) -> None:
    cycle = _first(session, town.open("Amina", "Tom"))
    foreign_project = elsewhere.open("Amina", "Tom")
    foreign = session.scalars(select(FocusItem).where(FocusItem.alliance_id == foreign_project.alliance_id)).one()
    with pytest.raises(Invalid) as refused:
        service.brief(
            session, _brief(session, town, cycle), draft=BriefingDraft(title="x", focus_item_ids=(foreign.id,))
        )
    assert "focus_item_ids" in refused.value.fields


def test_steps_go_forward_once_and_each_is_written_down(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    cycle = _first(session, project)
    for step in (
        service.recorded,
        service.observing,
        service.fed_back,
        service.observing,  # sharing once more changes nothing
        service.responded,
        service.close,
        service.close,
    ):
        step(session, "test", cycle_id=cycle.id)
    assert cycle.state == CycleState.CLOSED
    assert cycle.closed_at is not None
    session.commit()
    written = session.scalars(
        select(AuditEvent.what).where(AuditEvent.thing_id == cycle.id).order_by(AuditEvent.number)
    ).all()
    assert written == ["cycle.recorded", "cycle.observing", "cycle.fed_back", "cycle.responded", "cycle.closed"]


def test_feedback_and_answer_get_the_days_that_were_agreed(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    cycle = _first(session, project)
    service.observing(session, "test", cycle_id=cycle.id)
    assert cycle.feedback_by is not None
    assert cycle.answer_by is None
    service.fed_back(session, "test", cycle_id=cycle.id)
    assert cycle.answer_by == cycle.feedback_by, "five school days each, both counted from today"


def test_a_lesson_withdrawn_before_feedback_is_back_to_recorded(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    cycle = _first(session, project)
    service.observing(session, "test", cycle_id=cycle.id)
    service.taken_back(session, "test", cycle_id=cycle.id)
    assert cycle.state == CycleState.RECORDED
    service.fed_back(session, "test", cycle_id=cycle.id)
    service.taken_back(session, "test", cycle_id=cycle.id)
    assert cycle.state == CycleState.FED_BACK, "feedback that was given stays given"
    service.feedback_taken_back(session, "test", cycle_id=cycle.id)
    assert (cycle.state, cycle.answer_by) == (CycleState.OBSERVING, None)


@pytest.mark.parametrize(
    ("day", "days", "due"),
    [
        pytest.param(date(2026, 3, 9), 5, date(2026, 3, 16), id="Monday to Monday"),
        pytest.param(date(2026, 3, 13), 1, date(2026, 3, 16), id="over the weekend"),
        pytest.param(date(2026, 3, 14), 1, date(2026, 3, 16), id="shared on a Saturday"),
        pytest.param(date(2026, 3, 9), 0, date(2026, 3, 9), id="the same day"),
    ],
)
def test_school_days_leave_out_the_weekend(day: date, days: int, due: date) -> None:
    assert school_day_after(day, days) == due


def _teach(session: Session, town: Town, project: Project, name: str) -> Cycle:
    may_begin = permit(session, town[name].actor, Action.CYCLE_BEGIN, Project, project.id)
    cycle = service.begin_cycle(session, may_begin)
    service.responded(session, "test", cycle_id=cycle.id)
    return cycle


def test_the_next_turn_is_the_others_and_turns_alternate(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    assert next_turn(session, project) is None, "Amina's turn is going on"
    service.responded(session, "test", cycle_id=_first(session, project).id)
    for name in ("Tom", "Amina", "Tom", "Amina"):
        offered = next_turn(session, project)
        assert offered is not None
        assert offered.person_id == town[name].id
        _teach(session, town, project, name)


def test_in_three_whoever_has_taught_least_comes_next(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom", "Priya")
    service.responded(session, "test", cycle_id=_first(session, project).id)
    order = []
    for _ in range(5):
        offered = next_turn(session, project)
        assert offered is not None
        order.append(offered.name.split()[0])
        _teach(session, town, project, order[-1])
    assert sorted(order[:2]) == ["Priya", "Tom"]
    assert order[2] == "Amina"
    assert sorted(order[3:]) == ["Priya", "Tom"]


def test_nobody_has_two_turns_at_once(session: Session, town: Town) -> None:
    project, _ = town.agree("Amina", "Tom")
    may_begin = permit(session, town["Amina"].actor, Action.CYCLE_BEGIN, Project, project.id)
    with pytest.raises(Conflict, match="turn_open"):
        service.begin_cycle(session, may_begin)
