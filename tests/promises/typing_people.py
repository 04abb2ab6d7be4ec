"""People who type a canary into everything that can be typed, from an empty installation to an answered feedback."""

import re
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app import ids
from app.agreements.cycles.models import Cycle
from app.agreements.protocols.models import ProtocolVersion
from app.lessons.recordings.models import Recording
from app.people.accounts.models import Person
from app.people.alliances.models import School
from tests.app.agreements.web import fields
from tests.browser import FIRST_RUN_CODE, Browser
from tests.conftest import Database
from tests.promises.canaries import Canaries


@dataclass
class Typist:
    """One person at a browser, whose name is a canary too."""

    browser: Browser
    name: str
    email: str

    def post(self, path: str, form: dict[str, Any]) -> TestResponse:
        """Send a form; it must be taken."""
        answer = self.browser.post(path, form)
        assert answer.status_code < 400, (path, answer.text)
        return answer

    def again(self, path: str, form: dict[str, Any]) -> TestResponse:
        """Send a page's form as it is shown, but for what is typed."""
        return self.post(path, fields(self.browser.get(path).text) | form)

    def send(self, method: str, path: str, body: dict[str, Any], *, match: int | None = None) -> dict[str, Any]:
        """Send JSON, as pages' scripts do; it must be taken."""
        answer = self.try_to_send(method, path, body, match=match)
        assert answer.status_code < 400, (path, answer.text)
        said: dict[str, Any] = answer.get_json()
        return said

    def try_to_send(self, method: str, path: str, body: dict[str, Any], *, match: int | None = None) -> TestResponse:
        """Send JSON."""
        headers = {"X-CSRF-Token": self.browser.token(), "Idempotency-Key": str(ids.new())}
        headers |= {} if match is None else {"If-Match": f'"{match}"'}
        return self.browser.client.open(path, method=method, json=body, headers=headers)


