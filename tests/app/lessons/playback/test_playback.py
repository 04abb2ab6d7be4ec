"""Handing out a lesson: with its row in the log or not at all, and to nobody a moment longer than was agreed."""

import pytest
from sqlalchemy import select

from app.lessons.playback.models import AccessEvent
from tests.app.lessons.playback.conftest import Shown
from tests.conftest import Clock, Database

OUTSIDERS = ("Joan", "Zoe")


def log(shown: Shown) -> list[AccessEvent]:
    with shown.scene.sessions() as session:
        return list(session.scalars(select(AccessEvent).order_by(AccessEvent.at, AccessEvent.id)))


def test_p10_each_piece_is_in_the_log_with_its_stretch_and_clause(shown: Shown) -> None:
    amina = shown.scene["Amina"]
    assert [amina.get(shown.piece(number)).status_code for number in (0, 2)] == [302, 302]
    rows = [(row.what, row.clause, row.version_number, row.from_ms, row.until_ms) for row in log(shown)]
    assert rows == [("segment", "watch_named", 1, 0, 4000), ("segment", "watch_named", 1, 8000, 12_000)]
    page = shown.scene["Tom"].get(f"{shown.scene.lesson}/seen").text
    assert "0:00–0:04, 0:08–0:12" in page
    assert "named in protocol v1" in page


def test_p10_no_row_no_piece(shown: Shown, database: Database) -> None:
    with database.owner() as connection:
        connection.execute("REVOKE INSERT ON access_event FROM backrow_app")
    shown.scene.app.testing = False  # as people meet it
    answer = shown.scene["Amina"].get(shown.piece(0))
    assert (answer.status_code, answer.headers.get("Location")) == (500, None)
    assert log(shown) == []


@pytest.mark.parametrize("act", ["pause", "withdraw", "erase"])
def test_p07_the_very_next_request_gets_nothing(shown: Shown, act: str) -> None:
    amina, tom = shown.scene["Amina"], shown.scene["Tom"]
    asked = [
        shown.piece(1),
        f"{shown.folder}/240p.m3u8",
        f"{shown.folder}/master.m3u8",
        f"{shown.folder}/240p/init.mp4",
    ]
    assert [amina.get(address).status_code for address in asked] == [302, 200, 200, 302]
    assert tom.post(f"{shown.scene.lesson}/{act}").status_code == 303
    assert [amina.get(address).status_code for address in asked] == [404] * 4
    assert amina.get(f"/api/v1{shown.scene.lesson}/play").status_code == 404


def test_p07_what_was_paused_opens_again_as_it_was(shown: Shown) -> None:
    tom = shown.scene["Tom"]
    tom.post(f"{shown.scene.lesson}/pause")
    tom.post(f"{shown.scene.lesson}/resume")
    assert shown.scene["Amina"].get(shown.piece(0)).status_code == 302


def test_p20_from_its_date_nobody_plays_it(shown: Shown, clock: Clock) -> None:
    tom = shown.scene["Tom"]
    assert tom.get(shown.piece(0)).status_code == 302
    clock.forward(days=31)
    assert [shown.scene[name].get(shown.piece(0)).status_code for name in ("Tom", "Amina")] == [404, 404]


def test_p38_without_a_session_nothing_and_from_another_site_nothing(shown: Shown) -> None:
    assert shown.scene.app.test_client().get(shown.piece(0)).status_code == 401
    foreign = shown.scene["Amina"].get(shown.piece(0), headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 403
    assert log(shown) == []


def test_p38_an_address_is_for_one_piece_and_keeps_no_longer_than_a_minute(shown: Shown) -> None:
    answer = shown.scene["Amina"].get(shown.piece(0))
    assert answer.headers["Cache-Control"] == "no-store"
    assert "/0.m4s?" in answer.headers["Location"]
    with shown.scene.app.test_client().get(answer.headers["Location"]) as piece:
        assert piece.data == b"a piece of a film"
    other = answer.headers["Location"].replace("/0.m4s?", "/1.m4s?")
    assert shown.scene.app.test_client().get(other).status_code == 403


@pytest.mark.parametrize("name", OUTSIDERS)
def test_p06_p12_whoever_is_not_named_finds_nothing(shown: Shown, name: str) -> None:
    asked = [shown.piece(0), f"{shown.folder}/master.m3u8", f"{shown.folder}/poster.jpg", f"{shown.scene.lesson}/seen"]
    assert [shown.scene[name].get(address).status_code for address in asked] == [404] * 4


def test_the_playlist_lists_what_is_there_and_ends(shown: Shown) -> None:
    text = shown.scene["Amina"].get(f"{shown.folder}/240p.m3u8").text
    assert [line for line in text.splitlines() if line.startswith("/media")] == [shown.piece(n) for n in range(3)]
    assert text.rstrip().endswith("#EXT-X-ENDLIST")


def test_a_clip_is_made_of_the_pieces_that_it_touches(shown: Shown) -> None:
    tom = shown.scene["Tom"]
    body = {"in_ms": 5000, "out_ms": 9000, "title": "Six seconds of nothing"}
    clip = tom.send("POST", f"/api/v1{shown.scene.lesson}/clips", body, key="a clip")
    assert clip.status_code == 201
    text = shown.scene["Amina"].get(f"{shown.folder}/clips/{clip.get_json()['id']}/240p.m3u8").text
    assert [line for line in text.splitlines() if line.startswith("/media")] == [shown.piece(1), shown.piece(2)]
    refused = tom.send("POST", f"/api/v1{shown.scene.lesson}/clips", body | {"out_ms": 10**9}, key="too long")
    assert (refused.status_code, refused.get_json()["code"]) == (422, "clip_unclear")
