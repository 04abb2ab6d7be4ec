"""Targets: set for the next lesson, tried or not yet; nobody else's."""

import re
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from app.agreements.cycles.models import Cycle, CycleState
from app.reflection.targets.models import Target
from tests.app.observation.scene import build


def test_a_target_is_tried_and_not_yet_after_all(sessions: sessionmaker[Session], tmp_path: Path) -> None:
    scene = build(sessions, tmp_path)
    assert "you can set yourself one next step" in scene["Tom"].get("/me/targets").text
    assert scene["Tom"].post(f"{scene.cycle}/targets", {"body": "  "}).status_code == 422
    day = {"by_on-day": "31", "by_on-month": "2", "by_on-year": "2026"}
    wrong = scene["Tom"].post(f"{scene.cycle}/targets", {"body": "Wait three seconds.", **day})
    assert wrong.status_code == 422
    assert "Wait three seconds." in wrong.text
    good = scene["Tom"].post(f"{scene.cycle}/targets", {"body": "Wait three seconds.", **day, "by_on-day": "28"})
    assert good.status_code == 303
    page = scene["Tom"].get("/me/targets").text
    assert "By 28 February" in page
    assert len(re.findall("I tried this", page)) == 1
    with scene.sessions() as session:
        target_id = session.scalars(select(Target.id)).one()
        # A target set before anybody has fed back doesn't end the turn.
        assert session.get_one(Cycle, scene.ids["cycle"]).state == CycleState.OBSERVING
    for address, tried in ((f"/me/targets/{target_id}/tried", True), (f"/me/targets/{target_id}/not-yet", False)):
        for _ in range(2):
            assert scene["Tom"].post(address).status_code == 303
            with scene.sessions() as session:
                assert (session.get_one(Target, target_id).tried_at is not None) is tried
        for who in ("Amina", "Joan", "Zoe"):
            assert scene[who].post(address).status_code == 404
