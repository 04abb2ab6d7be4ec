"""Answers as Backrow's server would, so that the elements run against real pages, real media and a strict policy.

Pages come from one host name and stored bytes from another, as with a real object storage. Tests turn `Said`.
"""

import secrets
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from jinja2 import ChoiceLoader, FileSystemLoader

from app.web import assets, words
from app.web.build_assets import STATIC
from tests.js import media, uploads
from tests.js.said import Said, said

KINDS = [
    ("evidence", "Evidence"),
    ("question", "Question"),
    ("took_away", "I took away"),
    ("try", "Why don't you try"),
    ("wondering", "I wonder"),
]
_SHEET = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="960" height="90"><rect width="960" height="90" fill="teal"/></svg>'
)
bp = Blueprint("said", __name__)


def make_app(folder: Path) -> Flask:
    """Build the application; `app.config["said"]` is what tests turn."""
    app = Flask(__name__, static_folder=str(STATIC))
    app.config["said"] = Said(media=folder)
    pages = FileSystemLoader(Path(__file__).parent / "pages")
    app.jinja_loader = ChoiceLoader(
        [pages, FileSystemLoader(STATIC.parent / "templates")]
    )  # the list of keys is the real one
    assets.install(app)
    words.install(app)
    app.register_blueprint(bp)
    app.register_blueprint(uploads.bp)
    return app


@bp.before_app_request
def _nonce() -> None:
    g.csp_nonce = secrets.token_urlsafe(16)


@bp.app_context_processor
def _context() -> dict[str, Any]:
    return {"csp_nonce": g.csp_nonce, "kinds": KINDS, "duration_ms": media.DURATION_MS}


@bp.after_app_request
def _policy(response: Response) -> Response:
    if response.mimetype == "text/html":
        storage = said().storage
        response.headers["Content-Security-Policy"] = (
            f"script-src 'nonce-{g.csp_nonce}' 'strict-dynamic'; default-src 'none'; style-src 'self'; "
            f"font-src 'self'; img-src 'self' {storage}; media-src 'self' {storage} blob:; form-action 'self'; "
            f"frame-ancestors 'none'; worker-src 'self'; connect-src 'self' {storage}; base-uri 'none'"
        )
    if request.path.startswith("/storage/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Allow-Headers"] = "*"
        response.headers["Access-Control-Allow-Methods"] = "GET, PUT"
        response.headers["Access-Control-Expose-Headers"] = "ETag"
    return response


def _refused() -> None:
    if said().access != 200:
        abort(
            Response(
                '{"code":"not_found","detail":"Not here."}', said().access, content_type="application/problem+json"
            )
        )


@bp.get("/pages/<name>")
def page(name: str) -> str:
    """Show one of the pages; `?player=` adds attributes to the player."""
    notes = sorted(said().notes.values(), key=lambda note: (note["at_ms"], note["id"]))
    attrs = dict(pair.partition("=")[::2] for pair in request.args.get("player", "").split())
    now = said()
    return render_template(
        f"{name}.html",
        notes=notes,
        player_attrs=attrs,
        play_query="?clip=k1" if "clip" in request.args else "",
        shared="shared" in request.args,
        captions="captions" in request.args,
        sentence=now.status,
        settled=now.settled,
        hopes=now.hopes,
    )


@bp.get("/projects/p1")
@bp.get("/recordings/<_name>/status")
def plain(_name: str = "") -> str:
    """Stand at the end of a link; with `part`, the status' inside."""
    if "part" in request.args:
        return render_template("_status.html", sentence=said().status, settled=said().settled)
    return "<!doctype html><title>Here</title><h1>Here</h1>"


@bp.get("/media/r1/captions/en.vtt")
def captions() -> Response:
    """Say a word at two moments."""
    text = "WEBVTT\n\n00:02.000 --> 00:04.000\nFive\n\n00:12.000 --> 00:14.000\nSix\n"
    return Response(text, mimetype="text/vtt")


