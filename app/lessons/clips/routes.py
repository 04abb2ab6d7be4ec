"""Marking clips and taking them away; a clip's own page is the lesson's, with its ends fixed."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer

from app.authz import Action, may, permit
from app.errors import Invalid, NotFound
from app.lessons.clips import service
from app.lessons.clips.models import Clip
from app.lessons.clips.service import ClipDraft
from app.lessons.recordings.models import Recording
from app.web.guard import requires
from app.web.idempotency import once
from app.web.json_body import Body
from app.web.parts import parts
from app.web.unit import actor, transaction
from video.timecode import parse_time

bp = Blueprint("clips", __name__, template_folder="templates")
SEE_OTHER = 303
UNPROCESSABLE = 422
#: What the form calls the two ends, so that each mend leads to its field.
FIELDS = {"in_ms": "in", "out_ms": "out"}


@bp.post("/api/v1/recordings/<uuid:recording_id>/clips")
@requires(Action.CLIP_MAKE)
def make_by_api(recording_id: UUID) -> ResponseReturnValue:
    """Mark a clip: `{in_ms, out_ms, title, why}`."""
    body = Body.of_request()
    draft = ClipDraft(
        in_ms=body.number("in_ms"),
        out_ms=body.number("out_ms"),
        title=body.text("title"),
        why=body.text("why", default=""),
    )
    body.done()
    with transaction() as session:
        may_make = permit(session, actor(), Action.CLIP_MAKE, Recording, recording_id)

        def answer() -> tuple[dict[str, Any], int]:
            clip = service.make_clip(session, may_make, draft=draft)
            return _plain(clip), 201

        return once(session, may_make.actor, answer)


@bp.post("/recordings/<uuid:recording_id>/clips")
@requires(Action.CLIP_MAKE)
def make(recording_id: UUID) -> ResponseReturnValue:
    """Mark a clip from the lesson page's form, with times as people type them."""
    with transaction() as session:
        may_make = permit(session, actor(), Action.CLIP_MAKE, Recording, recording_id)
        try:
            clip = service.make_clip(session, may_make, draft=_typed())
        except Invalid as error:
            errors = {FIELDS.get(name, name): say for name, say in error.fields.items()}
            page = render_template("clips/mend.html", recording=may_make.thing, errors=errors, sent=request.form)
            return page, UNPROCESSABLE
        return redirect(f"/clips/{clip.id}", code=SEE_OTHER)


@bp.post("/clips/<uuid:clip_id>/delete")
@requires(Action.CLIP_DELETE)
def delete(clip_id: UUID) -> ResponseReturnValue:
    """Take a clip away; the answer holds it, sealed, for an undo, since it is kept nowhere else any more."""
    with transaction() as session:
        taken = service.delete_clip(session, permit(session, actor(), Action.CLIP_DELETE, Clip, clip_id, lock=True))
        return render_template(
            "clips/removed.html",
            taken=taken,
            sealed=_seal().dumps(taken),
            may_undo=may(session, actor(), Action.CLIP_MAKE, Recording, UUID(taken["recording"])),
        )


@bp.post("/recordings/<uuid:recording_id>/clips/restore")
@requires(Action.CLIP_MAKE)
def restore(recording_id: UUID) -> ResponseReturnValue:
    """Put a clip back that has just been taken away."""
    with transaction() as session:
        may_make = permit(session, actor(), Action.CLIP_MAKE, Recording, recording_id)
        clip = service.restore_clip(session, may_make, taken=_unsealed(request.form.get("taken", "")))
        return redirect(f"/clips/{clip.id}", code=SEE_OTHER)


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(parts().secret_key, salt="putting a clip back")


def _unsealed(words: str) -> service.Taken:
    try:
        taken: service.Taken = _seal().loads(words)
    except BadSignature as error:
        raise NotFound from error
    return taken


def _typed() -> ClipDraft:
    times: dict[str, int] = {}
    problems: dict[str, str] = {}
    for name, field in FIELDS.items():
        try:
            times[name] = parse_time(request.form.get(field, ""))
        except ValueError as error:
            problems[name] = str(error)
    title, why = (request.form.get(name, "").strip() for name in ("title", "why"))
    if problems:
        problems |= service.problems_of_words(title, why)
        raise Invalid("clip_unclear", "Some of this needs another look.", fields=problems)
    return ClipDraft(in_ms=times["in_ms"], out_ms=times["out_ms"], title=title, why=why)


def _plain(clip: Clip) -> dict[str, Any]:
    return {
        "id": str(clip.id),
        "recording_id": str(clip.recording_id),
        "in_ms": clip.in_ms,
        "out_ms": clip.out_ms,
        "href": url_for("clips.delete", clip_id=clip.id).removesuffix("/delete"),
        "version": clip.version,
    }
