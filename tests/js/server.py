"""Answers as Backrow's server would, so that the elements run against real pages, real media and a strict policy.

Pages come from one host name and stored bytes from another, as with a real object storage. Tests turn `Said`.
"""

import base64
import hashlib
import secrets
import threading
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.web import assets
from app.web.build_assets import STATIC
from tests.js import media

KINDS = [
    ("evidence", "Evidence"),
    ("question", "Question"),
    ("took_away", "I took away"),
    ("try", "Why don't you try"),
    ("wondering", "I wonder"),
]
PART_BYTES = 262_144
bp = Blueprint("said", __name__)


def _flowing() -> threading.Event:
    event = threading.Event()
    event.set()
    return event


@dataclass
class Said:
    """What the server says just now, and what it has been told."""

    media: Path
    storage: str = ""
    #: 200, or how every request about the lesson is refused
    access: int = 200
    #: segments that are ready, or None when all are
    ready: int | None = None
    #: media paths that storage refuses once, as an old address is
    old_once: set[str] = field(default_factory=set)
    #: while set up and not yet set, storage answers nothing
    slow: threading.Event = field(default_factory=_flowing)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: how often each note's key was sent
    keys: Counter[str] = field(default_factory=Counter)
    #: the next posts of notes are kept, but their answers are lost
    lose_answers: int = 0
    #: fragments of notes are answered as what may not be seen
    lose_fragments: bool = False
    refuse_note: dict[str, Any] | None = None
    watched: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    uploads: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: bytes of each part taken, by (upload, number), and how often it was taken
    parts: dict[tuple[str, int], bytes] = field(default_factory=dict)
    puts: Counter[tuple[str, int]] = field(default_factory=Counter)
    #: storage takes this many parts, then holds the others until `go` is set, and drops them
    hold_after: int | None = None
    go: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    counting: threading.Lock = field(default_factory=threading.Lock)
    #: parts whose first address is old
    old_parts: set[int] = field(default_factory=set)
    expired: bool = False
    completed: list[dict[str, Any]] = field(default_factory=list)
    status: str = "Checking the film."
    settled: bool = False
    hopes: str = ""


def make_app(folder: Path) -> Flask:
    """Build the application; `app.config["said"]` is what tests turn."""
    app = Flask(__name__, static_folder=str(STATIC), template_folder=str(Path(__file__).parent / "pages"))
    app.config["said"] = Said(media=folder)
    assets.install(app)
    app.register_blueprint(bp)
    return app


def said() -> Said:
    """What the server says just now."""
    now = current_app.config["said"]
    assert isinstance(now, Said)
    return now


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


@bp.post("/api/v1/uploads")
def create_upload() -> ResponseReturnValue:
    """Begin an upload, or carry on with the one of the same file."""
    wish = request.get_json()
    assert request.headers["Idempotency-Key"]
    for upload_id, wished in said().uploads.items():
        if wished["fingerprint"] == wish["fingerprint"]:
            return jsonify(_book(upload_id)), 200
    upload_id = f"u{len(said().uploads) + 1}"
    said().uploads[upload_id] = wish
    return jsonify(_book(upload_id)), 201


def _book(upload_id: str) -> dict[str, Any]:
    now, wish = said(), said().uploads[upload_id]
    received = [
        {"number": number, "etag": f'"{number}"', "size_bytes": len(body), "sha256": _digest(body)}
        for (upload, number), body in sorted(now.parts.items())
        if upload == upload_id
    ]
    parts_total = -(-wish["size_bytes"] // PART_BYTES)
    return {
        "upload_id": upload_id,
        "recording_id": "r1",
        "state": "open",
        "part_bytes": PART_BYTES,
        "parts_total": parts_total,
        "received": received,
        "urls_at_once": 8,
    }


def _digest(body: bytes) -> str:
    return base64.b64encode(hashlib.sha256(body).digest()).decode()


@bp.get("/api/v1/uploads/<upload_id>")
def upload(upload_id: str) -> ResponseReturnValue:
    """Tell what storage has."""
    if said().expired:
        return jsonify(code="expired", detail="We kept your parts for 7 days."), 410
    return jsonify(_book(upload_id))


@bp.delete("/api/v1/uploads/<upload_id>")
def cancel_upload(upload_id: str) -> ResponseReturnValue:
    """Forget an upload and its parts."""
    now = said()
    now.uploads.pop(upload_id, None)
    now.parts = {key: body for key, body in now.parts.items() if key[0] != upload_id}
    return "", 204


@bp.post("/api/v1/uploads/<upload_id>/part-urls")
def part_urls(upload_id: str) -> ResponseReturnValue:
    """Give addresses for parts."""
    urls = []
    for part in request.get_json()["parts"]:
        old = part["number"] in said().old_parts
        said().old_parts.discard(part["number"])
        url = f"{said().storage}/storage/parts/{upload_id}/{part['number']}{'?old=1' if old else ''}"
        urls.append(
            {
                "number": part["number"],
                "url": url,
                "method": "PUT",
                "headers": {"x-amz-checksum-sha256": part["sha256"]},
            }
        )
    return jsonify(urls=urls)


@bp.put("/storage/parts/<upload_id>/<int:number>")
def take_part(upload_id: str, number: int) -> ResponseReturnValue:
    """Take a part's bytes, unless held up or asked by an old address."""
    now = said()
    if "old" in request.args:
        return "", 403
    with now.counting:
        now.asked += 1
        held = now.hold_after is not None and now.asked > now.hold_after
    if held:
        now.go.wait(30)
        return "", 503
    body = request.get_data()
    assert request.headers["x-amz-checksum-sha256"] == _digest(body)
    now.parts[upload_id, number] = body
    now.puts[upload_id, number] += 1
    return "", 200, {"ETag": f'"{number}"'}


@bp.post("/api/v1/uploads/<upload_id>/complete")
def complete_upload(upload_id: str) -> ResponseReturnValue:
    """Put the parts together."""
    said().completed.append({"upload_id": upload_id, **request.get_json()})
    return jsonify(recording_id="r1", state="verifying"), 202
