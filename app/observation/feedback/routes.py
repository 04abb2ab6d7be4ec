"""`/cycles/<c>/feedback` and `/cycles/<c>/response`: sharing what one noticed, reading it, answering it."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app import clock
from app.agreements.cycles.models import Cycle
from app.agreements.hooks import turns_without_lesson
from app.agreements.projects.models import Project
from app.agreements.projects.queries import names_of
from app.authz import Action, Permit, may, permit
from app.errors import Conflict, Invalid, NotFound, Stale
from app.lessons.recordings.models import Recording
from app.lessons.recordings.queries import find_by_cycle
from app.observation.feedback import queries, responding, service
from app.observation.feedback.forms import feedback_draft, response_draft, ticked
from app.observation.feedback.hints import ASK, grading_words
from app.observation.feedback.models import Feedback
from app.observation.notes.queries import own_unreleased
from app.web.guard import requires
from app.web.unit import actor, transaction

bp = Blueprint("feedback", __name__, template_folder="templates")
SEE_OTHER = 303
UNPROCESSABLE = 422
CONFLICT = 409
PRECONDITION_FAILED = 412


@bp.get("/cycles/<uuid:cycle_id>/feedback")
@requires(Action.REC_WATCH)
def write(cycle_id: UUID) -> ResponseReturnValue:
    """Show one's own notes to tick, and the two closing sentences."""
    with transaction() as session:
        watching = _watching(session, cycle_id)
        if watching.thing.owner_id == actor().person_id:
            return redirect(f"/cycles/{cycle_id}/response", code=SEE_OTHER)
        return _write(session, watching)


@bp.post("/cycles/<uuid:cycle_id>/feedback")
@requires(Action.FEEDBACK_RELEASE)
def share(cycle_id: UUID) -> ResponseReturnValue:
    """Share ticks and sentences together, or add ticks to what is shared already."""
    with transaction() as session:
        own = _permit(session, Action.FEEDBACK_RELEASE, cycle_id, lock=True)
        try:
            with session.begin_nested():
                if service.find_own(session, own) is not None:
                    service.add_notes(session, own, note_ids=ticked(request.form))
                elif hints := _hints(request.form):
                    return _write(session, own, request.form, hints=hints)
                else:
                    service.release_feedback(session, own, draft=feedback_draft(request.form))
        except Invalid as refused:
            return _write(session, own, request.form, errors=refused.fields), UNPROCESSABLE
        except Conflict as refused:
            return _write(session, own, request.form, errors={"": refused.say}), CONFLICT
        return redirect(f"/cycles/{cycle_id}/feedback", code=SEE_OTHER)


@bp.post("/feedback/<uuid:feedback_id>/take-back")
@requires(Action.FEEDBACK_TAKE_BACK)
def take_back(feedback_id: UUID) -> ResponseReturnValue:
    """Undo a release that the teacher hasn't opened."""
    with transaction() as session:
        own = permit_take_back(session, feedback_id)
        cycle_id = own.thing.cycle_id
        service.take_back(session, own)
        return redirect(f"/cycles/{cycle_id}/feedback", code=SEE_OTHER)


@bp.get("/cycles/<uuid:cycle_id>/response")
@requires(Action.FEEDBACK_READ)
def read(cycle_id: UUID) -> ResponseReturnValue:
    """Show the feedback of a turn to those who may read it; its teacher answers here."""
    with transaction() as session:
        return _read(session, cycle_id)


@bp.post("/cycles/<uuid:cycle_id>/response")
@requires(Action.FEEDBACK_RESPOND)
def answer(cycle_id: UUID) -> ResponseReturnValue:
    """Keep the teacher's answer."""
    with transaction() as session:
        own = _permit(session, Action.FEEDBACK_RESPOND, cycle_id)
        feedback_ids = [one.id for one in queries.feedback_of(session, actor(), cycle_id=cycle_id)]
        try_ids = list(responding.tries_of(session, own.thing.id, feedback_ids))
        try:
            with session.begin_nested():
                responding.respond(session, own, draft=response_draft(request.form, try_ids, feedback_ids))
        except Invalid as refused:
            return _read(session, cycle_id, request.form, refused.fields), UNPROCESSABLE
        except Stale as refused:
            return _read(session, cycle_id, request.form, {"": refused.say}), PRECONDITION_FAILED
        return redirect(f"/cycles/{cycle_id}/response?sent=1#next", code=SEE_OTHER)


def permit_take_back(session: Session, feedback_id: UUID) -> Permit[Feedback]:
    """Load feedback for taking it back; its author is told why that can't be done any more.

    Raises:
        Conflict: the teacher has opened it (`opened`), or ten minutes are over (`undo_over`).
        NotFound: it isn't this person's.
    """
    try:
        return permit(session, actor(), Action.FEEDBACK_TAKE_BACK, Feedback, feedback_id, lock=True)
    except NotFound:
        found = permit(session, actor(), Action.FEEDBACK_READ, Feedback, feedback_id).thing
        if found.author_id != actor().person_id:
            raise
        if found.opened_at is not None:
            raise Conflict(
                "opened", "Your feedback has been opened, so it can't be taken back. You can add replies."
            ) from None
        raise Conflict("undo_over", "Ten minutes are over, so it can't be taken back. You can add replies.") from None


