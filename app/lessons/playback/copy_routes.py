"""`/media/<r>/blurred/…`: a blurred copy for its teacher to look over; until it is used nobody else finds one."""

from uuid import UUID

from flask import Blueprint, Response, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, Permit, permit
from app.errors import NotFound
from app.lessons.media.models import Asset
from app.lessons.media.served import unsettled_copy
from app.lessons.playback import queries, service
from app.lessons.playback.routes import PLAYLIST, content_type, go, refuse_other_sites
from app.lessons.recordings.models import Recording
from app.lessons.recordings.own import own
from app.web.guard import requires
from app.web.unit import actor, transaction
from app.web.words import instant

bp = Blueprint("copies", __name__)
bp.before_request(refuse_other_sites)


@bp.get("/media/<uuid:recording_id>/blurred/play.json")
@requires(Action.REC_WATCH)
def play(recording_id: UUID) -> ResponseReturnValue:
    """Tell the player what of the copy can be watched now."""
    with transaction() as session:
        may, copy = _copy(session, recording_id)
        recording = may.thing
        there = bool(queries.served(session, recording, copy=copy))
        return jsonify(
            playlist=f"/media/{recording_id}/blurred/master.m3u8" if there else None,
            media_state=recording.media_state,
            watchable_ms=recording.watchable_ms,
            duration_ms=recording.duration_ms,
            prepared_percent=100,
            at_ms=0,
            captions=[],
            storyboard=None,
            reason="It is your own lesson.",
            delete_at=instant(recording.delete_at),
        )


@bp.get("/media/<uuid:recording_id>/blurred/master.m3u8")
@requires(Action.REC_WATCH)
def master(recording_id: UUID) -> ResponseReturnValue:
    """Hand out the copy's playlist of playlists."""
    with transaction() as session:
        may, copy = _copy(session, recording_id)
        runs = queries.served(session, may.thing, copy=copy)
        if not runs:
            raise NotFound
        service.hand_out(session, may, what="playlist")
        return Response(queries.master_playlist(runs), mimetype=PLAYLIST)


@bp.get("/media/<uuid:recording_id>/blurred/<name>.m3u8")
@requires(Action.REC_WATCH)
def media(recording_id: UUID, name: str) -> ResponseReturnValue:
    """Hand out the playlist of one of the copy's renditions."""
    with transaction() as session:
        may, copy = _copy(session, recording_id)
        runs = queries.served(session, may.thing, copy=copy)
        run = next((run for run in runs if run.rendition.name == name), None)
        if run is None:
            raise NotFound
        service.hand_out(session, may, what="playlist", rendition=name)
        return Response(queries.media_playlist(may.thing, run), mimetype=PLAYLIST)


@bp.get("/media/<uuid:recording_id>/blurred/<name>/init.mp4")
@requires(Action.REC_WATCH)
def init(recording_id: UUID, name: str) -> ResponseReturnValue:
    """Hand out what a player reads before the first segment of one of the copy's renditions."""
    with transaction() as session:
        may, copy = _copy(session, recording_id)
        rendition = queries.find_rendition(session, copy, name)
        if rendition is None or rendition.init_key is None:
            raise NotFound
        service.hand_out(session, may, what="init", rendition=name)
        return go(rendition.init_key, content_type(rendition.kind))


@bp.get("/media/<uuid:recording_id>/blurred/<name>/<int:number>.m4s")
@requires(Action.REC_WATCH)
def segment(recording_id: UUID, name: str, number: int) -> ResponseReturnValue:
    """Hand out one of the copy's segments."""
    with transaction() as session:
        may, copy = _copy(session, recording_id)
        found = queries.find_segment(session, copy, name, number)
        if found is None:
            raise NotFound
        service.hand_out(session, may, what="segment", segment=found, rendition=name)
        return go(found.key, "audio/mp4" if name == "sound" else "video/mp4")


def _copy(session: Session, recording_id: UUID) -> tuple[Permit[Recording], Asset]:
    may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
    copy = unsettled_copy(session, own(may))
    if copy is None:
        raise NotFound
    return may, copy