@dataclass
class Story:
    """Whoever types, and what they have come to."""

    app: Flask
    sessions: sessionmaker[Session]
    database: Database
    canaries: Canaries

    def words(self, home: str) -> str:
        """Type something."""
        return f"{self.canaries.new(home, {})} and more"

    def lines(self, home: str, *names: str) -> dict[str, str]:
        """Type something into each of these fields."""
        return {name: self.words(home) for name in names}

    def one(self, column: Any) -> Any:  # noqa: ANN401 - whatever the column holds
        """Give the newest one."""
        with self.sessions() as session:
            return session.scalars(select(column).order_by(column.desc()).limit(1)).one()

    def found(self) -> Typist:
        """Found the alliance."""
        founder = self._typist()
        said = {"code": FIRST_RUN_CODE, "alliance": "Valley", "school": self.words("school.name")}
        roles = ["data_protection_lead", "teacher"]
        password = self.words("account.password_hash")
        founder.post(
            "/set-up", {**said, "name": founder.name, "email": founder.email, "password": password, "roles": roles}
        )
        return founder

    def join(self, founder: Typist) -> Typist:
        """Let somebody be invited to a school of their own, and come."""
        founder.post("/alliance/schools", {"name": self.words("school.name")})
        newcomer = self._typist()
        asked = {"school_id": self.one(School.id), "name": self.words("invitation.name"), "email": newcomer.email}
        page = founder.post("/alliance/people", {**asked, "roles": "teacher"}).text
        (link,) = set(re.findall(r"/join/[\w-]+", page))
        self.canaries.hide(link.rpartition("/")[2])
        password = self.words("account.password_hash")
        newcomer.post(link, {"yes": "y", "name": newcomer.name, "password": password})
        return newcomer

    def agree(self, teacher: Typist, observer: Typist) -> UUID:
        """Open a project, write a protocol and a briefing, and sign; give the turn's id."""
        with self.sessions() as session:
            with_id = session.scalars(select(Person.id).where(Person.name == observer.name)).one()
        asked = {"kind": "peer_observation", "with_ids": with_id, "focus": "own"}
        asked |= {"title": self.words("project.title"), "aim": self.words("project.aim")}
        project = teacher.post("/projects/new", {**asked, "own_focus": self.words("focus_item.name")}).location
        observer.post(f"{project}/join", {})
        own = {"own_1_name": self.words("focus_item.name"), "own_1_question": self.words("focus_item.question")}
        own |= self.lines("focus_item.look_fors", "own_1_look_fors")
        own |= self.lines("protocol_version.principles", "own_principles")
        own |= self.lines("protocol_version.stages", "before", "during", "after")
        sign = teacher.again(f"{project}/protocol/edit", {**own, "do": "propose"}).location
        for person in (teacher, observer):
            person.again(sign, {"typed_name": person.name, "read": "y"})
        cycle_id: UUID = self.one(Cycle.id)
        told = {name: self.words(f"briefing.{name}") for name in ("title", "class_code", "body", "hopes")}
        teacher.again(f"/cycles/{cycle_id}/briefing", told)
        return cycle_id

    def film(self, teacher: Typist, cycle_id: UUID, film: Path) -> UUID:
        """Send a film by the plain form; give the lesson's id."""
        with film.open("rb") as file:
            sent = {"film": (file, f"{self.canaries.new('upload.name', {})}.mp4")}
            teacher.again(f"/cycles/{cycle_id}/upload", sent)
        found: UUID = self.one(Recording.id)
        return found

    def observe(self, teacher: Typist, observer: Typist, recording_id: UUID, cycle_id: UUID) -> None:
        """Share, note, feed back, answer, and go on."""
        lesson, turn = f"/recordings/{recording_id}", f"/api/v1/cycles/{cycle_id}"
        teacher.send("POST", f"/api/v1{lesson}/share", {"version_id": str(self.one(ProtocolVersion.id))})
        noted = [self.note(observer, recording_id) for _ in range(2)]
        said = {"note_ids": noted[:1], "took_away": self.words("feedback.took_away")}
        said |= self.lines("feedback.why_dont_you_try", "why_dont_you_try")
        feedback_id = observer.send("POST", f"{turn}/feedback", said)["feedback_id"]
        teacher.send("POST", f"/api/v1/notes/{noted[0]}/replies", {"body": self.words("reply.body")})
        choice = {"try_id": feedback_id, "choice": "will_try", "text": self.words("try_answer.body")}
        answer = {"choices": [choice], "thanks": self.words("response.thanks")}
        teacher.send("PUT", f"{turn}/response", answer, match=0)
        teacher.send("POST", f"{turn}/targets", {"body": self.words("target.body")})
        teacher.post(f"{lesson}/phases", {"at": "0:00", "name": self.words("chapter.name"), "hint": "no"})
        cues = f"WEBVTT\n\n00:00.000 --> 00:01.000\n{self.words('captions.cues')}\n".encode()
        teacher.post(f"{lesson}/captions", {"lang": "en", "file": (BytesIO(cues), "words.vtt")})
        clip = {"in_ms": 0, "out_ms": 1000, "title": self.words("clip.title"), "why": self.words("clip.why")}
        teacher.send("POST", f"/api/v1{lesson}/clips", clip)

    def note(self, observer: Typist, recording_id: UUID) -> str:
        """Write a note; give its id."""
        body = {"at_ms": 500, "kind": "try", "body": self.words("note.body")}
        found: str = observer.send("POST", f"/api/v1/recordings/{recording_id}/notes", body)["id"]
        return found

    def object_(self, teacher: Typist) -> None:
        """Record an objection at a teacher's school, and forget a password."""
        said = {"class_code": self.words("objection.class_code")}
        said |= {f"from_on-{part}": number for part, number in (("day", "1"), ("month", "3"), ("year", "2026"))}
        teacher.again(f"/schools/{self.one(School.id)}/objections", said)
        teacher.post("/forgotten", {"email": teacher.email})

    def _typist(self) -> Typist:
        """Sit down at a browser that says more of itself than it should."""
        browser = Browser.of(self.app)
        browser.client.environ_base["HTTP_USER_AGENT"] = f"Firefox {self.words('device.secret_hash')}"
        email = f"{self.canaries.new('account.email', {})}@valley.example"
        return Typist(browser, self.words("person.name"), email)
