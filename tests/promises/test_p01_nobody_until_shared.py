"""P1: nothing that is recorded is seen by anyone until its teacher shares it."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session, sessionmaker

from tests.promises.cast import OTHERS, OWNER, TITLE, Cast, cast


@pytest.fixture
def private(sessions: sessionmaker[Session], tmp_path: Path) -> Cast:
    """A fresh recording, which nobody has shared; everybody of the rule book stands around."""
    return cast(sessions, tmp_path, "private")


def test_p01_its_teacher_finds_it(private: Cast) -> None:
    assert private.ask(OWNER, f"/recordings/{private.ids['recording_id']}").status_code == 200
    assert TITLE in private.ask(OWNER, "/me/lessons").text


@pytest.mark.parametrize("who", OTHERS)
def test_p01_for_everybody_else_no_address_of_it_exists(private: Cast, who: str) -> None:
    asked = {address: private.ask(who, address).status_code for address in private.addresses("recording_id")}
    assert len(asked) >= 15
    assert {address: status for address, status in asked.items() if status != 404} == {}


@pytest.mark.parametrize("who", OTHERS)
def test_p01_it_is_in_nobody_elses_lists(private: Cast, who: str) -> None:
    told = {address: private.ask(who, address).text for address in private.plain_addresses()}
    assert "/" in told
    assert "/me/lessons" in told
    recording_id = str(private.ids["recording_id"])
    assert [address for address, text in told.items() if TITLE in text or recording_id in text] == []
