"""Nobody's words can run as a program on somebody else's page: what people type comes out as text."""

from html.parser import HTMLParser

import pytest
from sqlalchemy import select, update

from app import ids
from app.agreements.cycles.models import Briefing
from app.lessons.clips.models import Clip
from app.lessons.recordings.models import Recording
from app.people.accounts.models import Person
from tests.app.observation.scene import Scene

CORPUS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'><a href=javascript:alert(1)>x</a>",
    "</textarea><iframe srcdoc='<script>alert(1)</script>'>",
    '<div hx-get="/sign-out" hx-trigger="load">',
    "{{ 7 * 7 }}{% raw %}",
    "<br-player src=/x></br-player><style>*{display:none}</style>",
    "</title><meta http-equiv=refresh content=0>",
)
#: Elements that only somebody's smuggled words would bring to these pages.
FOREIGN = {"img", "iframe", "style", "object", "embed", "math", "base"}


class Reader(HTMLParser):
    """Reads a page as a browser does: which elements are there, with which attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.append((tag, dict(attrs)))


def smuggled(page: str) -> list[str]:
    """List what no page of ours has: foreign elements, handlers, scripts without nonce, refreshes, script addresses."""
    found = []
    for tag, attrs in Reader(page).tags:
        if tag in FOREIGN or any(name.startswith("on") for name in attrs):
            found.append(tag)
        if tag == "script" and not attrs.get("nonce"):
            found.append(tag)
        if tag == "meta" and "http-equiv" in attrs:
            found.append(tag)
        if str(attrs.get("href", "")).strip().lower().startswith("javascript:"):
            found.append("javascript:")
        if any(name.startswith("hx-") and name != "hx-ignore" for name in attrs) and "hx-nonce" not in attrs:
            found.append(f"{tag} without nonce")
        if tag == "br-player" and not str(attrs.get("src", "")).startswith("/api/v1/recordings/"):
            found.append(tag)
    return found


def test_p47_the_reader_itself_finds_what_is_smuggled() -> None:
    for words in CORPUS:
        if words.startswith("{{"):
            continue
        assert smuggled(words), words


@pytest.fixture
def worst(scene: Scene) -> Scene:
    """Type the whole corpus into every field that these pages show."""
    words = " ".join(CORPUS)
    with scene.sessions.begin() as session:
        session.execute(update(Recording).where(Recording.id == scene.ids["recording"]).values(title=words))
        session.execute(update(Person).where(Person.id.in_([scene.ids["Amina"], scene.ids["Tom"]])).values(name=words))
        recording = session.scalars(select(Recording).where(Recording.id == scene.ids["recording"])).one()
        session.add(
            Briefing(
                cycle_id=recording.cycle_id,
                alliance_id=recording.alliance_id,
                title=words,
                body=words,
                class_code=words,
            )
        )
        session.add(
            Clip(
                alliance_id=recording.alliance_id,
                recording_id=recording.id,
                author_id=recording.owner_id,
                in_ms=0,
                out_ms=1000,
                title=words,
                why=words,
            )
        )
    return scene


def test_p47_words_in_every_field_come_out_as_text(worst: Scene) -> None:
    scene, words = worst, " ".join(CORPUS)
    note, kept = scene.note("Amina", words, kind="try"), scene.note("Amina", words)
    pages = [scene["Amina"].get(f"{scene.lesson}/notes/{kept['id']}/edit", headers={"HX-Request": "true"}).text]
    pages.append(scene["Amina"].post(f"{scene.lesson}/notes", {"at": words, "kind": words, "body": words}).text)
    pages.append(scene["Amina"].get(f"{scene.cycle}/feedback").text)
    pages.append(scene["Amina"].post(f"{scene.cycle}/feedback", {"took_away": words, "note_ids": [words]}).text)
    scene.share("Amina", note["id"], took_away=words, why_dont_you_try=words)
    reply = {"body": words}
    assert scene["Tom"].send("POST", f"/api/v1/notes/{note['id']}/replies", reply, key=ids.new()).status_code == 201
    before = scene["Tom"].get(f"{scene.cycle}/response").text
    answer = {"choices": [{"try_id": note["id"], "choice": "will_try", "text": words}], "thanks": words}
    assert scene["Tom"].send("PUT", f"/api/v1{scene.cycle}/response", answer, match=0).status_code == 200
    assert scene["Tom"].send("POST", f"/api/v1{scene.cycle}/targets", {"body": words}, key=ids.new()).status_code == 201
    with scene.sessions() as session:
        clip_id = session.scalars(select(Clip.id)).one()
    pages += [before]
    for who in ("Amina", "Tom"):
        for path in ("/", "/me/notes", "/me/targets", scene.lesson, f"{scene.lesson}/notes", f"/clips/{clip_id}"):
            pages.append(scene[who].get(path).text)
        for path in (
            f"{scene.lesson}/notes/{note['id']}",
            f"{scene.cycle}/response",
            f"{scene.cycle}/feedback",
            scene.cycle,
        ):
            pages.append(scene[who].get(path, follow_redirects=True).text)
    pages.append(scene["Amina"].post(f"{scene.lesson}/notes/{kept['id']}/delete").text)
    for page in pages:
        assert smuggled(page) == [], page[:400]
        assert "<script>alert" not in page
        assert "49" not in page.split("{{ 7 * 7 }}")[0][-5:]
    assert sum("&lt;script&gt;alert(1)" in page for page in pages) >= len(pages) - 2
