"""What one person can see of a turn, all of it, as one text."""

import re

from app.agreements.cycles.models import Cycle
from tests.app.observation.scene import Asker, Scene


def everything(scene: Scene, who: str) -> str:
    """Ask for every page and list that could show somebody's notes, as one text."""
    asker: Asker = scene[who]
    paths = [
        "/",
        "/me/notes",
        "/me/targets",
        "/me/lessons",
        "/projects",
        f"/projects/{scene.ids['project']}",
        scene.cycle,
    ]
    paths += [scene.lesson, f"{scene.lesson}/notes", f"{scene.lesson}/sharing", f"{scene.lesson}/seen"]
    paths += [f"{scene.cycle}/feedback", f"{scene.cycle}/response", f"{scene.lesson}/status", "/notifications"]
    paths += [f"/api/v1{scene.lesson}/notes", f"/api/v1{scene.cycle}/feedback", f"/api/v1{scene.lesson}/play"]
    return "\n".join(asker.get(path, follow_redirects=True).text for path in paths)


def cycle_state(scene: Scene) -> str:
    with scene.sessions() as session:
        return session.get_one(Cycle, scene.ids["cycle"]).state


def plain(page: str) -> str:
    """Leave out what differs between any two answers: nonces, tokens, request ids."""
    return re.sub(
        r'\?v=\w+|nonce="[^"]*"|value="[0-9a-f]{64}"|content="[0-9a-f]{64}"|<code>\w+</code>|"retry[^,]*', "", page
    )
