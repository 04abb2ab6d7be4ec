"""Tom's lesson in any of its states, asked for by the addresses that a person or a script uses."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from werkzeug.test import TestResponse

from app import clock, ids
from app.agreements.consents.models import Objection
from app.agreements.cycles.models import Cycle, CycleState
from app.agreements.protocols.models import ProtocolVersion, VersionState
from app.audit.models import AuditEvent
from app.lessons.recordings.models import Hold, Recording, RecordingState
from app.people.accounts.models import Person
from app.people.alliances.models import Alliance
from tests.app.observation.scene import TRIAD, Scene
from tests.world import World

VERBS = ("share", "carry-over", "pause", "resume", "withdraw", "erase")
ZONE = "Europe/London"


@dataclass
class Lesson:
    """The lesson, its people, and what may be done to it."""

    scene: Scene

    @property
    def at(self) -> str:
        """Give its address."""
        return self.scene.lesson

    @property
    def row(self) -> Recording:
        """Give its row as it is kept now."""
        with self.scene.sessions() as session:
            session.expire_on_commit = False
            return session.get_one(Recording, self.scene.ids["recording"])

    @property
    def log(self) -> list[tuple[str, str | None, str | None, str]]:
        """List what the log tells of it: what, from, to, by which rule."""
        with self.scene.sessions() as session:
            kept = session.scalars(
                select(AuditEvent).where(AuditEvent.thing_id == self.scene.ids["recording"]).order_by(AuditEvent.number)
            )
            return [(event.what, event.from_state, event.to_state, event.rule) for event in kept]

    def change(self, **values: Any) -> None:  # noqa: ANN401 - columns of the recording
        """Set facts of the recording, as rows."""
        with self.scene.sessions.begin() as session:
            recording = session.get_one(Recording, self.scene.ids["recording"])
            for name, value in values.items():
                setattr(recording, name, value)

    def bring_into(self, state: str) -> None:
        """Bring it into one of the rule book's states."""
        match state:
            case "private":
                self.change(state=RecordingState.PRIVATE, bound_version_id=None)
            case "paused" | "withdrawn" | "erasing" | "erased":
                self.change(state=state)
            case "past":
                self.change(delete_at=self.now())
            case "changed":
                self.version(2, state=VersionState.PROPOSED, signed=["Tom"], kind="clauses")
            case "newer":
                self.succeed()
            case "objection" | "hold":
                self._close(state)

    def succeed(self, number: int = 2, **clauses: Any) -> UUID:  # noqa: ANN401 - of the version
        """Put a further version in force, signed by all."""
        with self.scene.sessions.begin() as session:
            former = session.scalars(
                select(ProtocolVersion).where(
                    ProtocolVersion.project_id == self.scene.ids["project"],
                    ProtocolVersion.state == VersionState.IN_FORCE,
                )
            ).one()
            former.state = VersionState.SUPERSEDED
        return self.version(number, **clauses)

    def version(self, number: int, **facts: Any) -> UUID:  # noqa: ANN401 - of the version
        """Make a version of the triad's protocol."""
        with self.scene.sessions.begin() as session:
            recording = session.get_one(Recording, self.scene.ids["recording"])
            world = World(session, "Spare")
            world.alliance = session.get_one(Alliance, recording.alliance_id)
            world.people = {name: session.get_one(Person, self.scene.ids[name]) for name in TRIAD}
            cycle = session.get_one(Cycle, recording.cycle_id)
            project = cycle.project_id
            made = world.version(
                session.get_one(type(world.project("Tom")), project),
                number,
                roster=TRIAD,
                **{"watchers": tuple(TRIAD), **facts},
            )
            return made.id

    def post(self, verb: str, who: str = "Tom", **form: Any) -> TestResponse:  # noqa: ANN401 - fields
        """Press a button of the sharing page, which names the version that it showed."""
        return self.scene[who].post(f"{self.at}/{verb}", {"version_id": str(self.in_force()), **form})

    def send(self, verb: str, who: str = "Tom", *, key: object = None, **body: Any) -> TestResponse:  # noqa: ANN401
        """Do it by JSON."""
        if verb in ("share", "carry-over") and "version_id" not in body:
            body["version_id"] = str(self.in_force())
        return self.scene[who].send("POST", f"/api/v1{self.at}/{verb}", body, key=str(key or ids.new()))

    def keep(self, day: date, who: str = "Tom") -> TestResponse:
        """Choose a day on the sharing page."""
        parts = {"delete_on-day": day.day, "delete_on-month": day.month, "delete_on-year": day.year}
        return self.scene[who].post(f"{self.at}/keep", parts)

    def page(self, who: str = "Tom") -> str:
        """Read the sharing page."""
        answer = self.scene[who].get(f"{self.at}/sharing")
        assert answer.status_code == 200, answer.text
        return re.sub(r"\s+", " ", answer.text)

    def sees(self, *names: str) -> dict[str, bool]:
        """Say who of these may open the lesson now."""
        return {name: self.scene[name].get(self.at).status_code == 200 for name in names}

    def in_force(self) -> UUID:
        """Give the version in force."""
        with self.scene.sessions() as session:
            return session.scalars(
                select(ProtocolVersion.id).where(
                    ProtocolVersion.project_id == self.scene.ids["project"],
                    ProtocolVersion.state == VersionState.IN_FORCE,
                )
            ).one()

    def now(self) -> Any:  # noqa: ANN401 - an instant
        """Ask the database what time it is."""
        with self.scene.sessions() as session:
            return session.scalars(select(clock.now())).one()

    def day(self, days: int) -> date:
        """Give the day that is so many days ahead, where the alliance is."""
        moment = self.now() + timedelta(days=days)
        day: date = moment.astimezone(ZoneInfo(ZONE)).date()
        return day

    def cycle_state(self) -> CycleState:
        """Say how far the turn is."""
        with self.scene.sessions() as session:
            return CycleState(session.get_one(Cycle, self.scene.ids["cycle"]).state)

    def _close(self, state: str) -> None:
        with self.scene.sessions.begin() as session:
            recording = session.get_one(Recording, self.scene.ids["recording"])
            if state == "hold":
                placed_by = self.scene.ids["Joan"]
                session.add(Hold(alliance_id=recording.alliance_id, recording_id=recording.id, placed_by=placed_by))
                return
            session.add(
                Objection(
                    alliance_id=recording.alliance_id,
                    school_id=recording.school_id,
                    class_code="8f2 ",
                    from_on=recording.recorded_on,
                    recorded_by=self.scene.ids["Joan"],
                )
            )
