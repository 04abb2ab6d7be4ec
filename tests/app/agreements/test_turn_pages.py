"""A project's turns as people meet them: briefings, stations, and whose turn is next."""

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from app.agreements.cycles import service as cycles
from app.agreements.cycles.models import Briefing, Cycle, CycleState
from app.agreements.projects.models import Project
from app.authz import Action, permit
from tests.app.agreements.web import Web, bare, fields


def test_an_arrived_lesson_is_told_to_nobody_before_it_is_shared(web: Web) -> None:
    project_id = web.agreed()
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    web.of("Amina").post(f"/cycles/{cycle_id}/briefing", {"title": "Year 8 fractions", "version": "0"})
    paths = (f"/projects/{project_id}", f"/cycles/{cycle_id}")
    before = [bare(web.of("Tom").get(path).text) for path in paths]
    web.ask(lambda session: cycles.recorded(session, "test", cycle_id=cycle_id))
    assert [bare(web.of("Tom").get(path).text) for path in paths] == before
    assert "only you can see it" in web.of("Amina").get(paths[1]).text
    assert all("fractions" not in page for page in before)


def test_a_briefing_is_kept_and_read_back_by_its_teacher_alone(web: Web) -> None:
    web.agreed()
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    at = f"/cycles/{cycle_id}/briefing"
    form = fields(web.of("Amina").get(at).text) | {
        "title": "Year 8 fractions",
        "class_code": "8F2",
        "body": "After lunch.",
    }
    assert web.of("Amina").post(at, form).location == f"/cycles/{cycle_id}"
    columns = (Briefing.title, Briefing.class_code, Briefing.body, Briefing.focus_item_ids)
    *kept, focus = web.ask(lambda session: session.execute(select(*columns)).one())
    assert kept == ["Year 8 fractions", "8F2", "After lunch."]
    assert len(focus) == 1
    assert "After lunch." in web.of("Amina").get(f"/cycles/{cycle_id}").text
    assert "After lunch." not in web.of("Tom").get(f"/cycles/{cycle_id}").text
    assert web.of("Tom").get(at).status_code == 404
    assert web.of("Amina").post(at, form | {"title": "Other"}).status_code == 412, "an older form never overwrites"
    assert web.of("Amina").post(at, form | {"title": "", "version": "1"}).status_code == 422


def test_the_next_turn_is_offered_with_one_button(web: Web) -> None:
    project_id = web.agreed()
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    hub = f"/projects/{project_id}"
    web.ask(lambda session: cycles.responded(session, "test", cycle_id=cycle_id))
    assert "Your turn to teach" in web.of("Tom").get(hub).text
    assert "turn to teach." in web.of("Amina").get(hub).text
    answer = web.of("Tom").post(f"{hub}/turn")
    assert answer.status_code == 303
    assert web.of("Tom").get(answer.location).status_code == 200
    assert web.of("Tom").post(f"{hub}/turn").status_code == 409
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Cycle))) == 2


@pytest.mark.parametrize("state", [CycleState.OBSERVING, CycleState.FED_BACK, CycleState.RESPONDED, CycleState.CLOSED])
def test_each_station_says_who_waits_for_whom(web: Web, state: CycleState) -> None:
    project_id = web.agreed()
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    move = {
        CycleState.OBSERVING: cycles.observing,
        CycleState.FED_BACK: cycles.fed_back,
        CycleState.RESPONDED: cycles.responded,
        CycleState.CLOSED: cycles.close,
    }[state]
    web.ask(lambda session: move(session, "test", cycle_id=cycle_id))
    said = {
        CycleState.OBSERVING: "Amina Day waits for your feedback.",
        CycleState.FED_BACK: "You wait for Amina Day&#39;s answer.",
        CycleState.RESPONDED: "Amina Day has answered.",
        CycleState.CLOSED: "This turn is done.",
    }[state]
    for path in (f"/projects/{project_id}", f"/cycles/{cycle_id}"):
        assert said in web.of("Tom").get(path).text


def test_a_project_page_asks_as_much_of_the_database_for_six_turns_as_for_one(web: Web) -> None:
    project_id = web.agreed()
    path = f"/projects/{project_id}"
    web.of("Tom").get(path)
    few = _questions(web, path)

    def teach(session: Session) -> None:
        town = web.town(session)
        for name in ("Tom", "Amina", "Tom", "Amina", "Tom"):
            for cycle_id in session.scalars(select(Cycle.id)).all():
                cycles.close(session, "test", cycle_id=cycle_id)
            cycles.begin_cycle(session, permit(session, town[name].actor, Action.CYCLE_BEGIN, Project, project_id))

    web.ask(teach)
    assert "Turn 6" in web.of("Tom").get(path).text
    assert _questions(web, path) == few


def _questions(web: Web, path: str) -> int:
    asked: list[str] = []

    def count(_: object, __: object, statement: str, *___: object) -> None:
        asked.append(statement)

    engine = web.sessions.kw["bind"]
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert web.of("Tom").get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(asked)
