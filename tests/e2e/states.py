"""Every page and each of its states: where it is, who opens it there, and what must be true of it as shown."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from app.web.build_assets import NODE_MODULES
from tests.e2e.people import AXE_RULES, NARROW, PICTURES, WIDE

#: GET routes that are no pages that people look at, by how their address begins, each with its reason.
NO_PAGES = {
    "/api/openapi.json": "answers in JSON, to scripts",
    "/api/v1/": "answers in JSON, to scripts",
    "/exports/": "files, for one's own disk",
    "/media/": "playlists, segments and pictures, for the player",
    "/static/": "files of the pages",
    "/storage/": "bytes of objects",
    "/healthz": "for the machine that watches over it",
    "/metrics": "numbers, for the machine that watches over it",
}
#: Pages that this test can't open, each with its reason.
LEFT_OUT = {
    "/recordings/<uuid:recording_id>/captions/<lang>.<any(vtt, srt):kind>": "a file, for the teacher's own disk",
    "/recordings/<uuid:recording_id>/blur/use": "there once a whole copy was made: `test_blur.py` comes by",
    "/help/parts": "the parts of our pages, shown only where Backrow is developed",
    "/me/settings/address/<token>": "sealed by the web process for a letter, which is sent only where mail is",
}
_A_BUTTON = "a button by itself: there is nothing to type"
#: Forms that can't be sent wrongly, each with its reason.
NEVER_WRONG = {
    **dict.fromkeys(
        (
            "/alliance/people/<uuid:person_id>/resume",
            "/alliance/people/<uuid:person_id>/suspend",
            "/alliance/people/invitations/<uuid:invitation_id>/end",
            "/alliance/people/invitations/<uuid:invitation_id>/resend",
            "/alliance/people/memberships/<uuid:membership_id>/end",
            "/choose",
            "/clips/<uuid:clip_id>/delete",
            "/feedback/<uuid:feedback_id>/take-back",
            "/me/devices/<uuid:device_id>/end",
            "/me/targets/<uuid:target_id>/not-yet",
            "/me/targets/<uuid:target_id>/tried",
            "/projects/<uuid:project_id>/join",
            "/projects/<uuid:project_id>/leave",
            "/projects/<uuid:project_id>/protocol/draft",
            "/projects/<uuid:project_id>/protocol/v<int:number>/drop",
            "/projects/<uuid:project_id>/turn",
            "/recordings/<uuid:recording_id>/blur/begin",
            "/recordings/<uuid:recording_id>/blur/throw-away",
            "/recordings/<uuid:recording_id>/blur/use",
            "/recordings/<uuid:recording_id>/captions/<lang>/<any(hide, show):act>",
            "/recordings/<uuid:recording_id>/captions/<lang>/delete",
            "/recordings/<uuid:recording_id>/carry-over",
            "/recordings/<uuid:recording_id>/erase",
            "/recordings/<uuid:recording_id>/clips/restore",
            "/recordings/<uuid:recording_id>/notes/<uuid:note_id>/delete",
            "/recordings/<uuid:recording_id>/notes/<uuid:note_id>/restore",
            "/recordings/<uuid:recording_id>/pause",
            "/recordings/<uuid:recording_id>/resume",
            "/recordings/<uuid:recording_id>/share",
            "/recordings/<uuid:recording_id>/try-again",
            "/recordings/<uuid:recording_id>/withdraw",
            "/sign-in/link/<token>",
            "/sign-out",
        ),
        _A_BUTTON,
    ),
    "/forgotten": "answers the same whatever is typed, so that nobody learns who has an account",
}
#: The narrow one last: it is where axe looks.
BOTH = (WIDE, NARROW)
_SEEN = """() => {
  const shown = (each) => each.checkVisibility({ visibilityProperty: true });
  const all = (what) => [...document.querySelectorAll(what)].filter(shown);
  return {
    overhang: document.documentElement.scrollWidth - window.innerWidth,
    headings: all("h1").length,
    main_buttons: all(".button--main").map((each) => each.textContent.trim()),
    summary: all(".error-summary a, .error-summary li").length,
    mends: all(".error-summary a").map((each) => {
      const at = document.getElementById(each.hash.slice(1));
      const group = at?.closest("fieldset")?.getAttribute("aria-describedby") ?? "";
      const words = `${at?.getAttribute("aria-describedby") ?? ""} ${group}`.split(" ");
      const mends = words.map((id) => document.getElementById(id)).filter((one) => one?.matches(".mend"));
      const beside = mends.filter(shown).map((one) => one.textContent.replace("Problem: ", "").trim());
      return { field: each.hash, there: Boolean(at && shown(at)), above: [each.textContent], beside };
    }),
    empty: all(".empty").map((each) => ({
      sentences: [...each.querySelectorAll("p")].filter((p) => !p.querySelector("a")).map((p) => p.textContent.trim()),
      to_do: each.querySelectorAll("a[href]").length,
    })),
    forms: all("main form .button--main").length,
  };
}"""


@dataclass(frozen=True)
class Stop:
    """A page in a state: an address (`{amina_cycle}` stands for an id), who opens it, and what they do wrong there."""

    who: str
    address: str
    state: str = "filled"
    press: str = ""
    wrong: dict[str, str] = field(default_factory=dict)  # what is typed, by a field's label; no words untick a box
    to: str = ""  # where the form is sent, if not to the page's own address
    plain: bool = False  # in a browser without script
    first: str = ""  # the link that puts the form into the page

    @property
    def name(self) -> str:
        """Name the stop, for a test and a picture."""
        words = self.address.strip("/").replace("{", "").replace("}", "").replace("/", "-") or "home"
        presses = [self.press.lower().replace(" ", "-")] if self.press else []
        return "-".join([words, self.who or "signed-out", self.state, *presses])


def _as(who: str, *addresses: str, state: str = "filled") -> list[Stop]:
    return [Stop(who, address, state) for address in addresses]


FILLED = [
    *_as("", "/", "/privacy", "/accessibility", "/help", "/help/keys", "/sign-in", "/forgotten"),
    *_as("", "/join/{invited}", "/reset/{reset}", "/sign-in/link/{link}"),
    *_as("farid", "/choose"),
    *_as("joan", "/alliance", "/alliance/people", "/alliance/schools", "/alliance/words"),
    *_as("amina", "/", "/api/docs", "/me", "/me/devices", "/me/lessons", "/me/settings", "/me/targets", "/projects"),
    *_as("amina", "/projects/new", "/projects/{amina_project}", "/projects/{amina_project}/leave"),
    *_as("amina", "/projects/{amina_project}/protocol", "/projects/{amina_project}/protocol/v1"),
    *_as("amina", "/projects/{amina_project}/protocol/compare?from=1&to=1"),
    *_as("amina", "/cycles/{amina_cycle}", "/cycles/{amina_cycle}/feedback", "/cycles/{amina_cycle}/response"),
    *_as("amina", "/recordings/{amina_recording}", "/recordings/{amina_recording}/sharing"),
    *_as("amina", "/recordings/{amina_recording}/phases", "/recordings/{amina_recording}/captions"),
    *_as("amina", "/recordings/{amina_recording}/blur"),
    *_as("amina", "/recordings/{amina_recording}/captions/en", "/recordings/{amina_recording}/captions/en/delete"),
    *_as("amina", "/recordings/{amina_recording}/notes", "/recordings/{amina_recording}/notes/{amina_note}"),
    *_as("amina", "/recordings/{amina_recording}/status", "/recordings/{amina_recording}/delete"),
    *_as("amina", "/recordings/{amina_recording}/seen", "/clips/{amina_clip}"),
    *_as("ben", "/me/notes", "/recordings/{priya_recording}", "/recordings/{priya_recording}/notes/{priya_note}/edit"),
    *_as("ben", "/cycles/{priya_cycle}/feedback"),
    *_as("eve", "/cycles/{eve_cycle}/response", "/projects/{cerys_project}/protocol/v1/sign"),
    *_as("priya", "/recordings/{priya_recording}/download"),
    *_as("iris", "/cycles/{iris_cycle}/upload", "/cycles/{iris_cycle}/briefing"),
    *_as("grace", "/projects/{grace_project}/protocol/edit"),
    *_as("iris", "/schools/{hillside}/objections"),
]
EMPTY = [
    *_as("hugh", "/me/lessons", "/me/notes", "/me/targets", "/projects", state="empty"),
    *_as("dilys", "/recordings/{dilys_recording}/notes", "/recordings/{dilys_recording}/seen", state="empty"),
    *_as("dilys", "/cycles/{dilys_cycle}/response", "/recordings/{dilys_recording}/captions", state="empty"),
    *_as("priya", "/cycles/{dilys_cycle}/feedback", state="empty"),
    *_as("iris", "/projects/{grace_project}/protocol", "/schools/{hillside}/objections", state="empty"),
]
_WRONG = "mends"
_NO_DAY = {"Day": "31", "Month": "2", "Year": "2027"}
_UNAGREED = {"Feedback within so many school days": "0", **_NO_DAY}
_STRANGER = {"E-mail": "nobody@example.org", "Password": "not this one", "This is a shared computer": "yes"}
_UNSIGNED = {"I have read it": "yes", "Your name, typed": "Eve"}
_UNTITLED = {"What shall we call the lesson?": "", "Class (optional)": "R" * 200}
_UNNAMED = {"Begins at": "soon"}
_UNPLACED = {"Box": "12", "Left": "a bit", "Show me ten seconds from": "soon"}
_UNENDED = {"From": "0:30", "Until": "soon"}
_ME, _LESSON = "/me/settings", "/recordings/{priya_recording}"
_NOTE = f"{_LESSON}/notes/{{priya_note}}"
_SHARED = "/recordings/{amina_recording}/notes/{amina_note}"
_KEEP, _CLIPS = "/recordings/{amina_recording}/keep", "/recordings/{amina_recording}/clips"
_TARGETS, _ROLES = "/cycles/{ben_cycle}/targets", "/alliance/people/memberships/{amina_membership}"
#: Only there before anybody is.
SET_UP = Stop("", "/set-up", _WRONG, "Create the alliance", {"Your school": "Hillside"})
BRIEFING = Stop("iris", "/cycles/{iris_cycle}/briefing", _WRONG, "Keep the briefing", _UNTITLED)
MENDS = [
    Stop("", "/sign-in", _WRONG, "Sign in", _STRANGER),
    Stop("", "/join/{invited}", _WRONG, "Join", {"Choose a password": "short"}),
    Stop("", "/reset/{reset}", _WRONG, "Keep this password", {"New password": "short"}),
    Stop("joan", "/alliance/people", _WRONG, "Invite", {"Their name": "", "Their e-mail address": "nowhere"}),
    Stop("joan", "/alliance/schools", _WRONG, "Add this school"),
    Stop("joan", "/alliance/words", _WRONG, "Keep these names", {"The alliance’s name": ""}),
    Stop("joan", "/alliance/people", _WRONG, "Keep these", {"Teacher": ""}, to=_ROLES),
    Stop("amina", _ME, _WRONG, "Keep this name", {"What colleagues call you": ""}, to=f"{_ME}/name"),
    Stop("amina", _ME, _WRONG, "Keep the new password", {"The new one": "short"}, to=f"{_ME}/password"),
    Stop("amina", _ME, _WRONG, "Change my address", {"The new address": "nowhere"}, to=f"{_ME}/address"),
    Stop("amina", "/projects/new", _WRONG, "Start it", {"A name for it (optional)": "Questions"}),
    Stop("grace", "/projects/{grace_project}/protocol/edit", _WRONG, "Put it to the group", _UNAGREED),
    BRIEFING,
    Stop("iris", "/cycles/{iris_cycle}/upload", _WRONG, "Start sending", {"Class": "RW", **_NO_DAY}, plain=True),
    Stop("amina", "/recordings/{amina_recording}/sharing", _WRONG, "Keep it until then", _NO_DAY, to=_KEEP),
    Stop("amina", "/recordings/{amina_recording}", _WRONG, "Make the clip", _UNENDED, to=_CLIPS),
    Stop("amina", "/recordings/{amina_recording}/phases", _WRONG, "Keep the phases", _UNNAMED),
    Stop("amina", "/recordings/{amina_recording}/captions", _WRONG, "Keep these captions"),
    Stop("amina", "/recordings/{amina_recording}/captions/en", _WRONG, "Keep this page", {"From": "soon"}),
    Stop("amina", "/recordings/{amina_recording}/blur", _WRONG, "See ten seconds of it", _UNPLACED),
    Stop("priya", "/recordings/{priya_recording}/download", _WRONG, "Make the file", {"Until": "soon"}),
    Stop("ben", "/recordings/{priya_recording}/notes", _WRONG, "Keep this note"),
    Stop("ben", f"{_NOTE}/edit", _WRONG, "Keep the change", {"Moment": "soon"}, to=_NOTE),
    Stop("ben", _LESSON, _WRONG, "Keep the change", {"Moment": "soon"}, to=_NOTE, first="Change the note at 0:12"),
    Stop("amina", _SHARED, _WRONG, "Send the reply", to=f"{_SHARED}/replies"),
    Stop("ben", "/cycles/{priya_cycle}/feedback", _WRONG, "Share with Priya Nair", {"I took away…": "the silence"}),
    Stop("eve", "/cycles/{eve_cycle}/response", _WRONG, "Send my answer", {"In your words (optional)": "Gladly."}),
    Stop("ben", "/cycles/{ben_cycle}/response", _WRONG, "Set this target", {"I’ll try": "", **_NO_DAY}, to=_TARGETS),
    Stop("eve", "/projects/{cerys_project}/protocol/v1/sign", _WRONG, "I agree and sign", _UNSIGNED),
    Stop("iris", "/schools/{hillside}/objections", _WRONG, "Record it", {"Class": "8F2"}),
]


@dataclass
class Eye:
    """Looks at pages at both widths, and keeps what it saw where somebody asked for pictures."""

    folder: str | None = field(default_factory=lambda: os.environ.get(PICTURES))

    def look(self, page: Page, what: str, *, axe: bool = False) -> dict[str, Any]:
        """Check what is true of every page in every state; say what was seen at the narrow width."""
        seen: dict[str, Any] = {}
        for size in BOTH:
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a width and a height
            seen = page.evaluate(_SEEN)
            if self.folder:
                page.screenshot(path=Path(self.folder) / f"{what}-{size['width']}.png", full_page=True)
            assert seen["overhang"] <= 0, f"{what} sticks out at {size['width']} pixels"
            assert seen["headings"] == 1, what
            assert len(seen["main_buttons"]) <= 1, (what, seen["main_buttons"])
        if axe:
            page.evaluate((NODE_MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8"))
            found = page.evaluate(f"axe.run(document, {{runOnly: {AXE_RULES}}})")["violations"]
            assert [(each["id"], each["nodes"][0]["target"], each["nodes"][0]["html"]) for each in found] == [], what
        return seen


def check_empty(seen: dict[str, Any], what: str) -> None:
    """An empty state says a sentence, and there is one thing to do: its link, or the page's form."""
    assert seen["empty"], f"{what} says nothing"
    for each in seen["empty"]:
        assert len(each["sentences"]) == 1, what
        assert each["sentences"][0].endswith("."), what
    offers = max(each["to_do"] for each in seen["empty"])
    assert offers == 1 or seen["forms"] == 1, f"{what} offers nothing to do"


def check_mends(seen: dict[str, Any], what: str) -> None:
    """What is wrong stands in one list, and in the same words beside each field."""
    assert seen["summary"], f"{what} has no error summary"
    assert [each for each in seen["mends"] if each["above"] != each["beside"] or not each["there"]] == [], what
