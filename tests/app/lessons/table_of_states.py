"""The rule book's table of states, and the world that it speaks of; both are plain readings of its words."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.agreements.consents.models import Consent, ConsentKind, Objection, Training
from app.agreements.projects.models import Capacity, Project
from app.agreements.protocols.models import ProtocolVersion, VersionKind, VersionState
from app.lessons.recordings.models import Case, Hold, Recording, RecordingState, ViewingWindow
from app.observation.feedback.models import Feedback
from app.people.guests.models import GuestLink
from app.people.memberships.models import Role
from tests.world import LESSON_ON, World

STATES = ("private", "shared", "changed", "newer", "paused", "withdrawn", "past", "objection", "hold")
EVERYBODY = "OBMGKRUFCLADSYZ"

#: action → who gets yes in each of STATES; `-` is nobody.
TABLE = {
    "rec.list": "O OBMGK O OBGK O O - O O",
    "rec.watch": "O OBMGK O OBGK O O - O -",
    "note.write": "O OBMGK O OBGK O O - O -",
    "note.read_own": "O OBMGKF OBMGKF OBMGKF OBMGKF OBMGKF - OBMGKF OBMGKF",
    "note.read_unreleased": "- - - - - - - - -",
    "feedback.release": "- BMG - BG - - - - -",
    "feedback.read": "- OB OB OB OB OB - OB OB",
    "feedback.respond": "- O O O O O - O O",
    "clip.make": "O O O O O O - O -",
    "video.download": "- - - - - - - - -",
    "rec.share": "O - - - - O - - -",
    "rec.carry_over": "- - - O - - - - -",
    "rec.pause": "- O O O - - - O O",
    "rec.resume": "- - - - O - - - -",
    "rec.withdraw": "- O O O O - - O O",
    "rec.erase": "O O O O O O - O -",
    "rec.keep_longer": "O O O O O O - - -",
    "rec.keep_shorter": "O O O O O O - O -",
    "log.read": "O O O O O O O OD OD",
    "log.read_own": "O OBMGKF OBMGKF OBMGKF OBMGKF OBMGKF OBMGKF OBMGKF OBMGKF",
    "protocol.read": " ".join(["OBMGKRU"] * 9),
    "protocol.propose": "OBMR OBMR - OBMRU OBMR OBMR OBMR OBMR OBMR",
}


def who_may(action: str, state: str) -> set[str]:
    """Read one cell."""
    return set(TABLE[action].split()[STATES.index(state)]) - {"-"}


@dataclass
class Scene:
    """One column of the table: the world, and the things its rows ask about."""

    world: World
    decoy: World
    project: Project
    version: ProtocolVersion
    recording: Recording
    feedback: Feedback | None


def build(session: Session, state: str) -> Scene:
    """Build the world that the table speaks of, in one of its states."""
    world, decoy = World(session), World(session, name="Decoy")
    _people(world, decoy)
    capacities = {
        "O": Capacity.TEACHER,
        "B": Capacity.OBSERVER,
        "M": Capacity.MENTOR,
        "G": Capacity.GUEST,
        "K": Capacity.DETECTIVE,
        "R": Capacity.MODERATOR,
    }
    project = world.project("O", **capacities)
    world.participant(project, "U", Capacity.OBSERVER)
    world.participant(project, "F", Capacity.OBSERVER, left=True)
    clauses: dict[str, Any] = {"readers": "group", "library": "clips", "pupils": "yes"}
    version = world.version(project, 1, roster=capacities, watchers="BMGK", **clauses)
    cycle = world.cycle(project, "O")
    shared = {
        "private": RecordingState.PRIVATE,
        "paused": RecordingState.PAUSED,
        "withdrawn": RecordingState.WITHDRAWN,
    }
    recording = world.recording(
        cycle, state=shared.get(state, RecordingState.SHARED), bound=None if state == "private" else version
    )
    _guard_pupil(world, project, recording)
    feedback = None if state == "private" else _notes_and_looks(world, recording)
    if state == "private":
        world.note(recording, "O")
        world.watched(recording, "O", clause="watch_owner")
    _turn(world, project, version, recording, state)
    session.flush()
    return Scene(world, decoy, project, version, recording, feedback)


def _people(world: World, decoy: World) -> None:
    for name in "OF":
        world.person(name)
    for name in "BMRU":
        world.person(name, school="St Mary's")
    world.person("G", school=None)
    world.person("K", roles=[Role.PUPIL])
    world.person("C", roles=[Role.CO_ORDINATOR, Role.TEACHER])
    world.person("L", roles=[Role.ALLIANCE_LEAD])
    world.person("A", roles=[Role.SCHOOL_ADMINISTRATOR])
    world.person("D", roles=[Role.DATA_PROTECTION_LEAD])
    world.person("S", roles=[Role.SAFEGUARDING_LEAD])
    world.person("Y", school=None)
    world.people["Z"] = decoy.person("Z", roles=list(Role))


def _guard_pupil(world: World, project: Project, recording: Recording) -> None:
    pupil, alliance_id = world.people["K"], world.alliance.id
    guest = world.people["G"]
    link = GuestLink(
        alliance_id=alliance_id, person_id=guest.id, project_id=project.id, until_at=world.now + timedelta(days=30)
    )
    world.add(link)
    world.add(Training(person_id=pupil.id, alliance_id=alliance_id))
    world.add(Consent(alliance_id=alliance_id, person_id=pupil.id, kind=ConsentKind.DETECTIVE))
    window = ViewingWindow(
        alliance_id=alliance_id,
        recording_id=recording.id,
        pupil_id=pupil.id,
        opened_by=world.people["C"].id,
        from_at=world.now - timedelta(minutes=10),
        until_at=world.now + timedelta(minutes=40),
    )
    world.add(window)


def _notes_and_looks(world: World, recording: Recording) -> Feedback:
    for name in "OBMGKF":
        world.note(recording, name)
        world.watched(recording, name)
    feedback = world.feedback(recording, "B")
    world.note(recording, "B", feedback=feedback, body="B's released note")
    return feedback


def _turn(world: World, project: Project, version: ProtocolVersion, recording: Recording, state: str) -> None:
    """Bring the world into its state."""
    everyone = {
        "O": Capacity.TEACHER,
        "B": Capacity.OBSERVER,
        "M": Capacity.MENTOR,
        "G": Capacity.GUEST,
        "K": Capacity.DETECTIVE,
        "R": Capacity.MODERATOR,
        "U": Capacity.OBSERVER,
    }
    clauses: dict[str, Any] = {"readers": "group", "library": "clips", "pupils": "yes"}
    proposed: dict[str, Any] = {"state": VersionState.PROPOSED, "signed": ["O"]}
    match state:
        case "shared":
            world.version(project, 2, roster=everyone, watchers="BMGKU", kind=VersionKind.PEOPLE, **proposed, **clauses)
        case "changed":
            world.version(project, 2, roster=everyone, watchers="BMGK", kind=VersionKind.CLAUSES, **proposed, **clauses)
        case "newer":
            version.state = VersionState.SUPERSEDED
            world.session.flush()
            world.version(
                project, 2, roster=everyone, watchers="BGKU", kind=VersionKind.CLAUSES, download="watchers", **clauses
            )
        case "past":
            recording.delete_at = world.now
        case "objection" | "hold":
            world.add(Case(alliance_id=world.alliance.id, recording_id=recording.id, opened_by=world.people["D"].id))
            _close(world, recording, state)


def _close(world: World, recording: Recording, state: str) -> None:
    if state == "hold":
        world.add(Hold(alliance_id=world.alliance.id, recording_id=recording.id, placed_by=world.people["S"].id))
        return
    objection = Objection(
        alliance_id=world.alliance.id,
        school_id=recording.school_id,
        class_code=" 8f2",
        from_on=LESSON_ON,
        recorded_by=world.people["C"].id,
    )
    world.add(objection)
