"""Keys that somebody else has used, or that are too long: refused with a sentence, and nothing is taken over."""

import pytest

from app import ids
from tests.app.observation.scene import Scene

NOTE = {"at_ms": 252_000, "kind": "evidence", "body": "Nobody speaks for six seconds."}


def test_a_note_of_another_alliance_is_neither_shown_nor_written_over(scene: Scene) -> None:
    key = ids.new()
    elsewhere = f"/api/v1/recordings/{scene.ids['elsewhere']}/notes"
    assert scene["Zoe"].send("POST", elsewhere, NOTE, key=key).status_code == 201
    answer = scene["Amina"].send("POST", f"/api/v1{scene.lesson}/notes", {**NOTE, "body": "Mine."}, key=key)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "key_reused")
    assert "six seconds" not in answer.text
    assert scene["Zoe"].get(f"/api/v1/notes/{key}").get_json()["body"] == NOTE["body"]


def test_nor_is_a_reply(scene: Scene) -> None:
    key, bodies = ids.new(), {}
    for name, lesson in (("Zoe", scene.ids["elsewhere"]), ("Amina", scene.ids["recording"])):
        asker, note_id = scene[name], ids.new()
        assert asker.send("POST", f"/api/v1/recordings/{lesson}/notes", NOTE, key=note_id).status_code == 201
        cycle = scene.ids["other_cycle" if name == "Zoe" else "cycle"]
        words = {"note_ids": [str(note_id)], "took_away": "the silence", "why_dont_you_try": "asking B before A"}
        assert asker.send("POST", f"/api/v1/cycles/{cycle}/feedback", words, key=ids.new()).status_code == 201
        bodies[name] = asker.send("POST", f"/api/v1/notes/{note_id}/replies", {"body": f"{name}'s"}, key=key)
    assert bodies["Zoe"].status_code == 201
    assert (bodies["Amina"].status_code, bodies["Amina"].get_json()["code"]) == (422, "key_reused")


@pytest.mark.parametrize("ending", ["", "1", "2"])
def test_a_key_is_kept_whole_or_refused(scene: Scene, ending: str) -> None:
    """Cut off, two acts would be one: the second is answered as if it had been done."""
    key = "k" * 100 + ending
    answer = scene["Tom"].send("POST", f"/api/v1{scene.cycle}/targets", {"body": "Wait."}, key=key)
    refused = (answer.status_code, answer.get_json().get("code")) == (422, "key_unclear")
    assert refused if ending else answer.status_code == 201
