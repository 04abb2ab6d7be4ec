"""`/recordings/<r>/notes…`: a lesson's notes without its film, one note by itself, and `/me/notes`, as plain forms."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app import ids
from app.authz import Action, Permit, may, permit
from app.errors import Conflict, Invalid, NotFound, Stale
from app.lessons.recordings.models import Recording
from app.observation.notes import queries, service
from app.observation.notes.forms import NoteForm, field_errors, trimmed
from app.observation.notes.hooks import about_to_read
from app.observation.notes.method import method_of
from app.observation.notes.models import Note
from app.observation.notes.plain import href
from app.web.guard import requires, signed_in
from app.web.unit import actor, transaction

bp = Blueprint("notes", __name__, template_folder="templates")
SEE_OTHER = 303
UNPROCESSABLE = 422
PRECONDITION_FAILED = 412


@bp.get("/me/notes")
@signed_in(why="one's own notes, listed by the policy")
def mine() -> ResponseReturnValue:
    """List one's own notes on every lesson."""
    with transaction() as session:
        return render_template("notes/mine.html", notes=queries.my_notes(session, actor()))


@bp.get("/recordings/<uuid:recording_id>/notes")
@requires(Action.NOTE_READ)
def index(recording_id: UUID) -> ResponseReturnValue:
    """List the notes of a lesson that this person may read, without its film; made to be printed."""
    with transaction() as session:
        return _index(session, recording_id)


@bp.post("/recordings/<uuid:recording_id>/notes")
@requires(Action.NOTE_WRITE)
def add(recording_id: UUID) -> ResponseReturnValue:
    """Keep a note whose time was typed, and go back to where it was written."""
    with transaction() as session:
        may_write = permit(session, actor(), Action.NOTE_WRITE, Recording, recording_id)
        form = NoteForm.sent(request.form)
        try:
            with session.begin_nested():
                note = service.write_note(session, may_write, note_id=form.note_id, draft=form.draft()).note
        except Invalid as refused:
            return _index(session, recording_id, request.form, field_errors(refused)), UNPROCESSABLE
        page = f"/recordings/{recording_id}" + (
            f"?at={note.at_ms}" if request.form.get("back") == "lesson" else "/notes"
        )
        return redirect(f"{page}#note-{note.id}", code=SEE_OTHER)


