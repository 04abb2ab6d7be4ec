"""Tells the story of the demonstration alliance through the same acts that people do on pages."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app import ids
from app.agreements.cycles import service as cycles
from app.agreements.cycles.models import Cycle
from app.agreements.cycles.service import BriefingDraft
from app.agreements.groups import service as projects
from app.agreements.groups.service import ProjectDraft
from app.agreements.protocols import service as protocols
from app.agreements.protocols.models import FocusItem, ProtocolVersion
from app.authz import Action, Actor, permit
from app.lessons.captions import service as captions
from app.lessons.clips import service as clips
from app.lessons.clips.service import ClipDraft
from app.lessons.phases import service as phases
from app.lessons.phases.service import Phase
from app.lessons.recordings import service as recordings
from app.lessons.recordings.models import Recording
from app.lessons.recordings.queries import audience_sentence
from app.lessons.uploads.sending import Sender, fingerprint
from app.lessons.uploads.wish import Wish
from app.observation.feedback import responding
from app.observation.feedback import service as feedback
from app.observation.feedback.models import Feedback
from app.observation.feedback.responding import Choice, ResponseDraft
from app.observation.feedback.service import FeedbackDraft
from app.observation.notes import service as notes
from app.observation.notes.models import Note
from app.observation.notes.service import NoteDraft
from app.people.accounts.models import Person
from app.people.alliances import service as alliances
from app.people.alliances.models import Alliance, School
from app.people.directory.joining import accept_invitation
from app.people.directory.service import InvitationDraft, invite
from app.people.first_run.service import Foundation, setup_alliance
from app.reflection.targets import service as targets
from app.reflection.targets.service import TargetDraft
from config.demo import story
from config.demo.story import Turn
from video.captions import Cue
from workers.tools import Tools

MS = 1000
_PHASES = (
    Phase(at_ms=0, name="Arrival"),
    Phase(at_ms=8000, name="One question"),
    Phase(at_ms=40_000, name="In pairs"),
)
_CAPTIONS = (
    Cue(in_ms=8000, out_ms=11_000, text="Why does it get bigger?"),
    Cue(in_ms=17_500, out_ms=21_000, text="Because we count how many halves\nfit into three."),
    Cue(in_ms=40_000, out_ms=43_000, text="Tell your neighbour. One minute."),
)


@dataclass
class Filling:
    """The demonstration alliance while it is being made."""

    tools: Tools
    actors: dict[str, Actor] = field(default_factory=dict)
    lessons: dict[str, UUID] = field(default_factory=dict)

    @contextmanager
    def step(self) -> Iterator[Session]:
        """One act, one transaction."""
        with self.tools.sessions.begin() as session:
            yield session

    def people(self) -> None:
        """Found the alliance, add its schools, and let everybody be invited and join."""
        founder = story.FOUNDER
        with self.step() as session:
            founded = setup_alliance(
                session,
                Foundation(
                    alliance=story.ALLIANCE,
                    school=founder.school,
                    name=founder.name,
                    email=founder.email,
                    password=story.PASSWORD,
                ),
            )
            person = founded.person
            joan = Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)
            self.actors[founder.key] = joan
            for name in story.SCHOOLS[1:]:
                may_add = permit(session, joan, Action.SCHOOL_ADD, Alliance, joan.alliance_id)
                alliances.add_school(session, may_add, name=name)
        for somebody in story.PEOPLE:
            with self.step() as session:
                self.actors[somebody.key] = self._join(session, joan, somebody)

    def begin(self, turn: Turn, film: Path | None) -> UUID:
        """Bring a turn as far as it goes before its film is prepared; return the cycle's id."""
        with self.step() as session:
            project_id, cycle_id = self._open(session, turn)
        if turn.reached("proposed"):
            self._agree(turn, project_id)
        if film is not None:
            self._send(turn, cycle_id, film)
        return cycle_id

    def go_on(self, turn: Turn) -> None:
        """Bring a turn on once its film is prepared."""
        if turn.reached("shared"):
            self._share(turn)
        if turn.reached("noted"):
            self._note(turn)
        if turn.reached("fed_back"):
            self._feed_back(turn)
        if turn.reached("responded"):
            self._respond(turn)
        if turn.reached("closed"):
            self._aim(turn)

    def _join(self, session: Session, joan: Actor, somebody: story.Somebody) -> Actor:
        school = session.scalars(select(School).where(School.name == somebody.school)).one()
        may_invite = permit(session, joan, Action.PERSON_MANAGE, School, school.id)
        draft = InvitationDraft(name=somebody.name, email=somebody.email, roles=somebody.roles)
        invited = invite(session, may_invite, draft=draft, public_url=self.tools.public_url)
        joined = accept_invitation(session, token=invited.token, name=somebody.name, password=story.PASSWORD)
        person = session.get_one(Person, joined.person_id)
        return Actor(person_id=person.id, account_id=person.account_id, alliance_id=person.alliance_id)

    def _open(self, session: Session, turn: Turn) -> tuple[UUID, UUID]:
        teacher, observer = self.actors[turn.teacher], self.actors[turn.observer]
        may_open = permit(session, teacher, Action.PROJECT_OPEN, Alliance, teacher.alliance_id)
        project = projects.open_project(
            session, may_open, draft=ProjectDraft(with_ids=(observer.person_id,), focus=turn.focus)
        )
        cycle = session.scalars(select(Cycle).where(Cycle.project_id == project.id)).one()
        if turn.brief:
            may_brief = permit(session, teacher, Action.BRIEF_WRITE, Cycle, cycle.id)
            told = BriefingDraft(title=turn.title, class_code=turn.class_code, body=turn.brief, hopes=turn.hopes)
            cycles.brief(session, may_brief, draft=told)
        return project.id, cycle.id

    def _agree(self, turn: Turn, project_id: UUID) -> None:
        teacher = self.actors[turn.teacher]
        with self.step() as session:
            version = session.scalars(select(ProtocolVersion).where(ProtocolVersion.project_id == project_id)).one()
            version_id, version.download = version.id, turn.download
            protocols.propose(session, permit(session, teacher, Action.PROTOCOL_PROPOSE, ProtocolVersion, version_id))
        signers = (turn.teacher, turn.observer) if turn.reached("agreed") else (turn.teacher,)
        for key in signers:
            name = next(one.name for one in story.PEOPLE if one.key == key)
            with self.step() as session:
                may_sign = permit(session, self.actors[key], Action.PROTOCOL_SIGN, ProtocolVersion, version_id)
                protocols.sign(session, may_sign, typed_name=name, text_hash=may_sign.thing.text_hash or "")

    def _send(self, turn: Turn, cycle_id: UUID, film: Path) -> None:
        sender = Sender(sessions=self.tools.sessions, storage=self.tools.storage, actor=self.actors[turn.teacher])
        with film.open("rb") as file:
            size_bytes = film.stat().st_size
            wish = Wish(
                cycle_id=cycle_id,
                name=film.name,
                size_bytes=size_bytes,
                fingerprint=fingerprint(file, size_bytes),
                class_code=turn.class_code,
            )
            sender.send(wish, file)
        with self.step() as session:
            lesson = session.scalars(select(Recording).where(Recording.cycle_id == cycle_id)).one()
            self.lessons[turn.teacher] = lesson.id

    def _share(self, turn: Turn) -> None:
        with self.step() as session:
            may_share = permit(
                session, self.actors[turn.teacher], Action.REC_SHARE, Recording, self.lessons[turn.teacher], lock=True
            )
            in_force = select(ProtocolVersion.id).where(
                ProtocolVersion.project_id == may_share.thing.project_id, ProtocolVersion.state == "in_force"
            )
            audience = audience_sentence(session, may_share.thing)
            recordings.share(session, may_share, version_id=session.scalars(in_force).one(), audience=audience)

    def _note(self, turn: Turn) -> None:
        observer, lesson = self.actors[turn.observer], self.lessons[turn.teacher]
        with self.step() as session:
            may_write = permit(session, observer, Action.NOTE_WRITE, Recording, lesson)
            bound = may_write.thing.bound_version_id
            about = session.scalars(select(FocusItem.id).where(FocusItem.version_id == bound).limit(1)).one()
            for said in turn.notes:
                draft = NoteDraft(
                    kind=said.kind,
                    at_ms=said.at_s * MS,
                    until_ms=said.until_s * MS if said.until_s else None,
                    body=said.body,
                    focus_item_id=about,
                    written_at=datetime.now(UTC),
                )
                notes.write_note(session, may_write, note_id=ids.new(), draft=draft)

    def _feed_back(self, turn: Turn) -> None:
        observer, lesson = self.actors[turn.observer], self.lessons[turn.teacher]
        with self.step() as session:
            may_release = permit(session, observer, Action.FEEDBACK_RELEASE, Recording, lesson, lock=True)
            own = select(Note.id).where(Note.recording_id == lesson, Note.author_id == observer.person_id)
            draft = FeedbackDraft(
                note_ids=tuple(session.scalars(own)), took_away=turn.took_away, why_dont_you_try=turn.try_this
            )
            feedback.release_feedback(session, may_release, draft=draft)

    def _respond(self, turn: Turn) -> None:
        teacher, lesson = self.actors[turn.teacher], self.lessons[turn.teacher]
        with self.step() as session:
            may_answer = permit(session, teacher, Action.FEEDBACK_RESPOND, Recording, lesson)
            feedback.opened(session, teacher, lesson)
            shared = session.scalars(select(Feedback.id).where(Feedback.recording_id == lesson)).all()
            tries = responding.tries_of(session, lesson, list(shared))
            choices = tuple(Choice(try_id=each, choice="will_try") for each in tries)
            said = ResponseDraft(choices=choices, version=0, thanks=dict.fromkeys(shared, turn.thanks))
            responding.respond(session, may_answer, draft=said)

    def _aim(self, turn: Turn) -> None:
        teacher, lesson = self.actors[turn.teacher], self.lessons[turn.teacher]
        with self.step() as session:
            may_clip = permit(session, teacher, Action.CLIP_MAKE, Recording, lesson)
            mark = ClipDraft(in_ms=5000, out_ms=24_000, title="Six seconds of nothing", why="The answers got longer.")
            clips.make_clip(session, may_clip, draft=mark)
            may_name = permit(session, teacher, Action.REC_WATCH, Recording, lesson, lock=True)
            phases.set_phases(session, may_name, wanted=_PHASES, seen=())
            captions.keep(session, may_name, lang="en", cues=_CAPTIONS)
            may_name = permit(session, teacher, Action.REC_WATCH, Recording, lesson, lock=True)
            phases.set_phases(session, may_name, wanted=_PHASES, seen=())
            may_set = permit(session, teacher, Action.TARGET_SET, Cycle, may_clip.thing.cycle_id)
            targets.set_target(session, may_set, draft=TargetDraft(body=turn.target))


def tell(tools: Tools, films: Sequence[Path], *, prepare: Callable[[], None]) -> None:
    """Tell the whole story with one film for each turn that was filmed; `prepare` makes them ready to be watched."""
    filling = Filling(tools)
    filling.people()
    waiting = iter(films)
    for turn in story.TURNS:
        filling.begin(turn, next(waiting) if turn.filmed else None)
    prepare()
    for turn in story.TURNS:
        filling.go_on(turn)
