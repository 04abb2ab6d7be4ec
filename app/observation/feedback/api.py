"""`/api/v1/cycles/<c>/feedback` and `…/response`: the same acts for scripts."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.authz import Action, permit
from app.errors import Invalid, NotFound
from app.lessons.recordings.models import Recording
from app.observation.feedback import queries, responding, service
from app.observation.feedback.models import Feedback
from app.observation.feedback.queries import Shared
from app.observation.feedback.responding import Choice, ResponseDraft
from app.observation.feedback.routes import permit_take_back, recording_of
from app.observation.feedback.service import FeedbackDraft
from app.observation.notes.forms import trimmed
from app.observation.notes.matching import matched_version, with_etag
from app.observation.notes.plain import plain
from app.web.guard import requires
from app.web.idempotency import once
from app.web.json_body import Body
from app.web.unit import actor, transaction
from app.web.words import instant

bp = Blueprint("feedback_api", __name__)
CREATED = 201
NO_CONTENT = 204


@bp.get("/api/v1/cycles/<uuid:cycle_id>/feedback")
@requires(Action.FEEDBACK_READ)
def index(cycle_id: UUID) -> ResponseReturnValue:
    """List the feedback of a turn that this person may read; the ETag is that of the teacher's answer."""
    with transaction() as session:
        found = queries.feedback_of(session, actor(), cycle_id=cycle_id)
        if not found:
            raise NotFound
        service.opened(session, actor(), found[0].recording_id)
        found = queries.feedback_of(session, actor(), cycle_id=cycle_id)
        items = [_plain(one) for one in queries.shared(session, actor(), found)]
        version = responding.version_of(session, found[0].recording_id) if found else 0
        return with_etag(jsonify(items=items, next=None), version)


@bp.post("/api/v1/cycles/<uuid:cycle_id>/feedback")
@requires(Action.FEEDBACK_RELEASE)
def share(cycle_id: UUID) -> ResponseReturnValue:
    """Share feedback, all or nothing: `{note_ids, took_away, why_dont_you_try}`."""
    body = Body.of_request()
    draft = FeedbackDraft(
        note_ids=_ids(body.take("note_ids", list)),
        took_away=trimmed(body.text("took_away")),
        why_dont_you_try=trimmed(body.text("why_dont_you_try")),
    )
    body.done()
    with transaction() as session:
        recording = recording_of(session, cycle_id)
        own = permit(session, actor(), Action.FEEDBACK_RELEASE, Recording, recording.id, lock=True)

        def answer() -> tuple[dict[str, Any], int]:
            feedback = service.release_feedback(session, own, draft=draft)
            return {
                "feedback_id": str(feedback.id),
                "released_at": instant(feedback.released_at),
                "undo_until": instant(feedback.undo_until),
            }, CREATED

        return once(session, own.actor, answer)


@bp.post("/api/v1/cycles/<uuid:cycle_id>/feedback/notes")
@requires(Action.FEEDBACK_RELEASE)
def add(cycle_id: UUID) -> ResponseReturnValue:
    """Add notes to feedback that is shared already: `{note_ids}`."""
    body = Body.of_request()
    note_ids = _ids(body.take("note_ids", list))
    body.done()
    with transaction() as session:
        recording = recording_of(session, cycle_id)
        own = permit(session, actor(), Action.FEEDBACK_RELEASE, Recording, recording.id, lock=True)

        def answer() -> tuple[dict[str, Any], int]:
            feedback = service.add_notes(session, own, note_ids=note_ids)
            return {"feedback_id": str(feedback.id), "added": len(note_ids)}, CREATED

        return once(session, own.actor, answer)


@bp.delete("/api/v1/feedback/<uuid:feedback_id>")
@requires(Action.FEEDBACK_TAKE_BACK)
def take_back(feedback_id: UUID) -> ResponseReturnValue:
    """Take feedback back while nobody has opened it and ten minutes aren't over."""
    with transaction() as session:
        service.take_back(session, permit_take_back(session, feedback_id))
        return "", NO_CONTENT


@bp.put("/api/v1/cycles/<uuid:cycle_id>/response")
@requires(Action.FEEDBACK_RESPOND)
def respond(cycle_id: UUID) -> ResponseReturnValue:
    """Answer what was shared: `{choices: [{try_id, choice, by, text}], thanks}`; If-Match `"0"` before the first."""
    body = Body.of_request()
    sent, thanks = body.take("choices", list) or [], body.text("thanks", default="")
    body.done()
    choices = tuple(_choice(one) for one in sent)
    with transaction() as session:
        recording = recording_of(session, cycle_id)
        own = permit(session, actor(), Action.FEEDBACK_RESPOND, Recording, recording.id)
        found = queries.feedback_of(session, actor(), cycle_id=cycle_id)
        words = {one.id: thanks for one in found} if thanks else {}
        draft = ResponseDraft(choices=choices, version=matched_version(), thanks=words)
        version = responding.respond(session, own, draft=draft)
        return with_etag(jsonify(cycle_id=str(cycle_id), version=version, choices=len(choices)), version)


def _choice(sent: Any) -> Choice:  # noqa: ANN401 - whatever JSON holds; each field is checked here
    body = Body(sent if isinstance(sent, dict) else {})
    try_id = body.uuid_or_none("try_id")
    if try_id is None:
        raise Invalid("field_missing", "Something is missing.", fields={"try_id": "This is needed."})
    choice = Choice(
        try_id=try_id,
        choice=body.text("choice"),
        by_on=body.date_or_none("by"),
        text=trimmed(body.text("text", default="")),
    )
    body.done()
    return choice


def _ids(sent: list[Any] | None) -> tuple[UUID, ...]:
    try:
        return tuple(dict.fromkeys(UUID(str(one)) for one in sent or []))
    except ValueError as error:
        raise Invalid("field_kind", "Something isn't as it should be.", fields={"note_ids": "Send ids."}) from error


def _plain(one: Shared) -> dict[str, Any]:
    feedback: Feedback = one.feedback
    return {
        "feedback_id": str(feedback.id),
        "author": {"id": str(feedback.author_id), "name": one.author.name},
        "released_at": instant(feedback.released_at),
        "took_away": feedback.took_away,
        "why_dont_you_try": feedback.why_dont_you_try,
        "notes": [plain(told) for told in one.notes],
        "thanks": one.response.thanks if one.response else None,
        "choices": [
            {
                "try_id": str(told.id),
                "choice": told.answer.choice,
                "by": told.answer.by_on.isoformat() if told.answer.by_on else None,
                "text": told.answer.body,
            }
            for told in one.tries
            if told.answer is not None
        ],
    }
