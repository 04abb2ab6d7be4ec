"""Plain pages for everybody, and what machines ask: are you well?"""

from datetime import timedelta

from flask import Blueprint, Response, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.web import description
from app.web.guard import public, signed_in
from app.web.parts import parts
from app.web.unit import me
from video.storage.base import StorageError

bp = Blueprint("pages", __name__)
_SAME_FOR_ALL = "the same words for everybody"
_SAME_FOR_ALL_HERE = "the same words for everybody who may use the API"
#: A worker without a sign of life for so long is counted as gone.
_WORKER_SILENT = timedelta(seconds=60)
_WORKER_SEEN = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - :silent")


@bp.get("/privacy")
@public(why=_SAME_FOR_ALL)
def privacy() -> ResponseReturnValue:
    """Say what is kept, who sees it, and what nobody can promise."""
    return render_template("pages/privacy.html")


@bp.get("/accessibility")
@public(why=_SAME_FOR_ALL)
def accessibility() -> ResponseReturnValue:
    """Say for whom Backrow works, how that was tried, and what is known to fall short."""
    return render_template("pages/accessibility.html")


@bp.get("/help")
@public(why=_SAME_FOR_ALL)
def help_page() -> ResponseReturnValue:
    """Answer the first questions."""
    return render_template("pages/help.html")


@bp.get("/help/keys")
@public(why=_SAME_FOR_ALL)
def keys() -> ResponseReturnValue:
    """List the single keys of the lesson page."""
    return render_template("pages/keys.html")


@bp.get("/api/openapi.json")
@signed_in(why=_SAME_FOR_ALL_HERE)
def api_for_programs() -> ResponseReturnValue:
    """Give the API's description."""
    me()
    return Response(description.text(), mimetype="application/json")


@bp.get("/api/docs")
@signed_in(why=_SAME_FOR_ALL_HERE)
def api_for_people() -> ResponseReturnValue:
    """Show the API's description as a page."""
    me()
    return render_template("pages/api.html", api=description)


@bp.get("/help/parts")
@public(why="every part of our pages, with invented words; while developing only")
def all_parts() -> ResponseReturnValue:
    """Show every part in every state."""
    if not current_app.debug:
        raise NotFound
    return render_template("parts.html", form=None, errors={})


@bp.get("/healthz")
@public(why="says only whether Backrow is well")
def health() -> ResponseReturnValue:
    """Answer 200 when database, storage and a worker are well, 503 with what isn't."""
    well = {"web": True, "database": False, "storage": _storage_well(), "worker": False}
    try:
        with parts().sessions() as session:
            well["database"] = True
            well["worker"] = _worker_well(session)
    except OperationalError:
        well["database"] = False
    return jsonify(well), 200 if all(well.values()) else 503


def _worker_well(session: Session) -> bool:
    return bool(session.scalar(_WORKER_SEEN, {"silent": _WORKER_SILENT}))


def _storage_well() -> bool:
    try:
        parts().storage.check()
    except StorageError:
        return False
    return True
