"""Projects, protocols and turns as people meet them: at addresses, in forms, without a script."""

import re
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from app.agreements.consents.models import Objection
from app.agreements.cycles import service as cycles
from app.agreements.cycles.models import Briefing, Cycle, CycleState
from app.agreements.projects.models import Project
from app.agreements.protocols.models import Agreement, ProtocolVersion, VersionKind, VersionState
from app.authz import Action, permit
from tests.app.agreements.web import Web, fields


def _version(session: Session, project_id: UUID, number: int = 1) -> ProtocolVersion:
    return session.scalars(
        select(ProtocolVersion).where(ProtocolVersion.project_id == project_id, ProtocolVersion.number == number)
    ).one()


def _open(web: Web) -> UUID:
    tom = str(web.here["Tom"].id)
    answer = web.of("Amina").post("/projects/new", {"kind": "peer_observation", "with_ids": tom, "focus": "who_speaks"})
    assert answer.status_code == 303, answer.text
    return UUID(answer.location.rsplit("/", 1)[1])


def _proposed(web: Web) -> UUID:
    project_id = _open(web)
    edit = f"/projects/{project_id}/protocol/edit"
    page = web.of("Amina").get(edit)
    answer = web.of("Amina").post(edit, fields(page.text) | {"do": "propose"})
    assert answer.location == f"/projects/{project_id}/protocol/v1/sign", answer.text
    return project_id


def _sign(web: Web, name: str, project_id: UUID, number: int = 1) -> None:
    at = f"/projects/{project_id}/protocol/v{number}/sign"
    page = web.of(name).get(at)
    answer = web.of(name).post(at, fields(page.text) | {"typed_name": f"{name} Day", "read": "y"})
    assert answer.status_code == 303, answer.text


def test_the_whole_way_from_nothing_to_a_protocol_in_force(web: Web) -> None:
    assert "No projects yet" in web.of("Amina").get("/projects").text
    project_id = _proposed(web)
    hub = f"/projects/{project_id}"
    assert "Who speaks: Amina and Tom" in web.of("Tom").get("/projects").text
    assert "Yes, I&#39;ll take part" in web.of("Tom").get(hub).text
    assert web.of("Tom").post(f"{hub}/join").status_code == 303
    assert "Read and sign version 1" in web.of("Tom").get(hub).text
    _sign(web, "Amina", project_id)
    assert "Waiting for Tom Day to sign" in web.of("Amina").get(hub).text
    _sign(web, "Tom", project_id)
    assert web.ask(lambda session: _version(session, project_id).state) == VersionState.IN_FORCE
    assert "Write the briefing" in web.of("Amina").get(hub).text
    assert "Nothing waits for you" in web.of("Tom").get(hub).text


def test_every_page_has_one_heading_and_at_most_one_main_action(web: Web) -> None:
    project_id = web.agreed()
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    hillside = web.here["Amina"].school_id
    web.of("Tom").post(f"/projects/{project_id}/protocol/draft")
    for name, path in (
        ("Amina", "/projects"),
        ("Amina", "/projects/new"),
        ("Amina", f"/projects/{project_id}"),
        ("Amina", f"/projects/{project_id}/leave"),
        ("Tom", f"/projects/{project_id}/protocol"),
        ("Tom", f"/projects/{project_id}/protocol/edit"),
        ("Amina", f"/projects/{project_id}/protocol/v1"),
        ("Tom", f"/projects/{project_id}/protocol/compare?from=1&to=2"),
        ("Amina", f"/cycles/{cycle_id}"),
        ("Tom", f"/cycles/{cycle_id}"),
        ("Amina", f"/cycles/{cycle_id}/briefing"),
        ("Amina", f"/schools/{hillside}/objections"),
    ):
        page = web.of(name).get(path)
        assert page.status_code == 200, path
        assert page.text.count("<h1") == 1, path
        assert page.text.count("button--main") <= 1, path
        assert '<p class="back">' in page.text, path
        assert all("csrf_token" in form for form in re.findall(r"<form.*?</form>", page.text, re.DOTALL)), path
        assert "style=" not in page.text, path


def test_what_is_missing_is_said_at_the_field_and_nothing_is_kept(web: Web) -> None:
    answer = web.of("Amina").post("/projects/new", {"kind": "peer_observation"})
    assert answer.status_code == 422
    assert "Choose at least one colleague." in answer.text
    assert "Pick one thing to look at." in answer.text
    own = {"kind": "peer_observation", "with_ids": str(web.here["Tom"].id), "focus": "own", "own_focus": ""}
    assert web.of("Amina").post("/projects/new", own).status_code == 422
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Project))) == 0