def recording_of(session: Session, cycle_id: UUID) -> Recording:
    """Find a turn's lesson, if this person may know of it.

    Raises:
        NotFound: there is none, or it isn't shared with them.
    """
    found = find_by_cycle(session, actor(), cycle_id)
    if found is None:
        raise NotFound
    return found


def _permit(session: Session, action: Action, cycle_id: UUID, *, lock: bool = False) -> Permit[Recording]:
    return permit(session, actor(), action, Recording, recording_of(session, cycle_id).id, lock=lock)


def _watching(session: Session, cycle_id: UUID) -> Permit[Recording]:
    return _permit(session, Action.REC_WATCH, cycle_id)


def _hints(fields: MultiDict[str, Any]) -> dict[str, list[str]]:
    """Find words that read as a grade in sentences that haven't been looked over yet."""
    draft = feedback_draft(fields)
    if fields.get("looked_over") or not (draft.took_away and draft.why_dont_you_try):
        return {}
    found = {"took_away": grading_words(draft.took_away), "why_dont_you_try": grading_words(draft.why_dont_you_try)}
    return {name: words for name, words in found.items() if words}


def _write(
    session: Session,
    watching: Permit[Recording],
    sent: MultiDict[str, Any] | None = None,
    *,
    errors: dict[str, str] | None = None,
    hints: dict[str, list[str]] | None = None,
) -> str:
    recording = watching.thing
    feedback = service.find_own(session, watching)
    return render_template(
        "feedback/write.html",
        recording=recording,
        cycle=session.get_one(Cycle, recording.cycle_id),
        teacher=names_of(session, [recording.owner_id])[recording.owner_id],
        notes=own_unreleased(session, actor(), recording.id),
        feedback=feedback,
        may_undo=feedback is not None and may(session, actor(), Action.FEEDBACK_TAKE_BACK, Feedback, feedback.id),
        may_share=may(session, actor(), Action.FEEDBACK_RELEASE, Recording, recording.id),
        goes_to=queries.goes_to(session, actor(), recording),
        sent=sent,
        picked=[str(note_id) for note_id in ticked(sent)] if sent is not None else None,
        grading=grading_words,
        ask=ASK,
        hints=hints or {},
        errors=errors or {},
    )


def _read(
    session: Session, cycle_id: UUID, sent: MultiDict[str, Any] | None = None, errors: dict[str, str] | None = None
) -> str:
    found = queries.feedback_of(session, actor(), cycle_id=cycle_id)
    if not found:
        return _nothing_yet(session, cycle_id)
    service.opened(session, actor(), found[0].recording_id)
    # Asked once more: whoever took theirs back a moment ago came first, unread.
    found = queries.feedback_of(session, actor(), cycle_id=cycle_id)
    if not found:
        return _nothing_yet(session, cycle_id)
    cycle = session.get_one(Cycle, cycle_id)
    recording = find_by_cycle(session, actor(), cycle_id)
    mine = cycle.teacher_id == actor().person_id
    may_answer = (
        mine and recording is not None and may(session, actor(), Action.FEEDBACK_RESPOND, Recording, recording.id)
    )
    return render_template(
        "feedback/read.html",
        cycle=cycle,
        project=session.get_one(Project, cycle.project_id),
        recording=recording,
        teacher=names_of(session, [cycle.teacher_id])[cycle.teacher_id],
        mine=mine,
        shared=queries.shared(session, actor(), found),
        may_answer=may_answer,
        may_set=may(session, actor(), Action.TARGET_SET, Cycle, cycle_id),
        version=responding.version_of(session, found[0].recording_id),
        waiting=queries.still_writing(session, recording) if mine and recording is not None else [],
        this_moment=session.scalar(select(clock.now())),
        sent=sent or {},
        errors=errors or {},
        answered=mine and "sent" in request.args,
    )


def _nothing_yet(session: Session, cycle_id: UUID) -> str:
    """Say to a turn's teacher who is still writing, whether they have begun or not: no count, no hint."""
    cycle = permit(session, actor(), Action.CYCLE_READ, Cycle, cycle_id).thing
    if cycle.teacher_id != actor().person_id:
        raise NotFound
    recording = find_by_cycle(session, actor(), cycle_id)
    return render_template(
        "feedback/nothing_yet.html",
        cycle=cycle,
        project=session.get_one(Project, cycle.project_id),
        recording=recording,
        gone=turns_without_lesson(session, [cycle_id]).get(cycle_id, ""),
        waiting=queries.still_writing(session, recording) if recording is not None else [],
    )
