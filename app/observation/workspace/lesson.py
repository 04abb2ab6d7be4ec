"""The lesson page for one reader: the film, why they may watch, and the notes that they may read, in few queries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, null, select
from sqlalchemy.orm import Session, aliased

from app.agreements.cycles.models import Briefing, Cycle
from app.agreements.projects.models import Project
from app.authz import Action, Permit, condition
from app.lessons.captions.service import captioned
from app.lessons.clips.models import Clip
from app.lessons.clips.service import clips_of
from app.lessons.media.looks import has_storyboard
from app.lessons.media.models import Asset, SoundStrip
from app.lessons.media.served import is_served
from app.lessons.phases.service import Phase, phases_of
from app.lessons.playback.models import Place
from app.lessons.recordings.conditions import objected
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.recordings.queries import because
from app.observation.feedback.models import Feedback
from app.observation.feedback.service import opened
from app.observation.notes.method import Method, method_of
from app.observation.notes.models import Note
from app.observation.notes.queries import Told, notes_of
from app.people.accounts.models import Person
from video.errors import say_for
from video.soundstrip import Heard, calm
from video.timecode import clock_face

#: Shorter stretches of the sound strip go with the one before: a cough is no part of a lesson.
HEARD_MS = 6000
_HEARD = {Heard.QUIET: "quiet", Heard.ONE_VOICE: "one voice", Heard.MANY_VOICES: "many voices"}


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the page says besides film and notes; one query."""

    project_id: UUID
    project: str
    teacher: str
    feedback_by: datetime | None
    briefing: Briefing | None
    place_ms: int | None
    shared_at: datetime | None
    may_release: bool
    may_clip: bool
    may_download: bool
    objected: bool
    #: What can be heard, two seconds a letter: its teacher's alone, empty for everybody else.
    heard: str
    storyboarded: bool
    #: Each language that captions are in, and who made them.
    captions: Sequence[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """All that the lesson page shows."""

    recording: Recording
    own: bool
    because: str
    facts: Facts
    method: Method
    notes: Sequence[Told]
    clips: Sequence[Clip]
    phases: Sequence[Phase]
    clip: Clip | None = None
    may_remove: bool = False

    @property
    def audience(self) -> str:
        """Say who can see a note, beside the button that keeps it."""
        return "Only you." if self.own else "Only you, until you share your feedback."

    @property
    def unshared(self) -> int:
        """Count one's own notes that are still one's own."""
        return sum(told.own for told in self.notes)

    @property
    def heard(self) -> list[tuple[int, int, str]]:
        """Say from and until when, in ms, it is quiet, one voice is heard, or many; for its teacher alone."""
        return [(begins, ends, _HEARD[heard]) for begins, ends, heard in calm(self.facts.heard, least_ms=HEARD_MS)]

    @property
    def heard_rows(self) -> list[list[str]]:
        """Say the same in rows of a table."""
        return [[clock_face(begins), clock_face(ends), word] for begins, ends, word in self.heard]

    @property
    def preparing(self) -> str:
        """Say truthfully how far the film can be watched; nothing once all of it can be."""
        recording = self.recording
        if recording.media_state == MediaState.READY:
            return ""
        if recording.media_state == MediaState.NEEDS_ATTENTION:
            return say_for(recording.media_code) if recording.media_code else "This film needs its teacher's attention."
        if recording.watchable_ms == 0:
            return "Nothing can be watched yet. The beginning comes first, usually within a minute."
        return f"You can watch the first {_stretch(recording.watchable_ms)}. The rest is being prepared."


def lesson(session: Session, permit: Permit[Recording], *, clip: Clip | None = None) -> Lesson:
    """Gather the page of a lesson, or of a clip of it; the number of queries doesn't grow with the notes."""
    recording = permit.for_(Action.REC_WATCH)
    own = recording.owner_id == permit.actor.person_id
    if own:
        opened(session, permit.actor, recording.id)
    notes = notes_of(session, permit.actor, recording.id)
    return Lesson(
        recording=recording,
        own=own,
        because=because(session, permit),
        facts=_facts(session, permit),
        method=method_of(session, recording),
        notes=notes if clip is None else [told for told in notes if _falls_in(told.note, clip)],
        clips=clips_of(session, recording),
        phases=phases_of(session, recording),
        clip=clip,
        may_remove=clip is not None and _may_remove(session, permit, clip),
    )


def _may_remove(session: Session, permit: Permit[Recording], clip: Clip) -> bool:
    may = condition(permit.actor.who, Action.CLIP_DELETE, Clip)
    return session.scalars(select(may).select_from(Clip).where(Clip.id == clip.id)).one()


def _falls_in(note: Note, clip: Clip) -> bool:
    """Tell whether a note's moment, or a part of its stretch, lies within a clip."""
    ends = note.at_ms if note.until_ms is None else note.until_ms
    return note.at_ms < clip.out_ms and ends >= clip.in_ms


def _facts(session: Session, permit: Permit[Recording]) -> Facts:
    me, teacher, mine = permit.actor, aliased(Person), aliased(Feedback)
    row = session.execute(
        select(
            Project.id.label("project_id"),
            Project.title.label("project"),
            teacher.name.label("teacher"),
            Cycle.feedback_by,
            Briefing,  # whoever may watch a lesson may read its briefing
            Place.at_ms.label("place_ms"),
            mine.released_at.label("shared_at"),
            condition(me.who, Action.FEEDBACK_RELEASE, Recording).label("may_release"),
            condition(me.who, Action.CLIP_MAKE, Recording).label("may_clip"),
            condition(me.who, Action.VIDEO_DOWNLOAD, Recording).label("may_download"),
            objected().label("objected"),
            _heard(own=permit.clause == "watch_owner").label("heard"),
            has_storyboard().label("storyboarded"),
            captioned().label("captions"),
        )
        .select_from(Recording)
        .join(Project, Project.id == Recording.project_id)
        .join(Cycle, Cycle.id == Recording.cycle_id)
        .join(teacher, teacher.id == Recording.owner_id)
        .outerjoin(Briefing, Briefing.cycle_id == Cycle.id)
        .outerjoin(Place, and_(Place.recording_id == Recording.id, Place.person_id == me.person_id))
        .outerjoin(mine, and_(mine.recording_id == Recording.id, mine.author_id == me.person_id))
        .where(Recording.id == permit.thing.id)
    ).one()
    found = row._asdict()
    briefing, heard, captions = found.pop("Briefing"), found.pop("heard"), found.pop("captions")
    pairs = [(lang, made_by) for lang, made_by in captions or ()]
    return Facts(briefing=briefing, heard=heard or "", captions=pairs, **found)


def _heard(*, own: bool) -> ColumnElement[str | None]:
    if not own:
        return cast(null(), Text)
    heard = select(SoundStrip.heard).join(Asset, Asset.id == SoundStrip.asset_id).where(is_served())
    return heard.correlate(Recording).scalar_subquery()


def _stretch(watchable_ms: int) -> str:
    """Say how much can be watched, cut down to whole minutes: never more than is there."""
    minutes, seconds = divmod(watchable_ms // 1000, 60)
    if minutes == 0:
        return f"{seconds} seconds"
    return "minute" if minutes == 1 else f"{minutes} minutes"
