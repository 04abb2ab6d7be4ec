"""Signs that the database can't keep are refused with a sentence, wherever they are typed."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.app.observation.scene import Scene, build

#: A NUL, and half of a pair of surrogates.
SIGNS = ("\0", "\ud800")


@pytest.fixture
def scene(sessions: sessionmaker[Session], tmp_path: Path) -> Scene:
    return build(sessions, tmp_path)


@pytest.mark.parametrize("sign", SIGNS)
def test_a_program_is_told(scene: Scene, sign: str) -> None:
    said = {"title": "Year 8", "class_code": "8F2", "body": f"What I hope{sign}", "hopes": "", "focus_item_ids": []}
    answer = scene["Tom"].send("PUT", f"/api/v1{scene.cycle}/briefing", said, match=0)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "sign_refused")


def test_a_person_is_told(scene: Scene) -> None:
    for path, form in (
        ("/me/settings/name", {"name": "Tom\0 Reed"}),
        ("/projects", {"title": "Wait\0 time"}),
        (f"{scene.cycle}/briefing", {"body": "What I hope\0"}),
    ):
        answer = scene["Tom"].post(path, form)
        assert answer.status_code < 500, (path, answer.status_code)


def test_a_sign_in_an_address_finds_nothing(scene: Scene) -> None:
    for path in ("/join/%00", "/reset/a%00b", "/sign-in?next=%00", f"{scene.lesson}?at=%00", "/storage/%00"):
        assert scene["Tom"].get(path).status_code < 500, path
