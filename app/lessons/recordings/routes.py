"""`/recordings/<r>/…`: sharing, pausing, withdrawing, keeping, erasing, and how far a film is prepared."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock
from app.agreements.protocols.audience import Watcher
from app.authz import Action, Permit, may, permit
from app.errors import Invalid, NotFound
from app.lessons.recordings import queries, service
from app.lessons.recordings.forms import KeepForm
from app.lessons.recordings.models import Recording
from app.web.guard import requires, signed_in
from app.web.idempotency import once
from app.web.json_body import Body
from app.web.unit import actor, me, transaction
from app.web.words import instant, last_day

bp = Blueprint("recordings", __name__, template_folder="templates")
SEE_OTHER = 303
ACTS = (
    Action.REC_SHARE,
    Action.REC_CARRY_OVER,
    Action.REC_PAUSE,
    Action.REC_RESUME,
    Action.REC_WITHDRAW,
    Action.REC_ERASE,
    Action.REC_KEEP_LONGER,
    Action.REC_KEEP_SHORTER,
)
VERBS = "'share', 'carry-over', 'pause', 'resume', 'withdraw', 'erase'"
Act = Callable[[Session, Permit[Recording]], Recording]


@bp.get("/me/lessons")
@signed_in(why="one's own lessons, listed by the policy")
def my_lessons() -> ResponseReturnValue:
    """List the teacher's own lessons, with their states and the days until which they are kept."""
    with transaction() as session:
        return render_template(
            "recordings/mine.html",
            recordings=queries.my_recordings(session, actor()),
            erased=queries.my_erased(session, actor()),
        )


@bp.get("/recordings/<uuid:recording_id>/sharing")
@requires(Action.REC_LIST)
def sharing(recording_id: UUID) -> ResponseReturnValue:
    """Show the teacher, and nobody else, who may watch now and why, and what can be done about it."""
    with transaction() as session:
        own = permit(session, actor(), Action.REC_LIST, Recording, recording_id)
        if own.thing.owner_id != own.actor.person_id:
            raise NotFound
        return _sharing(session, own, {})


@bp.post("/recordings/<uuid:recording_id>/share")
@requires(Action.REC_SHARE)
def share(recording_id: UUID) -> ResponseReturnValue:
    """Share a lesson with those whom the page named."""
    return _act(recording_id, Action.REC_SHARE, _sharing_act(service.share))


@bp.post("/recordings/<uuid:recording_id>/carry-over")
@requires(Action.REC_CARRY_OVER)
def carry_over(recording_id: UUID) -> ResponseReturnValue:
    """Bring a shared lesson under the version in force."""
    return _act(recording_id, Action.REC_CARRY_OVER, _sharing_act(service.carry_over))


@bp.post("/recordings/<uuid:recording_id>/pause")
@requires(Action.REC_PAUSE)
def pause(recording_id: UUID) -> ResponseReturnValue:
    """Close a lesson to everybody else for now; their very next request gets nothing."""
    return _act(recording_id, Action.REC_PAUSE, service.pause)


@bp.post("/recordings/<uuid:recording_id>/resume")
@requires(Action.REC_RESUME)
def resume(recording_id: UUID) -> ResponseReturnValue:
    """Open a paused lesson again."""
    return _act(recording_id, Action.REC_RESUME, service.resume)


@bp.post("/recordings/<uuid:recording_id>/withdraw")
@requires(Action.REC_WITHDRAW)
def withdraw(recording_id: UUID) -> ResponseReturnValue:
    """Take a lesson back."""
    return _act(recording_id, Action.REC_WITHDRAW, service.withdraw)


@bp.post("/recordings/<uuid:recording_id>/keep")
@requires(Action.REC_KEEP_SHORTER, Action.REC_KEEP_LONGER)
def keep(recording_id: UUID) -> ResponseReturnValue:
    """Move the day until which a lesson is kept."""
    with transaction() as session:
        form = KeepForm.sent(request.form)
        delete_at = clock.end_of_day(form.delete_on, me().time_zone) if form.delete_on else None
        own = _may_keep(session, recording_id, delete_at)
        if delete_at is None:
            return _sharing(
                session, own, {"delete_on": form.problem or "Type a day, a month and a year, like 31 7 2026."}
            ), 422
        try:
            service.keep_until(session, own, delete_at=delete_at)
        except Invalid as error:
            return _sharing(session, own, error.fields), 422
    return redirect(url_for("recordings.sharing", recording_id=recording_id), code=SEE_OTHER)


@bp.get("/recordings/<uuid:recording_id>/delete")
@requires(Action.REC_ERASE)
def confirm_erasing(recording_id: UUID) -> ResponseReturnValue:
    """Ask once more, naming what goes: the one act that can't be undone."""
    with transaction() as session:
        own = permit(session, actor(), Action.REC_ERASE, Recording, recording_id)
        return render_template("recordings/erase.html", recording=own.thing)


@bp.post("/recordings/<uuid:recording_id>/erase")
@requires(Action.REC_ERASE)
def erase(recording_id: UUID) -> ResponseReturnValue:
    """Close a lesson for good and have it erased."""
    with transaction() as session:
        own = permit(session, actor(), Action.REC_ERASE, Recording, recording_id, lock=True)
        service.erase(session, own)
    return redirect(url_for("playback.seen", recording_id=recording_id), code=SEE_OTHER)


