"""A newer protocol comes: who may watch a lesson that was shared before changes by its teacher's own act alone."""

import re
from dataclasses import dataclass
from html import unescape
from uuid import UUID

import pytest
from werkzeug.test import TestResponse

from app.agreements.projects.models import Project
from app.audit.models import AuditEvent
from app.lessons.recordings.models import Recording
from tests.app.agreements.web import Web, fields, version_of

EVERYBODY = ("Amina", "Tom", "Priya")


@dataclass
class Shared:
    """Amina's lesson, and the pages by which its project agrees anew."""

    web: Web
    project_id: UUID
    recording_id: UUID

    @property
    def at(self) -> str:
        """Give the lesson's address."""
        return f"/recordings/{self.recording_id}"

    def row(self) -> Recording:
        """Give the lesson as it is kept now."""
        with self.web.sessions() as session:
            return session.get_one(Recording, self.recording_id)

    def watchers(self) -> set[str]:
        """Say who of all can open the lesson's page now."""
        return {name for name in EVERYBODY if self.web.of(name).get(self.at).status_code == 200}

    def propose(self, number: int, **changes: object) -> None:
        """Let Tom write a further version on its page, and put it to the group."""
        self.web.of("Tom").post(f"/projects/{self.project_id}/protocol/draft")
        edit = f"/projects/{self.project_id}/protocol/edit"
        form = fields(self.web.of("Tom").get(edit).text) | changes | {"do": "propose"}
        answer = self.web.of("Tom").post(edit, form)
        assert answer.location == f"/projects/{self.project_id}/protocol/v{number}/sign", answer.text

    def sign(self, number: int, *names: str) -> None:
        """Let people read and sign it on its page."""
        at = f"/projects/{self.project_id}/protocol/v{number}/sign"
        for name in names:
            form = fields(self.web.of(name).get(at).text) | {"typed_name": f"{name} Day", "read": "y"}
            assert self.web.of(name).post(at, form).status_code == 303

    def page(self) -> str:
        """Read the sharing page."""
        return re.sub(r"\s+", " ", unescape(self.web.of("Amina").get(f"{self.at}/sharing").text))

    def press(self, verb: str) -> TestResponse:
        """Press one of its buttons, with all that its form holds."""
        form = re.search(rf'<form[^>]*action="{self.at}/{verb}".*?</form>', self.page())
        assert form is not None, "the page has this button"
        return self.web.of("Amina").post(f"{self.at}/{verb}", fields(form.group()))

    def log(self) -> list[tuple[str, str | None, str | None]]:
        """List what the log tells of the lesson."""
        return self.web.ask(
            lambda session: [
                (event.what, event.from_state, event.to_state)
                for event in session.query(AuditEvent).filter_by(thing_id=self.recording_id).order_by(AuditEvent.number)
            ]
        )


def change(page: str) -> dict[str, str]:
    """Read what the page says would change."""
    return dict(re.findall(r"<li>(Comes|Goes|Sees)[^:]*: ([^<]*?) ?</li>", page))


@pytest.fixture
def shared(web: Web) -> Shared:
    project_id = web.agreed("Amina", "Tom")
    with web.sessions.begin() as session:
        town = web.town(session)
        version = version_of(session, project_id)
        recording = town.lesson(session.get_one(Project, project_id), "Amina", version)
        return Shared(web, project_id, recording.id)


def asking_priya(shared: Shared) -> dict[str, object]:
    return {"asked": [str(shared.web.here["Priya"].id)]}


def test_p05_a_newcomer_sees_it_by_its_teachers_own_act_and_never_before(shared: Shared) -> None:
    shared.propose(2, **asking_priya(shared))
    assert shared.watchers() == {"Amina", "Tom"}, "a people version disturbs nobody"
    shared.sign(2, "Tom", "Priya")
    assert "A newer protocol is in force" not in shared.page()
    assert shared.web.of("Amina").post(f"{shared.at}/carry-over").status_code == 409
    shared.sign(2, "Amina")
    assert shared.watchers() == {"Amina", "Tom"}, "all have signed, but she has not carried this lesson over"
    page = shared.page()
    assert change(page) == {"Comes": "Priya Day (Hillside)", "Goes": "Tom Day (St Mary's)", "Sees": "nobody"}
    assert "Priya Day (Hillside) and Tom Day (St Mary's) can watch this, as protocol v2 names them" in page
    assert shared.watchers() == {"Amina", "Tom"}, "reading about it changes nothing"
    bound = shared.row().bound_version_id
    assert shared.press("carry-over").status_code == 303
    assert shared.watchers() == set(EVERYBODY)
    row = shared.row()
    assert row.bound_version_id != bound
    assert row.audience is not None
    assert row.audience in page
    assert shared.log() == [("recording.carried_over", "shared v1", "shared v2")]
    assert "A newer protocol is in force" not in shared.page()


