"""Projects, protocols and turns as people meet them: at addresses, in forms, without a script."""

import re
from uuid import UUID

from sqlalchemy import func, select

from app.agreements.consents.models import Objection
from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Project
from app.agreements.protocols.models import Agreement, VersionKind, VersionState
from tests.app.agreements.web import Web, fields, opened, proposed, version_of


def _sign(web: Web, name: str, project_id: UUID, number: int = 1) -> None:
    at = f"/projects/{project_id}/protocol/v{number}/sign"
    page = web.of(name).get(at)
    answer = web.of(name).post(at, fields(page.text) | {"typed_name": f"{name} Day", "read": "y"})
    assert answer.status_code == 303, answer.text


def test_the_whole_way_from_nothing_to_a_protocol_in_force(web: Web) -> None:
    assert "No projects yet" in web.of("Amina").get("/projects").text
    project_id = proposed(web)
    hub = f"/projects/{project_id}"
    assert "Who speaks: Amina and Tom" in web.of("Tom").get("/projects").text
    assert "Yes, I&#39;ll take part" in web.of("Tom").get(hub).text
    assert web.of("Tom").post(f"{hub}/join").status_code == 303
    assert "Read and sign version 1" in web.of("Tom").get(hub).text
    _sign(web, "Amina", project_id)
    assert "Waiting for Tom Day to sign" in web.of("Amina").get(hub).text
    _sign(web, "Tom", project_id)
    assert web.ask(lambda session: version_of(session, project_id).state) == VersionState.IN_FORCE
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
    project_id = opened(web)
    edit = f"/projects/{project_id}/protocol/edit"
    amina = web.of("Amina")
    page = amina.get(edit).text
    assert "seconds before somebody speaks" in page, "what a starting focus looks for"
    assert page.index('value="keep"') < page.index('value="propose"'), "Enter in a line of text keeps"
    form = fields(page) | {
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
        ({"until_on-day": "32"}, "There is no such day"),
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


def test_the_editor_says_in_one_round_all_that_is_to_be_mended(web: Web) -> None:
    edit = f"/projects/{opened(web)}/protocol/edit"
    wrong = {
        "focus": [],
        "note_kinds": [],
        "feedback_days": "soon",
        "watchers": [],
        "until_on-day": "31",
        "until_on-month": "2",
        "erase_on-year": "2099",
    }
    page = web.of("Amina").post(edit, fields(web.of("Amina").get(edit).text) | wrong | {"do": "propose"})
    assert page.status_code == 422
    summary = re.findall(r'href="#([a-z_]+)[^"]*"', page.text[page.text.index('role="alert"') :][:3000])
    assert summary[:6] == ["focus", "note_kinds", "feedback_days", "watchers", "until_on", "erase_on"]
    for said in (
        "Pick one thing to look at, at most two.",
        "Tick at least one kind of note.",
        "Type a number of school days",
        "Tick who may watch.",
        "There is no such day.",
        "Your alliance keeps lessons for 365 days at most",
    ):
        assert page.text.count(said) == 2, f"{said}: on top, and at its field"


def test_a_day_that_cannot_be_read_makes_no_other_field_wrong(web: Web) -> None:
    edit = f"/projects/{opened(web)}/protocol/edit"
    form = fields(web.of("Amina").get(edit).text) | {"erase_on-day": "31", "erase_on-month": "2"}
    words_until = {"text_until_on-day": "1", "text_until_on-month": "9", "text_until_on-year": "2099"}
    page = web.of("Amina").post(edit, form | words_until | {"after_erase": "teacher_keeps_text"})
    assert page.status_code == 422
    assert "There is no such day." in page.text
    assert "Keep it at least for as long" not in page.text
    assert "Pick a day after the film is erased." not in page.text
    assert fields(web.of("Amina").get(edit).text)["after_erase"] == ["erase"], "nothing was kept"


def test_a_draft_is_its_authors_alone(web: Web) -> None:
    project_id = opened(web)
    assert web.of("Tom").get(f"/projects/{project_id}/protocol/v1").status_code == 404
    assert web.of("Tom").get(f"/projects/{project_id}/protocol/edit").status_code == 404
    assert web.of("Tom").post(f"/projects/{project_id}/protocol/draft").status_code == 404
    assert web.of("Amina").get(f"/projects/{project_id}/protocol/v1").status_code == 200


def test_the_sign_page_names_who_may_watch_and_until_when(web: Web) -> None:
    project_id = proposed(web)
    page = web.of("Tom").get(f"/projects/{project_id}/protocol/v1/sign").text
    assert "Amina Day (Hillside) may watch the lessons that you share in this project, until" in page
    assert "Nobody else, not even heads or administrators." in page


def test_a_signature_needs_the_tick_and_the_name(web: Web) -> None:
    project_id = proposed(web)
    at = f"/projects/{project_id}/protocol/v1/sign"
    form = fields(web.of("Tom").get(at).text)
    answer = web.of("Tom").post(at, form | {"typed_name": "Tom Day"})
    assert answer.status_code == 422
    assert "Tick this once you have read it." in answer.text
    assert web.of("Tom").post(at, form | {"read": "y"}).status_code == 422
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Agreement))) == 0