@bp.post(f"/api/v1/recordings/<uuid:recording_id>/<any({VERBS}):verb>")
@requires(Action.LOG_READ)
def act_by_api(recording_id: UUID, verb: str) -> ResponseReturnValue:
    """Do one of the owner's acts for a script: `{version_id}` for sharing and carrying over, nothing otherwise."""
    action, act = API_ACTS[verb]
    body = Body.of_request()
    version_id = body.uuid_or_none("version_id")
    body.done()
    return _once(
        recording_id,
        lambda session: act(session, permit(session, actor(), action, Recording, recording_id, lock=True), version_id),
    )


@bp.post("/api/v1/recordings/<uuid:recording_id>/keep")
@requires(Action.LOG_READ)
def keep_by_api(recording_id: UUID) -> ResponseReturnValue:
    """Move the day until which a lesson is kept: `{delete_on}`."""
    body = Body.of_request()
    delete_on = body.date_or_none("delete_on")
    body.done()
    if delete_on is None:
        raise Invalid("field_missing", "Something is missing.", fields={"delete_on": "This is needed."})
    delete_at = clock.end_of_day(delete_on, me().time_zone)
    return _once(
        recording_id,
        lambda session: service.keep_until(session, _may_keep(session, recording_id, delete_at), delete_at=delete_at),
    )


def _once(recording_id: UUID, act: Callable[[Session], Recording]) -> ResponseReturnValue:
    """Do it once: the owner gets the first answer again, though the act itself is over and can't be done anew."""
    with transaction() as session:
        permit(session, actor(), Action.LOG_READ, Recording, recording_id)

        def answer() -> tuple[dict[str, Any], int]:
            recording = act(session)
            session.flush()
            return {
                "state": recording.state,
                "delete_at": instant(recording.delete_at),
                "audience": queries.audience_words(session, recording),
            }, 200

        return once(session, actor(), answer)


def _may_keep(session: Session, recording_id: UUID, delete_at: datetime | None) -> Permit[Recording]:
    """Ask for what the day needs: bringing it forward is always the owner's, moving it back isn't."""
    before = session.scalar(select(Recording.delete_at).where(Recording.id == recording_id))
    later = before is not None and delete_at is not None and delete_at > before
    action = Action.REC_KEEP_LONGER if later else Action.REC_KEEP_SHORTER
    return permit(session, actor(), action, Recording, recording_id, lock=True)


def _act(recording_id: UUID, action: Action, act: Act) -> ResponseReturnValue:
    with transaction() as session:
        act(session, permit(session, actor(), action, Recording, recording_id, lock=True))
    return redirect(url_for("recordings.sharing", recording_id=recording_id), code=SEE_OTHER)


def _sharing_act(act: Callable[..., Recording]) -> Act:
    """Share under the very version that the page showed, and keep the sentence that it showed."""

    def shared(session: Session, own: Permit[Recording]) -> Recording:
        try:
            version_id = UUID(request.form.get("version_id", ""))
        except ValueError as error:
            raise Invalid(
                "version_missing", "Open the sharing page again: it says who will be able to watch."
            ) from error
        return act(session, own, version_id=version_id, audience=queries.audience_sentence(session, own.thing))

    return shared


def _share_by_api(act: Callable[..., Recording]) -> Callable[[Session, Permit[Recording], UUID | None], Recording]:
    def shared(session: Session, own: Permit[Recording], version_id: UUID | None) -> Recording:
        if version_id is None:
            raise Invalid("field_missing", "Something is missing.", fields={"version_id": "This is needed."})
        return act(session, own, version_id=version_id, audience=queries.audience_sentence(session, own.thing))

    return shared


API_ACTS: dict[str, tuple[Action, Callable[[Session, Permit[Recording], UUID | None], Recording]]] = {
    "share": (Action.REC_SHARE, _share_by_api(service.share)),
    "carry-over": (Action.REC_CARRY_OVER, _share_by_api(service.carry_over)),
    "pause": (Action.REC_PAUSE, lambda session, own, _: service.pause(session, own)),
    "resume": (Action.REC_RESUME, lambda session, own, _: service.resume(session, own)),
    "withdraw": (Action.REC_WITHDRAW, lambda session, own, _: service.withdraw(session, own)),
    "erase": (Action.REC_ERASE, lambda session, own, _: service.erase(session, own)),
}


def _watcher_rows(watchers: list[Watcher]) -> list[list[str]]:
    return [[who.name, who.school, who.clause, last_day(who.until_at)] for who in watchers]


def _sharing(session: Session, own: Permit[Recording], errors: dict[str, str]) -> str:
    recording = own.thing
    version, would = queries.would_watch(session, recording)
    can = {
        action.value.removeprefix("rec."): may(session, own.actor, action, Recording, recording.id) for action in ACTS
    }
    return render_template(
        "recordings/sharing.html",
        recording=recording,
        carried=queries.if_carried_over(session, recording) if can["carry_over"] else None,
        kept_then=service.kept_under(session, recording, version) if version else recording.delete_at,
        can=can,
        watchers=queries.may_watch_now(session, recording),
        watcher_rows=_watcher_rows,
        version=version,
        would=would,
        sentence=queries.audience_sentence(session, recording),
        obstacles=queries.obstacles(session, recording),
        latest=service.latest_date(session, recording),
        this_moment=session.scalar(select(clock.now())),
        errors=errors,
        sent=request.form,
    )
