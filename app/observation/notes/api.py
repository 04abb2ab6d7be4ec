"""`/api/v1/…/notes`: notes as the note box, the outbox and scripts send and read them."""

from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, Permit, may, permit
from app.errors import Conflict, Invalid, NotFound, Stale
from app.lessons.recordings.models import Recording
from app.observation.notes import queries, service
from app.observation.notes.forms import trimmed
from app.observation.notes.hooks import about_to_read
from app.observation.notes.matching import matched_version, with_etag
from app.observation.notes.models import Note, NoteState
from app.observation.notes.plain import href, plain, plain_reply
from app.observation.notes.queries import Wanted
from app.observation.notes.routes import permit_reply
from app.observation.notes.service import NoteDraft
from app.web.errors import problem
from app.web.guard import requires
from app.web.idempotency import KeyNeeded
from app.web.json_body import Body
from app.web.numbers import whole
from app.web.unit import actor, transaction

bp = Blueprint("notes_api", __name__)
CREATED = 201
NO_CONTENT = 204
RELEASED = "This note has been shared, so it stays as it was read. Add a reply instead."


@bp.get("/api/v1/recordings/<uuid:recording_id>/notes")
@requires(Action.NOTE_READ)
def index(recording_id: UUID) -> ResponseReturnValue:
    """List the notes of a lesson that this person may read: `?kind&focus&from_ms&to_ms`."""
    wanted = _wanted()
    with transaction() as session:
        about_to_read(session, actor(), recording_id)
        notes = queries.notes_of(session, actor(), recording_id, wanted)
        if not notes and not may(session, actor(), Action.REC_LIST, Recording, recording_id):
            raise NotFound
        response = jsonify(items=[plain(told) for told in notes], next=None)
    response.set_etag(sha256(response.get_data()).hexdigest()[:32])
    return response.make_conditional(request)


@bp.post("/api/v1/recordings/<uuid:recording_id>/notes")
@requires(Action.NOTE_WRITE)
def add(recording_id: UUID) -> ResponseReturnValue:
    """Keep a note. Its Idempotency-Key is its id: sent again, it is the same note."""
    note_id, body = _key(), Body.of_request()
    draft = NoteDraft(
        at_ms=body.number("at_ms"),
        until_ms=body.number_or_none("until_ms"),
        kind=body.text("kind"),
        focus_item_id=body.uuid_or_none("focus_item_id"),
        body=trimmed(body.text("body")),
        written_at=body.moment_or_none("written_at"),
    )
    no_case_pupil = body.take("case_pupil_id", str, needed=False) is None
    body.done()
    if draft.written_at is not None and draft.written_at.tzinfo is None:
        raise Invalid(
            "field_kind", "Something isn't as it should be.", fields={"written_at": "Say it in UTC, with a Z."}
        )
    with transaction() as session:
        may_write = permit(session, actor(), Action.NOTE_WRITE, Recording, recording_id)
        if not no_case_pupil:
            say = "There are no case pupils in this project."
            raise Invalid("not_in_protocol", say, fields={"case_pupil_id": say})
        kept = service.write_note(session, may_write, note_id=note_id, draft=draft)
        return _made(session, kept.note, replayed=kept.replayed)


@bp.get("/api/v1/notes/<uuid:note_id>")
@requires(Action.NOTE_READ)
def show(note_id: UUID) -> ResponseReturnValue:
    """Give one note."""
    with transaction() as session:
        note = permit(session, actor(), Action.NOTE_READ, Note, note_id)
        if note.thing.author_id != actor().person_id:
            about_to_read(session, actor(), note.thing.recording_id)
            # Asked once more: whoever took it back a moment ago came first.
            note = permit(session, actor(), Action.NOTE_READ, Note, note_id)
        return with_etag(jsonify(plain(queries.find_told(session, note))), note.thing.version)


@bp.patch("/api/v1/notes/<uuid:note_id>")
@requires(Action.NOTE_EDIT)
def change(note_id: UUID) -> ResponseReturnValue:
    """Change some of a note that is still one's own; what isn't sent stays as it was."""
    with transaction() as session:
        note = _own(session, note_id)
        draft, version = _changed(note.thing), matched_version()
        try:
            service.edit_note(session, note, draft=draft, version=version)
        except Stale as stale:
            return _stale(session, note, stale)
        return with_etag(jsonify(plain(queries.tell_own(session, actor(), note.thing))), note.thing.version)


