"""The storyboard is handed out under the lesson's own rule, sheet by sheet, each with its row in the log."""

import pytest
from sqlalchemy import select

from app.lessons.media.models import Asset, Storyboard
from tests.app.lessons.playback.conftest import Shown
from tests.app.lessons.playback.test_playback import log
from video.storyboard import ON_A_SHEET


@pytest.fixture
def board(shown: Shown) -> str:
    """Give the lesson thirty small pictures on two sheets; say where."""
    with shown.scene.sessions.begin() as session:
        asset = session.scalars(select(Asset)).one()
        session.add(
            Storyboard(
                alliance_id=asset.alliance_id,
                asset_id=asset.id,
                sheet_keys=[f"r/{asset.recording_id}/film/sheet-{number}.jpg" for number in range(2)],
                times_ms=[place * 4000 for place in range(30)],
                changes=[0.0] * 30,
                width=160,
                height=90,
            )
        )
    return f"{shown.folder}/storyboard"


def test_its_cues_say_which_part_of_which_sheet(shown: Shown, board: str) -> None:
    answer = shown.scene["Amina"].get(f"{board}.vtt")
    assert answer.mimetype == "text/vtt"
    cues = answer.text.split("\n\n")
    assert cues[0] == "WEBVTT"
    assert cues[1] == f"00:00:00.000 --> 00:00:04.000\n{board}/0.jpg#xywh=0,0,160,90"
    assert cues[7] == f"00:00:24.000 --> 00:00:28.000\n{board}/0.jpg#xywh=160,90,160,90"
    assert cues[ON_A_SHEET + 1].endswith(f"{board}/1.jpg#xywh=0,0,160,90\n".rstrip())
    play = shown.scene["Amina"].get(f"/api/v1{shown.scene.lesson}/play").get_json()
    assert play["storyboard"] == f"{board}.vtt"


def test_p10_each_sheet_is_in_the_log_with_its_stretch(shown: Shown, board: str) -> None:
    amina = shown.scene["Amina"]
    assert [amina.get(f"{board}/{number}.jpg").status_code for number in (0, 1, 2)] == [302, 302, 404]
    rows = [(row.what, row.clause, row.from_ms, row.until_ms) for row in log(shown)]
    assert rows[0] == ("storyboard", "watch_named", 0, 100_000)
    assert rows[1][2] == 100_000
    assert len(rows) == 2


@pytest.mark.parametrize("name", ["Joan", "Zoe"])
def test_p06_whoever_is_not_named_finds_none(shown: Shown, board: str, name: str) -> None:
    asked = [f"{board}.vtt", f"{board}/0.jpg"]
    assert [shown.scene[name].get(address).status_code for address in asked] == [404, 404]


def test_p07_paused_nobody_else_sees_a_single_small_picture(shown: Shown, board: str) -> None:
    asked = [f"{board}.vtt", f"{board}/0.jpg"]
    assert [shown.scene["Amina"].get(address).status_code for address in asked] == [200, 302]
    shown.scene["Tom"].post(f"{shown.scene.lesson}/pause")
    assert [shown.scene["Amina"].get(address).status_code for address in asked] == [404, 404]
    assert [shown.scene["Tom"].get(address).status_code for address in asked] == [200, 302]


def test_without_one_there_is_nothing_to_find(shown: Shown) -> None:
    tom = shown.scene["Tom"]
    assert tom.get(f"{shown.folder}/storyboard.vtt").status_code == 404
    assert tom.get(f"/api/v1{shown.scene.lesson}/play").get_json()["storyboard"] is None
    assert "storyboard=" not in tom.get(shown.scene.lesson).text
