"""`/media/…`: the policy, the log, then a redirect to an address that dies within a minute; and the player's asks."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.authz import Action, Permit, permit
from app.errors import Forged, NotFound
from app.lessons.captions import service as captions
from app.lessons.clips.models import Clip
from app.lessons.media import looks, turns
from app.lessons.media.models import AssetKind, Storyboard
from app.lessons.media.served import served_asset
from app.lessons.playback import log, queries, service
from app.lessons.recordings.conditions import GONE
from app.lessons.recordings.models import MediaState, Recording
from app.lessons.recordings.queries import because
from app.web.guard import requires
from app.web.json_body import Body
from app.web.parts import parts
from app.web.unit import actor, me, transaction
from app.web.words import instant, moment
from video.captions import Cue, to_vtt
from video.storyboard import storyboard_vtt

bp = Blueprint("playback", __name__, template_folder="templates")
ADDRESS_S = 60
PLAYLIST = "application/vnd.apple.mpegurl"


@bp.before_request
def refuse_other_sites() -> None:
    """Refuse pictures to pages of other sites, whoever is signed in there.

    Raises:
        Forged: the browser says that another site asks.
    """
    if request.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none"):
        raise Forged


@bp.get("/api/v1/recordings/<uuid:recording_id>/play")
@requires(Action.REC_WATCH)
def play(recording_id: UUID) -> ResponseReturnValue:
    """Tell the player what can be watched now, and why; 404 as soon as it can't be."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        clip = _clip(session, may, request.args.get("clip"))
        turns.hurry(session, may.thing)
        return jsonify(_play(session, may, clip))


@bp.post("/api/v1/recordings/<uuid:recording_id>/watched")
@requires(Action.REC_WATCH)
def watched(recording_id: UUID) -> ResponseReturnValue:
    """Remember where somebody is in a lesson; the log of who watched is made elsewhere, by the server alone."""
    body = Body.of_request()
    from_ms, until_ms = body.number("from_ms"), body.number("until_ms")
    body.take("view_id", str, needed=False)
    body.take("rate", object, needed=False)
    body.done()
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        service.keep_place(session, may, from_ms=from_ms, until_ms=until_ms)
    return "", 204


@bp.get("/recordings/<uuid:recording_id>/seen")
@requires(Action.LOG_READ)
def seen(recording_id: UUID) -> ResponseReturnValue:
    """Show who has watched, when, which parts, and by which clause; also once the lesson is gone."""
    with transaction() as session:
        own = permit(session, actor(), Action.LOG_READ, Recording, recording_id)
        return render_template(
            "playback/seen.html",
            recording=own.thing,
            alive=own.thing.state not in GONE,
            views=log.views(session, own, zone=me().time_zone),
            view_rows=_view_rows,
            acts=log.acts(session, own),
            act_word=log.act_word,
        )


@bp.get("/media/<uuid:recording_id>/master.m3u8")
@requires(Action.REC_WATCH)
def master(recording_id: UUID) -> ResponseReturnValue:
    """Hand out the playlist of playlists."""
    return _master(recording_id, None)


@bp.get("/media/<uuid:recording_id>/clips/<uuid:clip_id>/master.m3u8")
@requires(Action.REC_WATCH)
def clip_master(recording_id: UUID, clip_id: UUID) -> ResponseReturnValue:
    """Hand out a clip's playlist of playlists."""
    return _master(recording_id, str(clip_id))


@bp.get("/media/<uuid:recording_id>/<name>.m3u8")
@requires(Action.REC_WATCH)
def media(recording_id: UUID, name: str) -> ResponseReturnValue:
    """Hand out one rendition's playlist."""
    return _media(recording_id, name, None)


@bp.get("/media/<uuid:recording_id>/clips/<uuid:clip_id>/<name>.m3u8")
@requires(Action.REC_WATCH)
def clip_media(recording_id: UUID, clip_id: UUID, name: str) -> ResponseReturnValue:
    """Hand out one rendition's playlist of a clip: the same segments, fewer of them."""
    return _media(recording_id, name, str(clip_id))


@bp.get("/media/<uuid:recording_id>/<name>/init.mp4")
@requires(Action.REC_WATCH)
def init(recording_id: UUID, name: str) -> ResponseReturnValue:
    """Hand out what a player reads before a rendition's first segment."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        film = served_asset(session, may.thing, small=_of_small())
        rendition = queries.find_rendition(session, film, name) if film else None
        if rendition is None or rendition.init_key is None:
            raise NotFound
        service.hand_out(session, may, what="init", rendition=name)
        return go(rendition.init_key, content_type(rendition.kind))


@bp.get("/media/<uuid:recording_id>/<name>/<int:number>.m4s")
@requires(Action.REC_WATCH)
def segment(recording_id: UUID, name: str, number: int) -> ResponseReturnValue:
    """Hand out one segment: policy, log, and an address for this one object."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        film = served_asset(session, may.thing, small=_of_small())
        found = queries.find_segment(session, film, name, number) if film else None
        if found is None:
            raise NotFound
        service.hand_out(session, may, what="segment", segment=found, rendition=name)
        return go(found.key, "audio/mp4" if name == "sound" else "video/mp4")


