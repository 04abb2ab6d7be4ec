"""JSON and addresses that no page of ours sends: each is refused with a sentence, and nothing breaks."""

import pytest

from app import ids
from tests.app.observation.scene import Scene

NOTE = {"at_ms": 252_000, "kind": "evidence", "body": "Nobody speaks for six seconds."}
HUGE = 10**30


def test_json_nested_without_end_is_no_json(scene: Scene) -> None:
    answer = scene["Amina"].ask(
        "POST",
        f"/api/v1{scene.lesson}/notes",
        data='{"body":' + "[" * 100_000,
        content_type="application/json",
        headers={"Idempotency-Key": str(ids.new())},
    )
    assert (answer.status_code, answer.get_json()["code"]) == (422, "not_json")


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"at_ms": HUGE}, id="a moment past the end of time"),
        pytest.param({"at_ms": -HUGE}, id="before its beginning"),
        pytest.param({"until_ms": HUGE}, id="an end past the end of time"),
        pytest.param({"written_at": "0001-01-01T00:00:00+23:59"}, id="before the calendar begins, in UTC"),
        pytest.param({"written_at": "9999-12-31T23:59:59-23:59"}, id="after the calendar ends, in UTC"),
        pytest.param({"kind": "x" * 10_000}, id="a kind without end"),
    ],
)
def test_a_note_that_cannot_be_is_refused_at_its_field(scene: Scene, more: dict[str, object]) -> None:
    answer = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", {**NOTE, **more}, key=ids.new())
    assert answer.status_code == 422
    assert list(answer.get_json()["fields"]) == list(more)


@pytest.mark.parametrize("asked", ["from_ms", "to_ms"])
@pytest.mark.parametrize("number", [pytest.param("9" * 30, id="30 digits"), pytest.param("9" * 5000, id="5000 digits")])
def test_a_list_from_a_moment_past_the_end_of_time_is_refused(scene: Scene, asked: str, number: str) -> None:
    answer = scene["Amina"].get(f"/api/v1{scene.lesson}/notes?{asked}={number}")
    assert (answer.status_code, list(answer.get_json()["fields"])) == (422, [asked])


@pytest.mark.parametrize("tag", [pytest.param("9" * 30, id="30 digits"), pytest.param("9" * 5000, id="5000 digits")])
def test_a_version_of_many_digits_never_was(scene: Scene, tag: str) -> None:
    note = scene.note("Amina", "Six seconds.")
    answer = scene["Amina"].send("PATCH", f"/api/v1/notes/{note['id']}", {"body": "Seven."}, match=f'"{tag}"')
    assert answer.status_code == 412
    answer = scene["Tom"].send("PUT", f"/api/v1{scene.cycle}/briefing", {"title": "Fractions"}, match=f'"{tag}"')
    assert answer.status_code in {409, 412}


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_calendar_s_first_and_last_day_break_nothing(scene: Scene, day: str) -> None:
    tom = scene["Tom"]
    keep = tom.send("POST", f"/api/v1{scene.lesson}/keep", {"delete_on": day}, key=ids.new())
    assert keep.status_code in {404, 409, 422}
    target = tom.send("POST", f"/api/v1{scene.cycle}/targets", {"body": "Wait.", "by_on": day}, key=ids.new())
    assert target.status_code in {201, 422}


def test_a_clip_past_the_end_of_time_is_refused_at_its_field(scene: Scene) -> None:
    body = {"in_ms": 0, "out_ms": HUGE, "title": "All of it"}
    answer = scene["Tom"].send("POST", f"/api/v1{scene.lesson}/clips", body, key=ids.new())
    assert (answer.status_code, list(answer.get_json()["fields"])) == (422, ["out_ms"])


@pytest.mark.parametrize("after", ["9" * 19, "9" * 5000])
def test_events_after_one_that_never_was_break_nothing(scene: Scene, after: str) -> None:
    answer = scene["Amina"].get(f"/api/v1/events/poll?topics=me&after={after}")
    assert answer.status_code in {200, 422}


def test_forms_with_numbers_of_many_digits_break_nothing(scene: Scene) -> None:
    amina, many = scene["Amina"], "9" * 5000
    form = {"at": "4:12", "at_ms": many, "kind": "evidence", "body": "Six seconds."}
    assert amina.post(f"{scene.lesson}/notes", form).status_code == 303
    note = scene.note("Amina", "Seven seconds.")
    changed = amina.post(f"{scene.lesson}/notes/{note['id']}", form | {"version": many})
    assert changed.status_code == 412
    assert scene.share("Amina", note["id"]).status_code == 201
    assert scene["Tom"].post(f"{scene.cycle}/response", {"version": many}).status_code in {412, 422}


@pytest.mark.parametrize("number", ["9" * 10, str(2**63), "9" * 3000])
def test_addresses_with_numbers_of_many_digits_lead_nowhere(scene: Scene, number: str) -> None:
    assert scene["Amina"].get(f"/media/{scene.ids['recording']}/240p/{number}.m4s").status_code == 404
    assert scene["Amina"].get(f"/projects/{scene.ids['project']}/protocol/v{number}").status_code == 404