@pytest.mark.parametrize("name", ["Tom", "Priya"])
def test_p05_nobody_else_carries_it_over(shared: Shared, name: str) -> None:
    shared.propose(2, **asking_priya(shared))
    shared.sign(2, *EVERYBODY)
    version_id = str(shared.web.ask(lambda session: version_of(session, shared.project_id, 2).id))
    answer = shared.web.of(name).post(f"{shared.at}/carry-over", {"version_id": version_id})
    assert answer.status_code == (409 if name == "Tom" else 404)
    assert shared.watchers() == {"Amina", "Tom"}


def test_p04_a_changed_clause_closes_it_and_the_last_signature_opens_it_as_it_was(shared: Shared) -> None:
    shared.propose(2, feedback_days="4", **asking_priya(shared))
    assert shared.watchers() == {"Amina"}
    shared.sign(2, "Tom", "Priya")
    assert shared.watchers() == {"Amina"}
    shared.sign(2, "Amina")
    assert shared.watchers() == {"Amina", "Tom"}
    shared.press("carry-over")
    assert shared.watchers() == set(EVERYBODY)


def test_whom_the_newer_version_leaves_out_loses_sight_at_once_and_the_page_names_them(shared: Shared) -> None:
    only_priya = [str(shared.web.here["Priya"].id)]
    shared.propose(2, **asking_priya(shared))
    shared.sign(2, *EVERYBODY)
    shared.press("carry-over")
    shared.propose(3, watchers=only_priya)
    shared.sign(3, *EVERYBODY)
    assert shared.watchers() == {"Amina", "Priya"}, "the newer version narrows at once"
    assert change(shared.page()) == {"Comes": "nobody", "Goes": "Priya Day (Hillside)", "Sees": "Tom Day (St Mary's)"}
    shared.press("carry-over")
    assert shared.watchers() == {"Amina", "Priya"}


def test_while_it_is_paused_nobody_comes_to_see_it_until_it_is_opened_again(shared: Shared) -> None:
    shared.propose(2, **asking_priya(shared))
    shared.sign(2, *EVERYBODY)
    shared.press("pause")
    assert change(shared.page()) == {"Comes": "Priya Day (Hillside)", "Goes": "Tom Day (St Mary's)", "Sees": "nobody"}
    shared.press("carry-over")
    assert (shared.row().state, shared.watchers()) == ("paused", {"Amina"})
    shared.press("resume")
    assert shared.watchers() == set(EVERYBODY)


def test_resuming_alone_binds_it_as_before(shared: Shared) -> None:
    shared.press("pause")
    shared.propose(2, **asking_priya(shared))
    shared.sign(2, *EVERYBODY)
    shared.press("resume")
    assert shared.watchers() == {"Amina", "Tom"}


def test_what_is_taken_back_and_shared_anew_is_under_the_version_that_the_page_names(shared: Shared) -> None:
    shared.press("withdraw")
    shared.propose(2, **asking_priya(shared))
    shared.sign(2, *EVERYBODY)
    assert shared.watchers() == {"Amina"}
    assert "Priya Day (Hillside) and Tom Day (St Mary's) can watch this, as protocol v2 names them" in shared.page()
    with shared.web.sessions.begin() as session:
        recording = session.get_one(Recording, shared.recording_id)
        recording.verified_at = recording.created_at
    shared.press("share")
    assert shared.watchers() == set(EVERYBODY)
    assert shared.log()[-1] == ("recording.shared", "withdrawn", "shared v2")


def test_a_page_read_under_another_version_carries_nothing_over(shared: Shared) -> None:
    shared.propose(2, **asking_priya(shared))
    shared.sign(2, *EVERYBODY)
    read = str(shared.web.ask(lambda session: version_of(session, shared.project_id, 2).id))
    shared.propose(3, feedback_days="3")
    shared.sign(3, *EVERYBODY)
    answer = shared.web.of("Amina").post(f"{shared.at}/carry-over", {"version_id": read})
    assert answer.status_code == 409
    assert "Another version is in force now. Read who may watch under it, then share." in answer.text
    assert shared.watchers() == {"Amina", "Tom"}
    assert shared.log() == []