@bp.get("/media/<uuid:recording_id>/poster.jpg")
@requires(Action.REC_WATCH)
def poster(recording_id: UUID) -> ResponseReturnValue:
    """Hand out the picture that stands for the lesson."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        asset = served_asset(session, may.thing)
        if asset is None or asset.poster_key is None:
            raise NotFound
        service.hand_out(session, may, what="poster")
        return go(asset.poster_key, "image/jpeg")


@bp.get("/media/<uuid:recording_id>/storyboard.vtt")
@requires(Action.REC_WATCH)
def storyboard(recording_id: UUID) -> ResponseReturnValue:
    """Say which small picture shows which stretch of the lesson."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        board = _storyboard(session, may)
        if board is None:
            raise NotFound
        service.hand_out(session, may, what="storyboard")
        text = storyboard_vtt(
            board.times_ms,
            ends_ms=may.thing.duration_ms or 0,
            width=board.width,
            height=board.height,
            sheet=lambda number: f"/media/{recording_id}/storyboard/{number}.jpg",
        )
        return Response(text, mimetype="text/vtt")


@bp.get("/media/<uuid:recording_id>/storyboard/<int:number>.jpg")
@requires(Action.REC_WATCH)
def sheet(recording_id: UUID, number: int) -> ResponseReturnValue:
    """Hand out one sheet of small pictures, with the stretch of the lesson that it shows."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        board = _storyboard(session, may)
        if board is None or number >= len(board.sheet_keys):
            raise NotFound
        from_ms, until_ms = looks.stretch_of(board, number, ends_ms=may.thing.duration_ms or 0)
        service.hand_out(session, may, what="storyboard", from_ms=from_ms, until_ms=until_ms)
        return go(board.sheet_keys[number], "image/jpeg")


@bp.get("/media/<uuid:recording_id>/captions/<lang>.vtt")
@requires(Action.REC_WATCH)
def captions_file(recording_id: UUID, lang: str) -> ResponseReturnValue:
    """Hand out what is said in a lesson, to be read; not while its teacher hides it."""
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        found = next((one for one in captions.shown(session, may) if one.lang == lang), None)
        if found is None:
            raise NotFound
        service.hand_out(session, may, what="captions", rendition=found.lang)
        return Response(to_vtt([Cue.from_json(row) for row in found.cues]), mimetype="text/vtt")


def _of_small() -> bool:
    """Tell whether the address is from a small copy's playlist."""
    return request.args.get("film") == "small"


def _storyboard(session: Session, may: Permit[Recording]) -> Storyboard | None:
    asset = served_asset(session, may.thing)
    return looks.storyboard_of(session, asset.id) if asset is not None else None


def _master(recording_id: UUID, clip_id: str | None) -> Response:
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        runs = queries.served(session, may.thing, clip=_clip(session, may, clip_id))
        if not runs:
            raise NotFound
        service.hand_out(session, may, what="playlist")
        return Response(queries.master_playlist(runs), mimetype=PLAYLIST)


def _media(recording_id: UUID, name: str, clip_id: str | None) -> Response:
    with transaction() as session:
        may = permit(session, actor(), Action.REC_WATCH, Recording, recording_id)
        clip = _clip(session, may, clip_id)
        run = next((run for run in queries.served(session, may.thing, clip=clip) if run.rendition.name == name), None)
        if run is None:
            raise NotFound
        service.hand_out(session, may, what="playlist", rendition=name)
        return Response(queries.media_playlist(may.thing, run, clip=clip), mimetype=PLAYLIST)


def _play(session: Session, may: Permit[Recording], clip: Clip | None) -> dict[str, Any]:
    recording = may.thing
    place = queries.find_place(session, recording.id, may.actor.person_id)
    folder = f"/media/{recording.id}" + (f"/clips/{clip.id}" if clip else "")
    watchable = recording.watchable_ms > 0
    film = served_asset(session, recording)
    return {
        "playlist": f"{folder}/master.m3u8" if watchable else None,
        "media_state": recording.media_state,
        "small_copy": film is not None and film.kind == AssetKind.SMALL_COPY,
        "watchable_ms": recording.watchable_ms,
        "duration_ms": recording.duration_ms,
        "prepared_percent": 100 if recording.media_state == MediaState.READY else recording.prepared_percent,
        "at_ms": place.at_ms if place and clip is None else (clip.in_ms if clip else 0),
        "captions": [
            {"lang": one.lang, "src": f"/media/{recording.id}/captions/{one.lang}.vtt", "made_by": one.made_by}
            for one in captions.shown(session, may)
        ],
        "storyboard": f"/media/{recording.id}/storyboard.vtt" if _storyboard(session, may) else None,
        "reason": because(session, may),
        "delete_at": instant(recording.delete_at),
    }


def _clip(session: Session, may: Permit[Recording], clip_id: str | None) -> Clip | None:
    """Find a clip of this very lesson; it is watched under the lesson's own rule, which has just said yes."""
    if clip_id is None:
        return None
    try:
        clip = session.get(Clip, UUID(clip_id))
    except ValueError as error:
        raise NotFound from error
    if clip is None or clip.recording_id != may.thing.id:
        raise NotFound
    return clip


def _when(view: log.View) -> str:
    """Say when somebody watched on one day: from the first piece to the last."""
    first, last = moment(view.first_at), moment(view.last_at)
    return first if first == last else f"{first}–{last.rpartition(' ')[2]}"


def _view_rows(views: list[log.View]) -> list[list[str]]:
    return [[view.who.words, _when(view), view.parts, view.rule] for view in views]


def go(key: str, kind: str) -> Response:
    """Lead to an object by an address that dies within a minute."""
    address = parts().storage.url(key, expires_s=ADDRESS_S, content_type=kind)
    return redirect(address, code=302)  # type: ignore[return-value]  # werkzeug's own response class


def content_type(kind: str) -> str:
    """Say as what a rendition's pieces are handed out."""
    return "audio/mp4" if kind == "sound" else "video/mp4"
