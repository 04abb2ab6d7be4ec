"""Notes as JSON: the shape that scripts, the note box and the outbox share."""

from typing import Any

from app.observation.notes.models import Note
from app.observation.notes.queries import Answer, Told
from app.web.words import instant

ONLY_YOU = {"id": "me", "sentence": "Only you."}
SHARED = {"id": "feedback", "sentence": "Its teacher, and those whom the protocol lets read feedback."}


def plain(told: Told) -> dict[str, Any]:
    """Give a note as its reader may have it."""
    note = told.note
    return {
        "id": str(note.id),
        "recording_id": str(note.recording_id),
        "at_ms": note.at_ms,
        "until_ms": note.until_ms,
        "kind": note.kind,
        "focus_item_id": str(note.focus_item_id) if note.focus_item_id else None,
        "case_pupil_id": None,
        "phase_id": None,
        "body": note.body,
        "audience": ONLY_YOU if told.own else SHARED,
        "state": note.state,
        "author": {"id": str(note.author_id), "name": told.author},
        "written_at": instant(note.written_at),
        "saved_at": instant(note.saved_at),
        "version": note.version,
        "replies": told.replies,
        "may": _may(told),
    }


def plain_reply(answer: Answer) -> dict[str, Any]:
    """Give a reply."""
    return {
        "id": str(answer.reply.id),
        "note_id": str(answer.reply.note_id),
        "body": answer.reply.body,
        "author": {"id": str(answer.reply.author_id), "name": answer.author},
        "written_at": instant(answer.reply.written_at),
    }


def href(note: Note) -> str:
    """Give a note's own address."""
    return f"/recordings/{note.recording_id}/notes/{note.id}"


def _may(told: Told) -> list[str]:
    if told.own and told.mine:
        return ["edit", "delete"] if told.owner else ["edit", "delete", "release"]
    return ["reply"] if told.mine or told.owner else []