@bp.get("/recordings/<uuid:recording_id>/notes/<uuid:note_id>")
@requires(Action.NOTE_READ)
def show(recording_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Show one note: as a list item where a part of a page asks, else on its own page with what can be done."""
    with transaction() as session:
        note = _permit(session, Action.NOTE_READ, recording_id, note_id)
        if note.thing.author_id != actor().person_id:
            about_to_read(session, actor(), recording_id)
            # Asked once more: whoever took it back a moment ago came first.
            note = _permit(session, Action.NOTE_READ, recording_id, note_id)
        if request.headers.get("HX-Request"):
            return render_template("notes/_note.html", told=queries.find_told(session, note))
        return _page(session, note)


@bp.get("/recordings/<uuid:recording_id>/notes/<uuid:note_id>/edit")
@requires(Action.NOTE_EDIT)
def edit(recording_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Give the form that changes a note, in its place in the list; without script, the note's own page has it."""
    with transaction() as session:
        note = _permit(session, Action.NOTE_EDIT, recording_id, note_id)
        if not request.headers.get("HX-Request"):
            return redirect(href(note.thing), code=SEE_OTHER)
        return _editing(session, note, _as_typed(note.thing), {})


@bp.post("/recordings/<uuid:recording_id>/notes/<uuid:note_id>")
@requires(Action.NOTE_EDIT)
def change(recording_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Keep a changed note, say what to mend, or show both versions where another device was quicker."""
    with transaction() as session:
        note = _permit(session, Action.NOTE_EDIT, recording_id, note_id, lock=True)
        part, form = request.headers.get("HX-Request"), NoteForm.sent(request.form)
        try:
            with session.begin_nested():
                service.edit_note(session, note, draft=form.draft(), version=form.version)
        except Invalid as refused:
            answer = _editing if part else _page
            return answer(session, note, request.form, field_errors(refused)), UNPROCESSABLE
        except Stale as refused:
            session.refresh(note.thing)
            sent = MultiDict({**request.form, "version": str(note.thing.version)})
            answer = _editing if part else _page
            return answer(session, note, sent, {"": refused.say}), PRECONDITION_FAILED
        if part:
            return render_template("notes/_note.html", told=queries.tell_own(session, actor(), note.thing))
        return redirect(href(note.thing), code=SEE_OTHER)


@bp.post("/recordings/<uuid:recording_id>/notes/<uuid:note_id>/delete")
@requires(Action.NOTE_DELETE)
def delete(recording_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Delete a note; the answer holds its words for a last undo, since they are kept nowhere else any more."""
    with transaction() as session:
        note = _permit(session, Action.NOTE_DELETE, recording_id, note_id, lock=True)
        draft = service.delete_note(session, note)
        template = "notes/_deleted.html" if request.headers.get("HX-Request") else "notes/deleted.html"
        return render_template(template, recording_id=recording_id, note_id=note_id, draft=draft)


@bp.post("/recordings/<uuid:recording_id>/notes/<uuid:note_id>/restore")
@requires(Action.NOTE_WRITE)
def restore(recording_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Bring a note back that has just been deleted."""
    with transaction() as session:
        may_write = permit(session, actor(), Action.NOTE_WRITE, Recording, recording_id)
        note = service.restore_note(session, may_write, note_id=note_id, draft=NoteForm.sent(request.form).draft())
        if request.headers.get("HX-Request"):
            return render_template("notes/_restored.html", told=queries.tell_own(session, actor(), note))
        return redirect(href(note), code=SEE_OTHER)


@bp.post("/recordings/<uuid:recording_id>/notes/<uuid:note_id>/replies")
@requires(Action.NOTE_REPLY)
def answer_note(recording_id: UUID, note_id: UUID) -> ResponseReturnValue:
    """Keep a reply to a shared note."""
    with transaction() as session:
        note = permit_reply(session, note_id)
        if note.thing.recording_id != recording_id:
            raise NotFound
        body = trimmed(request.form.get("body", ""))
        try:
            service.reply(session, note, reply_id=ids.new(), body=body)
        except Invalid as refused:
            return _page(session, note, request.form, {"reply": refused.say}), UNPROCESSABLE
        return redirect(f"{href(note.thing)}#replies", code=SEE_OTHER)


def permit_reply(session: Session, note_id: UUID) -> Permit[Note]:
    """Load a note for replying to it; others who may read it are told who replies.

    Raises:
        Conflict: this person is neither its author nor the teacher, or it isn't shared yet (`not_now`).
    """
    try:
        return permit(session, actor(), Action.NOTE_REPLY, Note, note_id)
    except Conflict as refused:
        raise Conflict("not_now", "Its author and its teacher reply to a shared note, and nobody else.") from refused


def _permit(session: Session, action: Action, recording_id: UUID, note_id: UUID, *, lock: bool = False) -> Permit[Note]:
    found = permit(session, actor(), action, Note, note_id, lock=lock)
    if found.thing.recording_id != recording_id:
        raise NotFound
    return found


def _index(
    session: Session, recording_id: UUID, sent: MultiDict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> str:
    about_to_read(session, actor(), recording_id)
    notes = queries.notes_of(session, actor(), recording_id)
    known = may(session, actor(), Action.REC_LIST, Recording, recording_id)
    if not notes and not known:
        raise NotFound
    recording = session.get_one(Recording, recording_id)
    return render_template(
        "notes/index.html",
        # Whoever lost sight of a lesson keeps their own words, without its title.
        recording=recording if known else None,
        recording_id=recording_id,
        notes=notes,
        replies=queries.replies_to(session, notes),
        method=method_of(session, recording),
        may_write=may(session, actor(), Action.NOTE_WRITE, Recording, recording_id),
        own=known and recording.owner_id == actor().person_id,
        sent=sent or {},
        errors=errors or {},
    )


def _page(
    session: Session, note: Permit[Note], sent: MultiDict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> str:
    readable = permit(session, note.actor, Action.NOTE_READ, Note, note.thing.id)
    told = queries.find_told(session, readable)
    return render_template(
        "notes/show.html",
        told=told,
        replies=queries.replies_of(session, readable),
        method=method_of(session, session.get_one(Recording, note.thing.recording_id)),
        may_edit=may(session, note.actor, Action.NOTE_EDIT, Note, note.thing.id),
        may_delete=may(session, note.actor, Action.NOTE_DELETE, Note, note.thing.id),
        may_reply=may(session, note.actor, Action.NOTE_REPLY, Note, note.thing.id),
        may_watch=may(session, note.actor, Action.REC_WATCH, Recording, note.thing.recording_id),
        sent=sent or _as_typed(note.thing),
        errors=errors or {},
    )


def _editing(session: Session, note: Permit[Note], sent: MultiDict[str, Any], errors: dict[str, str]) -> str:
    return render_template(
        "notes/_editing.html",
        note=note.thing,
        method=method_of(session, session.get_one(Recording, note.thing.recording_id)),
        sent=sent,
        errors=errors,
    )


def _as_typed(note: Note) -> MultiDict[str, Any]:
    return MultiDict(
        {
            "kind": note.kind,
            "at_ms": note.at_ms,
            "until_ms": "" if note.until_ms is None else note.until_ms,
            "focus_item_id": str(note.focus_item_id or ""),
            "body": note.body,
            "version": note.version,
        }
    )