def test_a_colleague_of_another_alliance_cannot_be_put_into_the_form(web: Web) -> None:
    sent = {"kind": "peer_observation", "with_ids": str(web.elsewhere["Tom"].id), "focus": "wait_time"}
    assert web.of("Amina").post("/projects/new", sent).status_code == 422
    assert "Coast" not in web.of("Amina").get("/projects/new").text


def test_the_editor_keeps_every_word_and_says_what_to_mend(web: Web) -> None:
    project_id = _open(web)
    edit = f"/projects/{project_id}/protocol/edit"
    amina = web.of("Amina")
    form = fields(amina.get(edit).text) | {
        "own_principles": "We laugh.\nWe stop at four.",
        "own_1_name": "Tidying",
        "own_1_look_fors": "chairs\nbooks",
        "readers": "group",
        "feedback_days": "4",
        "do": "keep",
    }
    assert amina.post(edit, form).location == f"/projects/{project_id}/protocol"
    again = fields(amina.get(edit).text)
    for name in ("own_principles", "own_1_name", "own_1_look_fors", "readers", "feedback_days"):
        assert again[name] == [form[name]], name
    assert again["own_1_question"] == ["Tidying"]
    for broken, said in (
        ({"until_on-day": "32"}, "Type a day, a month and a year"),
        ({"note_kinds": []}, "Tick at least one kind of note."),
        ({"focus": ["wait_time", "talk"]}, "Pick one thing to look at, at most two."),
        ({"watchers": []}, "Tick who may watch."),
        ({"feedback_days": "soon"}, "Type a number of school days"),
        ({"erase_on-year": "2099"}, "Your alliance keeps lessons for 365 days at most"),
    ):
        answer = amina.post(edit, form | broken)
        assert answer.status_code == 422, broken
        assert said in answer.text, broken
        assert "We stop at four." in answer.text, "what was typed is still there"


def test_a_draft_is_its_authors_alone(web: Web) -> None:
    project_id = _open(web)
    assert web.of("Tom").get(f"/projects/{project_id}/protocol/v1").status_code == 404
    assert web.of("Tom").get(f"/projects/{project_id}/protocol/edit").status_code == 404
    assert web.of("Tom").post(f"/projects/{project_id}/protocol/draft").status_code == 404
    assert web.of("Amina").get(f"/projects/{project_id}/protocol/v1").status_code == 200


def test_the_sign_page_names_who_may_watch_and_until_when(web: Web) -> None:
    project_id = _proposed(web)
    page = web.of("Tom").get(f"/projects/{project_id}/protocol/v1/sign").text
    assert "Amina Day (Hillside) may watch the lessons that you share in this project, until" in page
    assert "Nobody else, not even heads or administrators." in page


def test_a_signature_needs_the_tick_and_the_name(web: Web) -> None:
    project_id = _proposed(web)
    at = f"/projects/{project_id}/protocol/v1/sign"
    form = fields(web.of("Tom").get(at).text)
    answer = web.of("Tom").post(at, form | {"typed_name": "Tom"})
    assert answer.status_code == 422
    assert "Tick this once you have read it." in answer.text
    assert web.of("Tom").post(at, form | {"read": "y"}).status_code == 422
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Agreement))) == 0


def test_another_text_than_the_one_read_comes_back_unsigned(web: Web) -> None:
    project_id = _proposed(web)
    at = f"/projects/{project_id}/protocol/v1/sign"
    answer = web.of("Tom").post(at, {"typed_name": "Tom", "read": "y", "text_hash": "0" * 64})
    assert answer.status_code == 409
    assert "Here is what it says now" in answer.text
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Agreement))) == 0


def test_signing_twice_is_signing_once(web: Web) -> None:
    project_id = _proposed(web)
    at = f"/projects/{project_id}/protocol/v1/sign"
    form = fields(web.of("Tom").get(at).text) | {"typed_name": "Tom", "read": "y"}
    for _ in range(2):
        assert web.of("Tom").post(at, form).status_code == 303
    assert web.of("Tom").get(at).location == f"/projects/{project_id}/protocol/v1"
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Agreement))) == 1


def test_id_like_a_change_takes_it_off_the_table_without_a_reason(web: Web) -> None:
    project_id = _proposed(web)
    page = web.of("Tom").get(f"/projects/{project_id}/protocol/v1/sign").text
    assert "reason</label>" not in page
    assert web.of("Tom").post(f"/projects/{project_id}/protocol/v1/drop").status_code == 303
    assert web.ask(lambda session: _version(session, project_id).state) == VersionState.DROPPED
    assert web.of("Tom").post(f"/projects/{project_id}/protocol/v1/drop").status_code == 409
    assert "Write another draft" in web.of("Amina").get(f"/projects/{project_id}/protocol").text


