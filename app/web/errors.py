"""Where refusals become pages, fragments or problem+json: in one place."""

import logging
from http import HTTPStatus
from urllib.parse import urlencode

from flask import Flask, Response, g, jsonify, make_response, redirect, render_template, request
from sqlalchemy.exc import DataError
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import NotFound as NoSuchAddress

from app.errors import BackrowError, Invalid, NotFound, SignInNeeded, TooMany
from app.web import csrf

logger = logging.getLogger(__name__)
PAGES = {
    403: "errors/403-csrf.html",
    404: "errors/404.html",
    429: "errors/429.html",
    500: "errors/500.html",
    503: "errors/503.html",
}
#: A button's form is shorter than this.
MOST_OF_A_BUTTON = 4096
#: Under a machine's address, but people read it.
PAGE_FOR_DEVELOPERS = "/api/docs"
MACHINE_PATHS = ("/api/", "/media/", "/storage/", "/healthz", "/metrics")


def wants_json() -> bool:
    """Tell whether a machine asks."""
    return request.path.startswith(MACHINE_PATHS) and request.path != PAGE_FOR_DEVELOPERS


def problem(error: BackrowError) -> Response:
    """Make a problem+json of an error."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": error.say,
        "fields": error.fields,
        "retry_after_s": getattr(error, "retry_after_s", None),
    }
    response = jsonify(body)
    response.status_code = error.status
    response.mimetype = "application/problem+json"
    return response


def page(error: BackrowError) -> Response:
    """Make a page of an error, or only its message where a part of a page was asked for."""
    if request.headers.get("HX-Request"):
        return make_response(render_template("errors/_problem.html", error=error), error.status)
    template = PAGES.get(error.status, "errors/page.html")
    retry_after_s = getattr(error, "retry_after_s", None)
    page = render_template(template, error=error, retry_after_s=retry_after_s, typed=_typed())
    return make_response(page, error.status)


def _typed() -> bool:
    """Tell whether the form that was sent holds what somebody typed: a button's own holds its token alone."""
    if request.method != "POST" or (request.content_length or 0) > MOST_OF_A_BUTTON:
        return request.method == "POST"  # a film's form isn't read for this
    return any(name != csrf.FIELD for name in request.form)


def answer(error: BackrowError) -> Response:
    """Answer with an error as its asker can read it."""
    if isinstance(error, SignInNeeded) and not wants_json():
        if request.headers.get("HX-Request"):
            response = make_response("", HTTPStatus.NO_CONTENT)
            response.headers["HX-Redirect"] = "/sign-in"
            return response
        there = request.full_path.rstrip("?") if request.method == "GET" else "/"
        return make_response(redirect(f"/sign-in?{urlencode({'next': there})}", code=303))
    response = problem(error) if wants_json() else page(error)
    if isinstance(error, TooMany):
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def install(app: Flask) -> None:
    """Register the one place for errors."""

    @app.errorhandler(BackrowError)
    def refused(error: BackrowError) -> Response:
        return answer(error)

    @app.errorhandler(HTTPException)
    def by_werkzeug(error: HTTPException) -> Response:
        if isinstance(error, NoSuchAddress):
            return answer(NotFound())
        refusal = BackrowError(
            (error.name or "problem").lower().replace(" ", "_"),
            "Backrow can't answer this. Go back and try another way.",
        )
        refusal.status = error.code or 500  # type: ignore[misc]  # this one error's own
        return answer(NotFound() if error.code == HTTPStatus.METHOD_NOT_ALLOWED else refusal)

    @app.errorhandler(DataError)
    @app.errorhandler(UnicodeEncodeError)
    def unkeepable(error: Exception) -> Response:
        # A NUL, or half of a pair of surrogates: signs that no keyboard makes and the database can't keep.
        if isinstance(error, DataError) and "NUL" not in str(error.orig):
            return broken(error)
        return answer(
            Invalid("sign_refused", "There is a sign in it that can't be kept. Type it anew, and send it again.")
        )

    @app.errorhandler(Exception)  # the outermost loop of a request
    def broken(error: Exception) -> Response:
        # Our log keeps an error's kind and the places it came from, never values: those may be what people wrote.
        logger.error("unexpected, in request %s", g.get("request_id"), exc_info=error)
        if app.debug or app.testing:
            raise error
        return answer(BackrowError("broken", "Something broke here, not with you. What you typed is kept. Try again."))