@bp.delete("/api/v1/notes/<uuid:note_id>")
@requires(Action.NOTE_DELETE)
def delete(note_id: UUID) -> ResponseReturnValue:
    """Delete a note that is still one's own; deleting it once more changes nothing."""
    with transaction() as session:
        try:
            note = _own(session, note_id, Action.NOTE_DELETE)
        except NotFound:
            if service.deleted_at(session, actor(), note_id) is None:
                raise
            return "", NO_CONTENT
        try:
            service.delete_note(session, note, version=matched_version())
        except Stale as stale:
            return _stale(session, note, stale)
        return "", NO_CONTENT


@bp.post("/api/v1/notes/<uuid:note_id>/replies")
@requires(Action.NOTE_REPLY)
def reply(note_id: UUID) -> ResponseReturnValue:
    """Reply to a shared note: `{body}`. Its Idempotency-Key is its id."""
    reply_id, body = _key(), Body.of_request()
    words = trimmed(body.text("body"))
    body.done()
    with transaction() as session:
        note = permit_reply(session, note_id)
        kept = service.reply(session, note, reply_id=reply_id, body=words)
        answer = next(one for one in queries.replies_of(session, note) if one.reply.id == kept.thing.id)
        response = jsonify(plain_reply(answer))
        response.status_code = CREATED
        if kept.replayed:
            response.headers["Idempotency-Replayed"] = "true"
        return response


@bp.get("/api/v1/notes/<uuid:note_id>/replies")
@requires(Action.NOTE_READ)
def replies(note_id: UUID) -> ResponseReturnValue:
    """List the replies to a note that this person may read."""
    with transaction() as session:
        note = permit(session, actor(), Action.NOTE_READ, Note, note_id)
        return jsonify(items=[plain_reply(answer) for answer in queries.replies_of(session, note)], next=None)


def _own(session: Session, note_id: UUID, action: Action = Action.NOTE_EDIT) -> Permit[Note]:
    """Load a note for changing it or deleting it; one that is shared says so."""
    try:
        return permit(session, actor(), action, Note, note_id, lock=True)
    except Conflict as refused:
        if session.get_one(Note, note_id).state == NoteState.OWN:
            raise  # it is nobody else's yet, but its lesson isn't open now, or a hold keeps it as it is
        raise Conflict("released", RELEASED) from refused


def _made(session: Session, note: Note, *, replayed: bool) -> Response:
    told = queries.tell_own(session, actor(), note)
    response = with_etag(jsonify(plain(told)), note.version)
    response.status_code = CREATED
    response.headers["Location"] = href(note)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def _stale(session: Session, note: Permit[Note], stale: Stale) -> Response:
    """Answer with the note as it is now: both versions can then be shown, and neither is lost."""
    session.refresh(note.thing)
    response = problem(stale)
    current = plain(queries.tell_own(session, note.actor, note.thing))
    response.set_data(jsonify({**(response.get_json() or {}), "current": current}).get_data())
    return with_etag(response, note.thing.version)


def _changed(note: Note) -> NoteDraft:
    body, sent = Body.of_request(), request.get_json(silent=True) or {}
    draft = NoteDraft(
        at_ms=body.number("at_ms") if "at_ms" in sent else note.at_ms,
        until_ms=body.number_or_none("until_ms") if "until_ms" in sent else note.until_ms,
        kind=body.text("kind") if "kind" in sent else note.kind,
        focus_item_id=body.uuid_or_none("focus_item_id") if "focus_item_id" in sent else note.focus_item_id,
        body=trimmed(body.text("body")) if "body" in sent else note.body,
        written_at=note.written_at,
    )
    body.done()
    return draft


def _key() -> UUID:
    sent = request.headers.get("Idempotency-Key", "")
    if not sent:
        raise KeyNeeded
    try:
        return UUID(sent)
    except ValueError as error:
        raise Invalid("key_unclear", "The key of a note is its own id: send a UUID.") from error


def _wanted() -> Wanted:
    asked: dict[str, Any] = {"kind": request.args.get("kind", "")}
    problems: dict[str, str] = {}
    for name in ("from_ms", "to_ms"):
        sent = request.args.get(name, "")
        asked[name] = whole(sent)
        if sent and asked[name] is None:
            problems[name] = "Send whole milliseconds."
    try:
        asked["focus_item_id"] = UUID(request.args["focus"]) if request.args.get("focus") else None
    except ValueError:
        problems["focus"] = "This can't be read."
    if problems:
        raise Invalid("filter_unclear", "This list can't be made.", fields=problems)
    return Wanted(**asked)
