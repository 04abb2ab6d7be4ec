"""A teacher reads what was made of the film; nobody else does."""

from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy.orm import Session, sessionmaker

from app.lessons.media.account import sentences
from app.lessons.media.models import Asset
from app.lessons.recordings.models import Recording
from tests.app.observation.scene import build

PLAIN: Final[dict[str, Any]] = {
    "frames": 45_012,
    "vfr": False,
    "width": 1920,
    "height": 1080,
    "rotation": 0,
    "interlaced": False,
    "light": "sdr",
    "sounds": 1,
    "crowded": False,
    "notes": [],
    "renditions": [{"width": 426, "height": 240}, {"width": 854, "height": 480}, {"width": 1280, "height": 720}],
}


def test_a_plain_film_is_told_in_three_sentences() -> None:
    assert [said.replace("\u00a0", " ") for said in sentences(PLAIN, kept=45_012)] == [
        "All 45,012 pictures are kept.",
        "It came at 1920 × 1080, and is kept at 426 × 240, 854 × 480 and 1280 × 720, for any line.",
        "Where it was filmed, and on what, isn’t in what anybody watches.",
    ]


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (
            {"vfr": True},
            "All 45,012 pictures are kept, each at its own moment: the camera’s pace changed as it filmed.",
        ),
        ({"frames": 1}, "Its one picture is kept."),
        ({"rotation": 270}, "It was filmed with the camera turned; it is shown upright."),
        ({"interlaced": True}, "Its half pictures were put together into whole ones."),
        ({"light": "hlg"}, "Its high dynamic range was brought down to what every screen shows."),
        ({"sounds": 2}, "Of its 2 sound tracks, the loudest is heard."),
        ({"crowded": True}, "The times in its sound couldn’t be right; it is played through."),
        (
            {"notes": ["partial"]},
            "A part of this recording could not be read. You can watch the rest; times are unchanged.",
        ),
        (
            {"renditions": PLAIN["renditions"][:1]},
            "It came at 1920\u00a0×\u00a01080, and is kept at 426\u00a0×\u00a0240, for any line.",
        ),
    ],
)
def test_whatever_is_odd_about_it_is_told(fact: dict[str, object], said: str) -> None:
    facts = PLAIN | fact
    assert said not in sentences(PLAIN, kept=PLAIN["frames"])
    assert said in sentences(facts, kept=facts["frames"])


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (None, "It has 45,012 pictures."),
        (45_000, "Of its 45,012 pictures, 45,000 are kept; the others could not be read."),
    ],
    ids=["not prepared yet", "some are damaged"],
)
def test_no_more_is_said_to_be_kept_than_can_be_watched(kept: int | None, said: str) -> None:
    told = sentences(PLAIN, kept=kept)
    assert told[0] == said
    assert not [sentence for sentence in told if sentence.startswith("All")]


def test_its_teacher_alone_is_told(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    scene = build(sessions, tmp_path)
    with scene.sessions.begin() as session:
        recording = session.get_one(Recording, scene.ids["recording"])
        session.add(
            Asset(
                alliance_id=recording.alliance_id,
                recording_id=recording.id,
                kind="source",
                upload_id=recording.id,
                source_key="r/x/source",
                size_bytes=1,
                facts=PLAIN,
                planned_at=recording.created_at,
            )
        )
    pages = {who: scene[who].get(f"{scene.lesson}/status") for who in ("Tom", "Amina", "Zoe")}
    assert {who: page.status_code for who, page in pages.items()} == {"Tom": 200, "Amina": 200, "Zoe": 404}
    assert "Of its 45,012 pictures, 0 are kept" in pages["Tom"].text, "the scene has no film"
    assert "45,012" not in pages["Amina"].text