@bp.get("/media/r1/storyboard.vtt")
def storyboard() -> Response:
    """Say which small picture shows which four seconds: six on one sheet."""
    cues = [
        f"00:00:{begins:02}.000 --> 00:00:{begins + 4:02}.000\n/media/r1/storyboard/0.jpg#xywh={begins * 40},0,160,90\n"
        for begins in range(0, media.DURATION_MS // 1000, 4)
    ]
    return Response("\n".join(["WEBVTT\n", *cues]), mimetype="text/vtt")


@bp.get("/media/r1/storyboard/0.jpg")
def sheet() -> Response:
    """Hand out a sheet; what is on it is for the eye."""
    return Response(_SHEET, mimetype="image/svg+xml")


@bp.get("/api/v1/recordings/r1/play")
def play() -> ResponseReturnValue:
    """Tell what can be watched."""
    _refused()
    ready = said().ready
    watchable_ms = media.DURATION_MS if ready is None else ready * media.SEGMENT_S * 1000
    state = "ready" if ready is None else "watchable"
    folder = "/media/r1/clips/k1" if "clip" in request.args else "/media/r1"
    playlist = f"{folder}/master.m3u8" if watchable_ms else None
    return jsonify(
        playlist=playlist,
        media_state=state,
        watchable_ms=watchable_ms,
        duration_ms=media.DURATION_MS,
        at_ms=0,
        captions=[],
        reason="It is yours.",
    )


@bp.post("/api/v1/recordings/r1/watched")
def watched() -> ResponseReturnValue:
    """Keep which stretch was watched."""
    said().watched.append(request.get_json())
    said().tokens.append(request.headers.get("X-CSRF-Token"))
    return "", 204


@bp.get("/media/r1/clips/k1/<path:name>")
def clip_file(name: str) -> ResponseReturnValue:
    """Give a clip's playlist: the lesson's own segments from the third on."""
    _refused()
    text = (said().media / name).read_text() if name.endswith(".m3u8") else ""
    body = media.clipped(text, f"/media/r1/{Path(name).parent}") if name != "master.m3u8" else text
    return Response(body, content_type="application/vnd.apple.mpegurl", headers={"Cache-Control": "no-store"})


@bp.get("/media/r1/<path:name>")
def media_file(name: str) -> ResponseReturnValue:
    """Ask the policy; playlists from rows, bytes by way of the storage."""
    _refused()
    if not name.endswith(".m3u8"):
        return redirect(f"{said().storage}/storage/{name}", 302)
    text, ready = (said().media / name).read_text(), said().ready
    body = media.grown(text, ready) if ready is not None and name != "master.m3u8" else text
    return Response(body, content_type="application/vnd.apple.mpegurl", headers={"Cache-Control": "no-store"})


@bp.get("/storage/<path:name>")
def stored(name: str) -> ResponseReturnValue:
    """Give bytes, as an object storage does."""
    said().slow.wait(30)
    if name in said().old_once:
        said().old_once.discard(name)
        return "old", 403
    return Response((said().media / name).read_bytes(), content_type="video/mp4")


@bp.post("/api/v1/recordings/r1/notes")
def keep_note() -> ResponseReturnValue:
    """Keep a note once, however often it is sent."""
    _refused()
    key, now = request.headers["Idempotency-Key"], said()
    now.keys[key] += 1
    now.tokens.append(request.headers.get("X-CSRF-Token"))
    if now.refuse_note:
        problem, now.refuse_note = now.refuse_note, None
        return jsonify(problem), 422, {"Content-Type": "application/problem+json"}
    note = now.notes.setdefault(key, {"id": key, "state": "own", **request.get_json()})
    if now.lose_answers:
        now.lose_answers -= 1
        return jsonify(code="unavailable", detail="Just now it can't."), 503
    return jsonify(note), 201


@bp.get("/recordings/r1/notes/<key>")
def note_fragment(key: str) -> str:
    """Render one note."""
    if said().lose_fragments:
        abort(404)
    return render_template("_note.html", note=said().notes[key])
