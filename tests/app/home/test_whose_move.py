"""Home says whom one waits for, at every move of a project, and offers the project page's own next step."""

import re
from html import unescape
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.cycles.models import Cycle, CycleState
from tests.app.agreements.web import Web, fields, opened, proposed


@pytest.fixture
def web(sessions: sessionmaker[Session], tmp_path: Path) -> Web:
    return Web.build(sessions, tmp_path)


def signs(web: Web, name: str, project_id: UUID) -> None:
    at = f"/projects/{project_id}/protocol/v1/sign"
    form = fields(web.of(name).get(at).text) | {"typed_name": f"{name} Day", "read": "y"}
    assert web.of(name).post(at, form).status_code == 303


def waits(web: Web, name: str) -> str:
    """Give what stands under *Waiting on others*."""
    return _words(web.of(name).get("/").text.split('id="waiting"')[1].split("</section>")[0])


def leads(web: Web, name: str, path: str) -> str:
    """Give where a page's one next step leads."""
    card = web.of(name).get(path).text.split("card--next")[1].split("</section>")[0]
    found = re.search(r'(?:href|action)="([^"]*)"', card)
    assert found, card
    return found.group(1)


def set_turn(web: Web, project_id: UUID, state: CycleState) -> None:
    with web.sessions.begin() as session:
        session.execute(update(Cycle).where(Cycle.project_id == project_id).values(state=state))


def _words(page: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", page)))


def test_whoever_signed_first_waits_for_the_others(web: Web) -> None:
    project_id = proposed(web)
    signs(web, "Tom", project_id)
    assert "Amina Day: sign the protocol for" in waits(web, "Tom")
    signs(web, "Amina", project_id)
    assert "sign the protocol" not in waits(web, "Tom")


def test_whoever_is_asked_waits_for_the_protocol(web: Web) -> None:
    project_id = opened(web)
    assert web.of("Tom").post(f"/projects/{project_id}/join").status_code == 303
    assert "Amina Day: put the protocol for" in waits(web, "Tom")
    assert "You wait for nobody." in waits(web, "Amina")


def test_whoever_does_not_teach_waits_for_the_lesson(web: Web) -> None:
    project_id = web.agreed()
    for state in (CycleState.BEGUN, CycleState.BRIEFED, CycleState.RECORDED):
        set_turn(web, project_id, state)
        # That a lesson has arrived, and isn't shared, is told to nobody: the words stay the same.
        assert "Amina Day: a lesson in" in waits(web, "Tom")
        assert "You wait for nobody." in waits(web, "Amina")


def test_whoever_has_taught_waits_for_the_next_turn(web: Web) -> None:
    project_id = web.agreed()
    set_turn(web, project_id, CycleState.CLOSED)
    assert "Tom Day: begin their turn in" in waits(web, "Amina")
    assert "You wait for nobody." in waits(web, "Tom")
    assert web.of("Tom").post(f"/projects/{project_id}/turn").status_code == 303
    assert "Tom Day: a lesson in" in waits(web, "Amina")


def test_home_and_the_project_offer_the_same_first_step(web: Web) -> None:
    project_id = opened(web)
    at = f"/projects/{project_id}"
    assert leads(web, "Amina", "/") == leads(web, "Amina", at) == f"{at}/protocol"
    edit = f"{at}/protocol/edit"
    assert web.of("Amina").post(edit, fields(web.of("Amina").get(edit).text) | {"do": "propose"}).status_code == 303
    set_turn(web, project_id, CycleState.BRIEFED)
    assert leads(web, "Amina", "/") == leads(web, "Amina", at) == f"{at}/protocol/v1/sign"
    signs(web, "Amina", project_id)
    signs(web, "Tom", project_id)
    assert leads(web, "Amina", "/") == leads(web, "Amina", at)