def test_the_sign_page_shows_what_changed_since_what_one_signed(web: Web) -> None:
    project_id = web.agreed()
    web.of("Tom").post(f"/projects/{project_id}/protocol/draft")
    edit = f"/projects/{project_id}/protocol/edit"
    form = fields(web.of("Tom").get(edit).text) | {"feedback_days": "4", "do": "propose"}
    assert web.of("Tom").post(edit, form).status_code == 303
    page = web.of("Amina").get(f"/projects/{project_id}/protocol/v2/sign").text
    assert "Changed since version 1" in page
    assert "feedback is shared within 4 school days (was 5)" in page
    assert "Nobody new may watch, and nobody stops." in page
    assert "Nobody can watch until all have." in web.of("Amina").get(f"/projects/{project_id}").text


def test_putting_an_unchanged_draft_to_the_group_says_so_and_asks_nobody(web: Web) -> None:
    project_id = web.agreed()
    web.of("Tom").post(f"/projects/{project_id}/protocol/draft")
    edit = f"/projects/{project_id}/protocol/edit"
    answer = web.of("Tom").post(edit, fields(web.of("Tom").get(edit).text) | {"do": "propose"})
    assert answer.status_code == 409
    assert "says just what is in force already" in answer.text


def test_asking_a_third_colleague_is_a_people_version(web: Web) -> None:
    project_id = web.agreed()
    web.of("Tom").post(f"/projects/{project_id}/protocol/draft")
    edit = f"/projects/{project_id}/protocol/edit"
    form = fields(web.of("Tom").get(edit).text) | {"asked": [str(web.here["Priya"].id)], "do": "propose"}
    assert web.of("Priya").get(f"/projects/{project_id}").status_code == 404
    assert web.of("Tom").post(edit, form).status_code == 303
    assert web.ask(lambda session: _version(session, project_id, 2).kind) == VersionKind.PEOPLE
    assert "Meanwhile everything goes on as it was." in web.of("Amina").get(f"/projects/{project_id}").text
    assert web.of("Priya").get(f"/projects/{project_id}/protocol/v2/sign").status_code == 200


def test_leaving_is_one_page_and_one_button(web: Web) -> None:
    project_id = web.agreed()
    page = web.of("Tom").get(f"/projects/{project_id}/leave").text
    assert "say why, and nobody is told why" in page
    assert "<textarea" not in page
    assert web.of("Tom").post(f"/projects/{project_id}/leave").location == "/projects"
    assert web.of("Tom").get(f"/projects/{project_id}").status_code == 404
    assert web.of("Amina").get(f"/projects/{project_id}").status_code == 200


def test_an_arrived_lesson_is_told_to_nobody_before_it_is_shared(web: Web) -> None:
    project_id = web.agreed()
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    web.of("Amina").post(f"/cycles/{cycle_id}/briefing", {"title": "Year 8 fractions", "version": "0"})
    paths = (f"/projects/{project_id}", f"/cycles/{cycle_id}")
    before = [_bare(web.of("Tom").get(path).text) for path in paths]
    web.ask(lambda session: cycles.recorded(session, "test", cycle_id=cycle_id))
    assert [_bare(web.of("Tom").get(path).text) for path in paths] == before
    assert "only you can see it" in web.of("Amina").get(paths[1]).text
    assert all("fractions" not in page for page in before)


def _bare(page: str) -> str:
    """Take out what differs from one request to the next."""
    return re.sub(r'nonce="[^"]*"|<code>[^<]*</code>', "", page)


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


def test_objections_are_listed_and_recorded_by_staff_of_the_school(web: Web) -> None:
    at = f"/schools/{web.here['Amina'].school_id}/objections"
    assert "Nobody at this school has objected" in web.of("Amina").get(at).text
    form = {"class_code": "8F2", "from_on-day": "12", "from_on-month": "3", "from_on-year": "2026"}
    assert web.of("Amina").post(at, form).status_code == 303
    assert "8F2" in web.of("Amina").get(at).text
    assert web.of("Amina").post(at, {"class_code": "8F2"}).status_code == 422
    until = {"until_on-day": "11", "until_on-month": "3", "until_on-year": "2026"}
    assert "must not be before" in web.of("Amina").post(at, form | until).text
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Objection))) == 1


