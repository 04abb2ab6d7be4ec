"""Protocols and briefings as scripts send them: by JSON, with versions, and repeated without harm."""

from uuid import uuid4

from sqlalchemy import select

from app.agreements.cycles.models import Cycle
from tests.app.agreements.web import Web, opened, proposed, version_of


def test_signing_by_json_names_the_text_and_repeats_harmlessly(web: Web) -> None:
    project_id = proposed(web)
    version_id = web.ask(lambda session: version_of(session, project_id).id)
    at = f"/api/v1/protocols/{version_id}"
    text_hash = web.of("Tom").get(at).get_json()["text_hash"]
    wrong = web.send("Tom", "POST", f"{at}/sign", {"typed_name": "Tom Day", "text_hash": "0" * 64})
    assert (wrong.status_code, wrong.get_json()["code"]) == (409, "text_changed")
    mickey = web.send("Tom", "POST", f"{at}/sign", {"typed_name": "Mickey Mouse", "text_hash": text_hash})
    assert (mickey.status_code, mickey.get_json()["code"]) == (422, "name_needed")
    assert "as it stands on your account: Tom Day." in mickey.get_json()["fields"]["typed_name"]
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
    project_id = opened(web)
    version_id = web.ask(lambda session: version_of(session, project_id).id)
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