def test_a_signature_is_in_ones_own_name_and_is_answered(web: Web) -> None:
    project_id = proposed(web)
    at = f"/projects/{project_id}/protocol/v1/sign"
    form = fields(web.of("Tom").get(at).text) | {"read": "y"}
    refused = web.of("Tom").post(at, form | {"typed_name": "Mickey Mouse"})
    assert refused.status_code == 422
    assert "Type your name as it stands on your account: Tom Day." in refused.text
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Agreement))) == 0
    signed = web.of("Tom").post(at, form | {"typed_name": "  tóm   DAY "})
    assert signed.status_code == 303, signed.text
    assert "You have signed version 1. Now Amina Day is asked to sign." in web.of("Tom").get(signed.location).text
    project = f"/projects/{project_id}"
    assert "You have signed" not in web.of("Tom").get(project).text
    assert "You have signed" not in web.of("Amina").get(f"{project}?signed=1").text


def test_another_text_than_the_one_read_comes_back_unsigned(web: Web) -> None:
    project_id = proposed(web)
    at = f"/projects/{project_id}/protocol/v1/sign"
    answer = web.of("Tom").post(at, {"typed_name": "Tom Day", "read": "y", "text_hash": "0" * 64})
    assert answer.status_code == 409
    assert "Here is what it says now" in answer.text
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Agreement))) == 0


def test_signing_twice_is_signing_once(web: Web) -> None:
    project_id = proposed(web)
    at = f"/projects/{project_id}/protocol/v1/sign"
    form = fields(web.of("Tom").get(at).text) | {"typed_name": "Tom Day", "read": "y"}
    for _ in range(2):
        assert web.of("Tom").post(at, form).status_code == 303
    assert web.of("Tom").get(at).location == f"/projects/{project_id}/protocol/v1"
    assert web.ask(lambda session: session.scalar(select(func.count()).select_from(Agreement))) == 1


def test_id_like_a_change_takes_it_off_the_table_without_a_reason(web: Web) -> None:
    project_id = proposed(web)
    page = web.of("Tom").get(f"/projects/{project_id}/protocol/v1/sign").text
    assert "reason</label>" not in page
    assert web.of("Tom").post(f"/projects/{project_id}/protocol/v1/drop").status_code == 303
    assert web.ask(lambda session: version_of(session, project_id).state) == VersionState.DROPPED
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


def test_comparing_without_saying_what_leads_to_what_changed_last(web: Web) -> None:
    project_id = web.agreed()
    at = f"/projects/{project_id}/protocol"
    assert web.of("Amina").get(f"{at}/compare").location == at, "one version alone has nothing to be compared with"
    web.of("Tom").post(f"{at}/draft")
    compared = web.of("Tom").get(f"{at}/compare")
    assert compared.location == f"{at}/compare?from=1&to=2"
    assert web.of("Tom").get(compared.location).status_code == 200
    assert web.of("Amina").get(f"{at}/compare").location == at, "another's draft doesn't exist for her"
    assert web.of("Priya").get(f"{at}/compare").status_code == 404
    assert web.of("Amina").get(f"{at}/compare?from=1").status_code == 404


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
    assert web.ask(lambda session: version_of(session, project_id, 2).kind) == VersionKind.PEOPLE
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
