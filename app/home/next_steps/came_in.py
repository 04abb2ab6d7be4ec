"""What came in: told of things by their ids, and said in words only while their reader may know of them."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreements.cycles.models import Cycle
from app.agreements.projects.models import Project
from app.authz import Action, Actor, allowed
from app.home.next_steps.others import MOST, lesson_title
from app.home.next_steps.step import CameIn
from app.lessons.blurs.models import BlurredCopy, BlurState
from app.lessons.recordings.conditions import objected
from app.lessons.recordings.models import MediaState, Recording
from app.notify.models import Notification
from app.notify.service import latest
from app.observation.feedback.models import Feedback
from app.observation.notes.models import Note, Reply
from app.people.accounts.models import Person


def came_in(session: Session, actor: Actor) -> list[CameIn]:
    """List what came in lately, newest first; what isn't shared any more is left out."""
    told = latest(session, actor, most=4 * MOST)
    words: dict[tuple[str, UUID], tuple[str, str]] = {}
    for kinds, find in _SAID:
        ids = [one.thing_id for one in told if one.kind in kinds]
        if ids:
            said = find(session, actor, ids)
            words |= {(kind, thing_id): how for kind in kinds for thing_id, how in said.items()}
    newest: dict[str, CameIn] = {}
    for one in filter(None, (_tell(one, words) for one in told)):
        # The newest first: what is told of a thing carries the time of what it says now.
        newest.setdefault(one.href + one.words, one)
    return list(newest.values())[:MOST]


def _tell(one: Notification, words: dict[tuple[str, UUID], tuple[str, str]]) -> CameIn | None:
    said = words.get((one.kind, one.thing_id))
    return None if said is None else CameIn(words=said[0], href=said[1], at=one.made_at)


def _feedback_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        allowed(actor, Action.FEEDBACK_READ, Feedback)
        .join(Person, Person.id == Feedback.author_id)
        .where(Feedback.id.in_(ids))
        .add_columns(Person.name)
    )
    return {
        feedback.id: (f"{name} shared feedback with you", f"/cycles/{feedback.cycle_id}/response")
        for feedback, name in rows
    }


def _reply_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell of a reply by its id, for as long as the note that it belongs to may be read."""
    rows = session.execute(
        allowed(actor, Action.NOTE_READ, Note)
        .join(Reply, Reply.note_id == Note.id)
        .join(Person, Person.id == Reply.author_id)
        .join(Recording, Recording.id == Note.recording_id)
        .where(Reply.id.in_(ids))
        .add_columns(Reply.id, Person.name, lesson_title(actor))
    )
    return {
        reply_id: (
            f"{name} replied to a note on “{title}”" if title else f"{name} replied to a note",
            f"/recordings/{note.recording_id}/notes/{note.id}",
        )
        for note, reply_id, name, title in rows
    }


def _answer_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    rows = session.execute(
        select(Cycle.id, Person.name)
        .join(Person, Person.id == Cycle.teacher_id)
        .where(
            Cycle.id.in_(ids),
            allowed(actor, Action.FEEDBACK_READ, Feedback)
            .where(Feedback.cycle_id == Cycle.id)
            .correlate(Cycle)
            .exists(),
        )
    )
    return {cycle_id: (f"{name} answered your feedback", f"/cycles/{cycle_id}/response") for cycle_id, name in rows}


def _erased_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell who wrote notes that they went with a lesson: which turn it was, and nothing of what was in it."""
    rows = session.execute(
        allowed(actor, Action.CYCLE_READ, Cycle)
        .join(Project, Project.id == Cycle.project_id)
        .where(Cycle.id.in_(ids))
        .add_columns(Project.title)
    )
    return {
        cycle.id: (
            f"The lesson of turn {cycle.number} in “{project}” is erased, and your notes with it",
            f"/cycles/{cycle.id}",
        )
        for cycle, project in rows
    }


def _lesson_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell where a lesson stands now, whatever it was when the message was written."""
    rows = session.scalars(allowed(actor, Action.REC_LIST, Recording).where(Recording.id.in_(ids)))
    return {row.id: (f"“{row.title}”: {_how_far(row)}", f"/recordings/{row.id}/status") for row in rows}


def _objection_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell a teacher that a lesson is closed to everybody else, for as long as it is."""
    rows = session.scalars(allowed(actor, Action.REC_LIST, Recording).where(Recording.id.in_(ids), objected()))
    return {
        row.id: (
            f"Somebody in {row.class_code} does not wish to be seen: only you can watch “{row.title}”",
            f"/recordings/{row.id}/sharing",
        )
        for row in rows
    }


def _copy_words(session: Session, actor: Actor, ids: list[UUID]) -> dict[UUID, tuple[str, str]]:
    """Tell a teacher that a blurred copy waits to be looked over, for as long as it does."""
    waiting = BlurredCopy.state == BlurState.MAKING
    asked = allowed(actor, Action.REC_WATCH, Recording).join(BlurredCopy, BlurredCopy.recording_id == Recording.id)
    rows = session.scalars(asked.where(Recording.id.in_(ids), Recording.owner_id == actor.person_id, waiting))
    return {row.id: (f"“{row.title}”: its blurred copy waits for you", f"/recordings/{row.id}/blur") for row in rows}


def _how_far(recording: Recording) -> str:
    if recording.media_state == MediaState.READY:
        return "the whole lesson can be watched"
    return "it needs you" if recording.media_state == MediaState.NEEDS_ATTENTION else "it is on its way"


Finder = Callable[[Session, Actor, list[UUID]], dict[UUID, tuple[str, str]]]
_SAID: tuple[tuple[tuple[str, ...], Finder], ...] = (
    (("feedback.released", "feedback.added"), _feedback_words),
    (("note.replied",), _reply_words),
    (("response.saved",), _answer_words),
    (("notes.erased",), _erased_words),
    (("objection.opened",), _objection_words),
    (("blur.made",), _copy_words),
    (("upload.mismatch", "recording.ready", "recording.needs_attention"), _lesson_words),
)
