"""What a scene of the table of states has besides: a row for every personal column, and whatever pages can tell of."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from app import ids
from app.agreements.consents.models import Objection
from app.agreements.cycles.models import Briefing, Cycle, CycleState
from app.agreements.projects.models import Capacity
from app.agreements.protocols.models import VersionKind, VersionState
from app.audit.models import KeptAnswer
from app.lessons.captions.models import Captions
from app.lessons.clips.models import Clip
from app.lessons.phases.models import Chapter
from app.lessons.recordings.models import Recording
from app.lessons.uploads.models import Upload, UploadState
from app.notify.models import Mail
from app.notify.service import tell
from app.observation.feedback.models import Response, TryAnswer
from app.observation.notes.models import Note, Reply
from app.people.accounts.models import AccountLink, Device, Throttle
from app.people.memberships.models import Invitation
from app.reflection.targets.models import Target
from tests.app.lessons.table_of_states import Scene
from tests.promises.readers import Facts
from tests.world import LESSON_ON, World

#: Whatever came in: everybody is told of everything, so that the page alone decides what is shown.
_KINDS = (
    "blur.made",
    "feedback.added",
    "feedback.released",
    "note.replied",
    "notes.erased",
    "objection.opened",
    "project.asked",
    "protocol.proposed",
    "recording.needs_attention",
    "recording.ready",
    "response.saved",
    "upload.mismatch",
)


def furnish(scene: Scene, state: str) -> Facts:
    """Add to a scene what its table doesn't ask for, and say what is whose."""
    world, decoy = scene.world, scene.decoy
    people = world.people.items()
    _doors(world)
    own = world.recording(world.cycle(scene.project, "B", 2), school="St Mary's", title="Forces", class_code="9S1")
    world.note(own, "B")
    draft: dict[str, Any] = {"state": VersionState.DRAFT, "kind": VersionKind.CLAUSES}
    version = world.version(scene.project, 3, roster={"O": Capacity.TEACHER}, signed=(), **draft)
    things = [scene.version.id, scene.project.id, *_answers(scene)]
    for recording in (scene.recording, own):
        _around(world, recording)
        things += [recording.id, recording.cycle_id]
    for kind in _KINDS:
        for thing_id in things:
            tell(world.session, [person.id for _, person in people], kind, thing_id)
    letters = {key: letter for letter, person in people for key in (person.id, person.account_id)}
    private = frozenset((own.id, own.cycle_id))
    return Facts(state, letters, world.alliance.id, decoy.alliance.id, private, version.id)


def _secret() -> str:
    return ids.token_hash(ids.token())


def _doors(world: World) -> None:
    """Give what people come in by, and what is kept of their coming and going."""
    at, soon = world.alliance.id, world.now + timedelta(days=7)
    olu, school = world.people["O"], world.school("Hillside")
    invitation = Invitation(
        alliance_id=at,
        school_id=school.id,
        invited_by=world.people["A"].id,
        email=f"{at.hex}@valley.example",
        name="New",
        roles=["teacher"],
        secret_hash=_secret(),
        expires_at=soon,
    )
    world.add(invitation)
    for person in world.people.values():
        world.add(Device(account_id=person.account_id, secret_hash=_secret(), label="Phone", expires_at=soon))
    world.add(AccountLink(account_id=olu.account_id, purpose="reset", secret_hash=_secret(), expires_at=soon))
    world.session.execute(insert(Throttle).values(key=_secret(), tries_left=3))
    world.add(Mail(to_address="o@valley.example", subject="A lesson", body="A link"))
    answer = {"body": "A note"}
    world.add(KeptAnswer(person_id=olu.id, route="POST /x", key=at.hex, body_hash="0", status=201, answer=answer))
    recorded_by = world.people["C"].id
    world.add(
        Objection(alliance_id=at, school_id=school.id, class_code="9X", from_on=LESSON_ON, recorded_by=recorded_by)
    )


def _around(world: World, recording: Recording) -> None:
    """Give a lesson what its teacher says of it, and where it came from."""
    at: dict[str, Any] = {"alliance_id": world.alliance.id}
    world.session.get_one(Cycle, recording.cycle_id).state = CycleState.OBSERVING
    world.add(Briefing(cycle_id=recording.cycle_id, title="Why", class_code="8F2", body="How", hopes="Hopes", **at))
    world.add(Target(person_id=recording.owner_id, cycle_id=recording.cycle_id, body="Wait longer", **at))
    clip: dict[str, Any] = {"in_ms": 0, "out_ms": 9000, "title": "Waiting", "why": "It helps"}
    world.add(Clip(recording_id=recording.id, author_id=recording.owner_id, **clip, **at))
    cue = {"in_ms": 0, "out_ms": 2000, "text": "Five and six"}
    world.add(Captions(recording_id=recording.id, lang="en", cues=[cue], **at))
    world.add(Chapter(recording_id=recording.id, at_ms=0, name="Arrival", **at))
    upload = Upload(
        recording_id=recording.id,
        kind="source",
        name="Y8 Jane Doe.mov",
        size_bytes=1,
        mime="video/quicktime",
        fingerprint="0",
        part_bytes=1,
        storage_key=recording.id.hex,
        storage_upload_id="-",
        state=UploadState.VERIFIED,
        **at,
    )
    world.add(upload)


def _answers(scene: Scene) -> list[UUID]:
    """Let the teacher answer the feedback, where there is some; give the ids of what people may be told of."""
    if scene.feedback is None:
        return []
    world, feedback_id = scene.world, scene.feedback.id
    at: dict[str, Any] = {"alliance_id": world.alliance.id}
    world.add(Response(feedback_id=feedback_id, thanks="Thank you", **at))
    world.add(TryAnswer(try_id=feedback_id, feedback_id=feedback_id, choice="will_try", body="On Monday", **at))
    note_id = world.session.scalars(select(Note.id).where(Note.feedback_id == feedback_id)).one()
    reply = world.add(Reply(id=ids.new(), note_id=note_id, author_id=world.people["O"].id, body="It was", **at))
    return [feedback_id, reply.id]
