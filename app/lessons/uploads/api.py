"""`/api/v1/uploads`: the bookkeeping of a film that goes to storage part by part; no byte of it passes here."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.agreements.consents.queries import open_objections
from app.agreements.cycles.models import Cycle
from app.authz import Action, permit
from app.errors import Invalid
from app.lessons.recordings.models import Recording
from app.lessons.uploads import queries, service
from app.lessons.uploads.models import Upload
from app.lessons.uploads.sending import Sender
from app.lessons.uploads.wish import Trim, Wish
from app.web.guard import requires
from app.web.idempotency import once, sent_key
from app.web.json_body import Body
from app.web.parts import parts
from app.web.unit import actor, sessions, transaction
from app.web.words import instant
from video.storage.base import SignedPart

bp = Blueprint("uploads_api", __name__, url_prefix="/api/v1/uploads")
CREATED, OK, ACCEPTED = 201, 200, 202
_KINDS = ("source", "small_copy")
_OBJECTION = (
    "Somebody in this class doesn't wish to be seen. You can send the lesson and watch it alone; "
    "it can't be shared until that is settled."
)


@bp.post("")
@requires(Action.UPLOAD_CREATE)
def create() -> ResponseReturnValue:
    """Open an upload, or go on with the one by which the same file was being sent."""
    wish = _wish(Body.of_request())
    with transaction() as session:
        may_create = permit(session, actor(), Action.UPLOAD_CREATE, Cycle, wish.cycle_id)

        def act() -> tuple[dict[str, Any], int]:
            upload, is_new = service.begin(session, may_create, wish=wish, storage=parts().storage)
            return _book(session, upload), CREATED if is_new else OK

        return once(session, may_create.actor, act)


@bp.get("/<uuid:upload_id>")
@requires(Action.UPLOAD_RESUME)
def show(upload_id: UUID) -> ResponseReturnValue:
    """Say what has arrived, as the storage tells it now."""
    with transaction() as session:
        upload = permit(session, actor(), Action.UPLOAD_RESUME, Upload, upload_id).thing
        service.check_kept(upload)
        return jsonify(_book(session, upload))


@bp.post("/<uuid:upload_id>/part-urls")
@requires(Action.UPLOAD_RESUME)
def part_urls(upload_id: UUID) -> ResponseReturnValue:
    """Sign addresses for parts that are about to be sent."""
    body = Body.of_request()
    wanted = _numbered(body, "sha256")
    body.done()
    with transaction() as session:
        may_go_on = permit(session, actor(), Action.UPLOAD_RESUME, Upload, upload_id)
        signed = service.addresses(session, may_go_on, parts=wanted, storage=parts().storage)
        return jsonify(
            {"urls": [_signed(number, address) for (number, _), address in zip(wanted, signed, strict=True)]}
        )


@bp.post("/<uuid:upload_id>/complete")
@requires(Action.UPLOAD_RESUME)
def complete(upload_id: UUID) -> ResponseReturnValue:
    """Say that all parts are sent; the storage puts them together outside of any transaction."""
    body = Body.of_request()
    named = [(number, etag.strip('"')) for number, etag in _numbered(body, "etag")]
    body.done()
    sent_key()
    Sender(sessions=sessions(), storage=parts().storage, actor=actor()).complete(upload_id, named)
    with transaction() as session:
        upload = permit(session, actor(), Action.UPLOAD_RESUME, Upload, upload_id).thing
        answer = {"recording_id": str(upload.recording_id), "state": "verifying"}
        return once(session, actor(), lambda: (answer, ACCEPTED))


@bp.delete("/<uuid:upload_id>")
@requires(Action.UPLOAD_RESUME)
def take_back(upload_id: UUID) -> ResponseReturnValue:
    """Give an upload up; its parts are erased."""
    with transaction() as session:
        may_go_on = permit(session, actor(), Action.UPLOAD_RESUME, Upload, upload_id, lock=True)
        key, storage_upload_id = service.take_back(session, may_go_on)
    service.erase_parts(parts().storage, key, storage_upload_id)
    return "", 204


def _wish(body: Body) -> Wish:
    cycle_id = body.uuid_or_none("cycle_id")
    if cycle_id is None:
        raise Invalid("field_missing", "Something is missing.", fields={"cycle_id": "This is needed."})
    body.uuid_or_none("recording_id")  # the turn says which recording it is
    kind = body.text("kind", default="source")
    if kind not in _KINDS:
        say = "Send the film itself, or a small copy of it."
        raise Invalid("kind_refused", say, fields={"kind": say})
    wish = Wish(
        cycle_id=cycle_id,
        name=body.take("name", str) or "",
        size_bytes=body.number("size_bytes"),
        fingerprint=body.text("fingerprint"),
        mime=body.text("mime", default="application/octet-stream"),
        recorded_on=body.date_or_none("recorded_on"),
        class_code=body.text("class_code", default=""),
        delete_on=body.date_or_none("delete_on"),
        trim=_trim(body.take("trim", dict, needed=False)),
        kind=kind,
    )
    body.done()
    return wish


def _trim(sent: dict[str, Any] | None) -> Trim | None:
    if sent is None:
        return None
    body = Body(sent)
    trim = Trim(
        in_ms=body.number("in_ms"), out_ms=body.number("out_ms"), cut_in_browser=bool(body.take("cut_in_browser", bool))
    )
    body.done()
    return trim


def _numbered(body: Body, name: str) -> list[tuple[int, str]]:
    """Read `parts`: a list of objects, each with a `number` and one text.

    Raises:
        Invalid: something else was sent.
    """
    found: list[tuple[int, str]] = []
    rows: list[Any] = body.take("parts", list) or []
    for row in rows:
        if not isinstance(row, dict):
            raise Invalid("field_kind", "Something isn't as it should be.", fields={"parts": "Send objects."})
        part = Body(row)
        found.append((part.number("number"), part.text(name)))
        part.done()
    if len({number for number, _ in found}) != len(found):
        raise Invalid("parts_refused", "A part is named twice.", fields={"parts": "Name each part once."})
    return found


def _book(session: Session, upload: Upload) -> dict[str, Any]:
    recording = session.get_one(Recording, upload.recording_id)
    objections = open_objections(session, recording.school_id, recording.class_code, recording.recorded_on)
    return {
        "upload_id": str(upload.id),
        "recording_id": str(upload.recording_id),
        "state": upload.state,
        "part_bytes": upload.part_bytes,
        "parts_total": service.parts_total(upload),
        "received": [
            {"number": part.number, "etag": part.etag, "size_bytes": part.size_bytes, "sha256": part.sha256}
            for part in queries.received(session, upload, parts().storage)
        ],
        "urls_at_once": service.URLS_AT_ONCE,
        "expires_at": instant(queries.expires_at(upload)),
        "delete_at": instant(recording.delete_at),
        "objection": _OBJECTION if objections else None,
    }


def _signed(number: int, address: SignedPart) -> dict[str, Any]:
    return {
        "number": number,
        "url": address.url,
        "method": address.method,
        "headers": address.headers,
        "expires_at": instant(address.expires_at),
    }
