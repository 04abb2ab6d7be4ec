"""What people do with notes: write, change, delete, bring back, reply. Each note is its author's until released."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from psycopg.errors import UniqueViolation
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app import clock
from app.audit import record
from app.audit.models import AuditEvent
from app.authz import Action, Actor, Permit
from app.errors import Gone, Invalid, NotFound, Stale
from app.lessons.recordings.models import Recording
from app.notify.service import tell
from app.observation.notes.method import method_of
from app.observation.notes.models import Note, Reply

LONGEST_BODY: Final = 4000
#: For so long a deleted note can be brought back, by whoever still has its words on the screen.
UNDO: Final = timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class NoteDraft:
    """What somebody noticed: when in the lesson, of which kind, about what, in which words.

    `at_ms` and `until_ms` count from the lesson's first frame, in clips too. `written_at` is the device's own time.
    """

    kind: str
    at_ms: int
    body: str
    until_ms: int | None = None
    focus_item_id: UUID | None = None
    written_at: datetime | None = None


@dataclass(frozen=True)
class Kept:
    """A note, or a reply, and whether it had arrived before: the same id again is the same one."""

    thing: Note | Reply
    replayed: bool

    @property
    def note(self) -> Note:
        """Give the note."""
        if not isinstance(self.thing, Note):
            msg = "This is a reply."
            raise TypeError(msg)
        return self.thing


def write_note(session: Session, permit: Permit[Recording], *, note_id: UUID, draft: NoteDraft) -> Kept:
    """Keep a note for its author alone. The same id again gives the first one, as it is now.

    Raises:
        Invalid: the moment lies outside the lesson (`outside_lesson`), the kind or focus item isn't agreed
            (`not_in_protocol`), the words are too few or too many, or the id is another note's (`key_reused`).
        Gone: its author has deleted it since (`note_deleted`).
    """
    recording = permit.for_(Action.NOTE_WRITE)
    _hold(session, note_id)
    known = session.get(Note, note_id, populate_existing=True)
    if known is not None:
        return Kept(_first(known, permit.actor, recording, draft), replayed=True)
    if deleted_at(session, permit.actor, note_id) is not None:
        raise Gone("note_deleted", "You have deleted this note. Copy its words into a new one to keep them.")
    note = _add(session, permit, note_id=note_id, draft=draft)
    record(session, permit, "note.written", about=note)
    return Kept(note, replayed=False)


def restore_note(session: Session, permit: Permit[Recording], *, note_id: UUID, draft: NoteDraft) -> Note:
    """Bring back a note that its author has just deleted, in the words that their page still shows.

    Raises:
        NotFound: this person hasn't deleted such a note.
        Gone: that was too long ago (`undo_over`).
        Invalid: as for writing.
    """
    permit.for_(Action.NOTE_WRITE)
    _hold(session, note_id)
    known = session.get(Note, note_id, populate_existing=True)
    if known is not None:
        return _first(known, permit.actor, permit.thing, draft)
    deleted = deleted_at(session, permit.actor, note_id)
    if deleted is None:
        raise NotFound
    if session.scalars(select(clock.now())).one() > deleted + UNDO:
        raise Gone("undo_over", "That was more than ten minutes ago. Write it again as a new note.")
    note = _add(session, permit, note_id=note_id, draft=draft)
    record(session, permit, "note.restored", about=note)
    return note


def edit_note(session: Session, permit: Permit[Note], *, draft: NoteDraft, version: int) -> Note:
    """Change a note that is still its author's own; load the permit with a lock.

    Raises:
        Stale: it has changed since `version` (`changed_elsewhere`).
        Invalid: as for writing.
    """
    note = permit.for_(Action.NOTE_EDIT)
    if note.version != version:
        raise Stale("changed_elsewhere", "You changed this note on another device. Keep either version, or both.")
    recording = session.get_one(Recording, note.recording_id)
    _check(session, recording, draft)
    note.kind, note.at_ms, note.until_ms = draft.kind, draft.at_ms, draft.until_ms
    note.focus_item_id, note.body = draft.focus_item_id, draft.body
    if session.is_modified(note):
        session.flush()
        record(session, permit, "note.edited", about=note)
    return note


def delete_note(session: Session, permit: Permit[Note], *, version: int | None = None) -> NoteDraft:
    """Delete a note that is still its author's own, and give its words for a last undo.

    Raises:
        Stale: it has changed since `version` (`changed_elsewhere`).
    """
    note = permit.for_(Action.NOTE_DELETE)
    if version is not None and note.version != version:
        raise Stale("changed_elsewhere", "You changed this note on another device. Read it again before it goes.")
    draft = draft_of(note)
    record(session, permit, "note.deleted", about=note)
    session.delete(note)
    session.flush()
    return draft


def reply(session: Session, permit: Permit[Note], *, reply_id: UUID, body: str) -> Kept:
    """Answer a released note. The same id again gives the first answer.

    Raises:
        Invalid: the words are too few or too many, or the id is another reply's (`key_reused`).
    """
    note = permit.for_(Action.NOTE_REPLY)
    _hold(session, reply_id)
    known = session.get(Reply, reply_id, populate_existing=True)
    if known is not None:
        if (known.note_id, known.author_id, known.body) != (note.id, permit.actor.person_id, body):
            raise _reused()
        return Kept(known, replayed=True)
    if problem := body_problem(body, empty="Write your reply. A few words are plenty."):
        raise Invalid("reply_unclear", problem, fields={"body": problem})
    answer = Reply(
        id=reply_id, alliance_id=note.alliance_id, note_id=note.id, author_id=permit.actor.person_id, body=body
    )
    _keep(session, answer)
    record(session, permit, "note.replied", about=note)
    owner_id = session.get_one(Recording, note.recording_id).owner_id
    # The thread is between these two; whoever writes knows of it already.
    tell(session, {note.author_id, owner_id} - {permit.actor.person_id}, "note.replied", answer.id)
    return Kept(answer, replayed=False)


def draft_of(note: Note) -> NoteDraft:
    """Give what a note says, as its author could send it again."""
    return NoteDraft(
        kind=note.kind,
        at_ms=note.at_ms,
        until_ms=note.until_ms,
        focus_item_id=note.focus_item_id,
        body=note.body,
        written_at=note.written_at,
    )


def deleted_at(session: Session, actor: Actor, note_id: UUID) -> datetime | None:
    """Say when this person deleted a note of theirs: the log knows, although its words are gone."""
    return session.scalar(
        select(func.max(AuditEvent.at)).where(
            AuditEvent.thing_id == note_id, AuditEvent.actor_id == actor.person_id, AuditEvent.what == "note.deleted"
        )
    )


def body_problem(body: str, *, empty: str = "Write what you saw or heard. A few words are plenty.") -> str:
    """Say what is wrong with the words of a note or a reply; nothing when they're fine."""
    if not body:
        return empty
    if len(body) > LONGEST_BODY:
        return f"Keep this to {LONGEST_BODY} characters; it has {len(body)}."
    return ""