def test_p08_and_p12_outsiders_get_the_same_bytes_as_for_nothing(web: Web) -> None:
    project_id = _proposed(web)
    version = web.ask(lambda session: _version(session, project_id).id)
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    school_id = web.here["Amina"].school_id
    gets = (
        "/projects/{project}",
        "/projects/{project}/leave",
        "/projects/{project}/protocol",
        "/projects/{project}/protocol/edit",
        "/projects/{project}/protocol/v1",
        "/projects/{project}/protocol/v1/sign",
        "/projects/{project}/protocol/compare?from=1&to=1",
        "/cycles/{cycle}",
        "/cycles/{cycle}/briefing",
        "/api/v1/cycles/{cycle}/briefing",
        "/api/v1/protocols/{version}",
    )
    posts = (
        "/projects/{project}/join",
        "/projects/{project}/leave",
        "/projects/{project}/turn",
        "/projects/{project}/protocol/draft",
        "/projects/{project}/protocol/edit",
        "/projects/{project}/protocol/v1/sign",
        "/projects/{project}/protocol/v1/drop",
        "/cycles/{cycle}/briefing",
        "/api/v1/protocols/{version}/propose",
        "/api/v1/protocols/{version}/drop",
    )
    there = {"project": project_id, "cycle": cycle_id, "version": version}
    nothing = {name: uuid4() for name in there}
    school_page = "/schools/{school}/objections"
    for outsider in (web.of("Priya"), web.of("Amina", elsewhere=True)):
        for path in gets:
            _same(outsider.get(path.format(**there)), outsider.get(path.format(**nothing)), path)
        for path in posts:
            _same(outsider.post(path.format(**there)), outsider.post(path.format(**nothing)), path)
    foreign = web.of("Amina", elsewhere=True)
    _same(foreign.get(school_page.format(school=school_id)), foreign.get(school_page.format(school=uuid4())), "school")
    _same(
        foreign.post(school_page.format(school=school_id)), foreign.post(school_page.format(school=uuid4())), "school"
    )
    stranger = web.stranger()
    for path in gets:
        answers = [stranger.get(path.format(**ids)) for ids in (there, nothing)]
        assert {answer.status_code for answer in answers} == {401 if path.startswith("/api/") else 303}, path


def _same(one: TestResponse, other: TestResponse, path: str) -> None:
    assert one.status_code == other.status_code == 404, path
    assert _bare(one.text) == _bare(other.text), path
    assert {name for name, _ in one.headers} == {name for name, _ in other.headers}, path


def test_signing_by_json_names_the_text_and_repeats_harmlessly(web: Web) -> None:
    project_id = _proposed(web)
    version_id = web.ask(lambda session: _version(session, project_id).id)
    at = f"/api/v1/protocols/{version_id}"
    text_hash = web.of("Tom").get(at).get_json()["text_hash"]
    wrong = web.send("Tom", "POST", f"{at}/sign", {"typed_name": "Tom", "text_hash": "0" * 64})
    assert (wrong.status_code, wrong.get_json()["code"]) == (409, "text_changed")
    key = str(uuid4())
    body = {"typed_name": "Tom Day", "text_hash": text_hash}
    first = web.send("Tom", "POST", f"{at}/sign", body, Idempotency_Key=key)
    again = web.send("Tom", "POST", f"{at}/sign", body, Idempotency_Key=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert (first.get_json()["signed"], first.get_json()["of"]) == (1, 2)
    last = web.send("Amina", "POST", f"{at}/sign", {"typed_name": "Amina Day", "text_hash": text_hash})
    assert last.get_json()["state"] == "in_force"
    assert web.send("Amina", "POST", f"{at}/drop", {}).status_code == 409
    assert web.send("Tom", "POST", f"{at}/sign", {"typed_name": "Tom", "text": "x"}).status_code == 422


def test_proposing_and_dropping_by_json(web: Web) -> None:
    project_id = _open(web)
    version_id = web.ask(lambda session: _version(session, project_id).id)
    at = f"/api/v1/protocols/{version_id}"
    assert web.send("Tom", "POST", f"{at}/propose", {}).status_code == 404, "a draft is its author's"
    assert web.send("Amina", "POST", f"{at}/propose", {}).get_json()["state"] == "proposed"
    assert web.send("Tom", "POST", f"{at}/drop", {}).get_json()["state"] == "dropped"


def test_a_briefing_by_json_is_matched_by_its_version(web: Web) -> None:
    web.agreed()
    cycle_id = web.ask(lambda session: session.scalars(select(Cycle.id)).one())
    at = f"/api/v1/cycles/{cycle_id}/briefing"
    empty = web.of("Amina").get(at)
    assert (empty.get_json()["version"], empty.headers["ETag"]) == (0, '"0"')
    body = {"title": "Year 8", "class_code": "8F2", "body": "b", "hopes": "h", "focus_item_ids": []}
    first = web.send("Amina", "PUT", at, body, If_Match='"0"')
    assert (first.status_code, first.headers["ETag"]) == (200, '"1"')
    assert web.send("Amina", "PUT", at, body | {"title": "Late"}, If_Match='"0"').status_code == 412
    assert web.send("Amina", "PUT", at, body | {"title": "Keyed"}).get_json()["version"] == 2
    assert web.send("Tom", "PUT", at, body).status_code == 404
    assert web.of("Tom").get(at).status_code == 404
    assert web.send("Amina", "PUT", at, body | {"focus_item_ids": ["x"]}).status_code == 422
    assert web.send("Amina", "PUT", at, body | {"grade": 3}).status_code == 422


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