def _add(session: Session, permit: Permit[Recording], *, note_id: UUID, draft: NoteDraft) -> Note:
    recording = permit.thing
    _check(session, recording, draft)
    now = session.scalars(select(clock.now())).one()
    note = Note(
        id=note_id,
        alliance_id=recording.alliance_id,
        recording_id=recording.id,
        author_id=permit.actor.person_id,
        kind=draft.kind,
        at_ms=draft.at_ms,
        until_ms=draft.until_ms,
        focus_item_id=draft.focus_item_id,
        body=draft.body,
        # A device whose clock runs ahead must not put a note into the future.
        written_at=min(draft.written_at or now, now),
    )
    _keep(session, note)
    return note


def _first(known: Note, actor: Actor, recording: Recording, draft: NoteDraft) -> Note:
    """Give the note that came first, if this is the same one once more."""
    mine = known.author_id == actor.person_id and known.recording_id == recording.id
    asked = (draft.kind, draft.at_ms, draft.until_ms, draft.focus_item_id, draft.body)
    kept = (known.kind, known.at_ms, known.until_ms, known.focus_item_id, known.body)
    edited_since = known.version > 1
    if not mine or not (edited_since or asked == kept):
        raise _reused()
    return known


def _check(session: Session, recording: Recording, draft: NoteDraft) -> None:
    """Refuse what lies outside the lesson or the agreement, each at its field."""
    if problem := body_problem(draft.body):
        raise Invalid("note_unclear", problem, fields={"body": problem})
    _check_moment(recording, draft)
    method = method_of(session, recording)
    problems = {}
    if draft.kind not in {kind.value for kind in method.kinds}:
        problems["kind"] = "Pick one of the kinds that your group agreed on."
    if draft.focus_item_id is not None and draft.focus_item_id not in {item.id for item in method.focus}:
        problems["focus_item_id"] = "Pick something that your protocol looks at."
    if problems:
        raise Invalid("not_in_protocol", "Your protocol doesn't have this.", fields=problems)


def _check_moment(recording: Recording, draft: NoteDraft) -> None:
    end_ms = recording.duration_ms if recording.duration_ms is not None else recording.watchable_ms
    if not 0 <= draft.at_ms <= end_ms:
        say = "That moment is not in this lesson. Pick one before its end."
        raise Invalid("outside_lesson", say, fields={"at_ms": say})
    if draft.until_ms is not None and not draft.at_ms < draft.until_ms <= end_ms:
        say = "The end must come after the beginning, and before the end of the lesson."
        raise Invalid("outside_lesson", say, fields={"until_ms": say})


def _hold(session: Session, thing_id: UUID) -> None:
    """Let the same id sent twice at once wait for itself."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(thing_id), 0))))


def _keep(session: Session, thing: Note | Reply) -> None:
    """Keep a new thing whose id a device chose; behind the wall another alliance may have one that nobody here sees."""
    session.add(thing)
    try:
        session.flush()
    except IntegrityError as error:
        if not isinstance(error.orig, UniqueViolation):
            raise
        raise _reused() from error


def _reused() -> Invalid:
    return Invalid("key_reused", "This key was used for another request. Make a new one.")
