"""No other website acts in anybody's name: each unsafe request carries its own token and comes from our own pages."""

import hmac
from hashlib import sha256
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from flask_login import current_user
from markupsafe import Markup

from app import ids
from app.errors import Forged, SignInNeeded
from app.web.parts import parts

VISIT_COOKIE = "backrow-visit"
FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def csrf_token() -> str:
    """Give the token for this device's forms; before signing in, for this visit's."""
    who = f"device:{current_user.id}" if current_user.is_authenticated else f"visit:{_visit()}"
    return hmac.new(parts().secret_key.encode(), f"form token for {who}".encode(), sha256).hexdigest()


def csrf_field() -> Markup:
    """Give the hidden field that each form carries."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, csrf_token())


def check() -> None:
    """Refuse an unsafe request without its token, or from another site.

    Raises:
        Forged: nothing was changed.
        SignInNeeded: nobody is signed in who could act by the API; what a script holds then waits for its person.
    """
    if request.method not in UNSAFE or request.endpoint is None:
        return
    if request.path.startswith("/api/") and not current_user.is_authenticated:
        raise SignInNeeded
    view = current_app.view_functions[request.endpoint]
    if not getattr(view, "__backrow_form_token__", True) or _bearer_signed_in():
        return
    if current_user.is_authenticated and (most := getattr(view, "__backrow_most_bytes__", None)):
        request.max_content_length = most
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    if not _same_site() or not hmac.compare_digest(sent.encode(), csrf_token().encode()):
        raise Forged


def keep_visit(response: Response) -> Response:
    """Hand out the visit's cookie where a form was made before signing in."""
    fresh = g.get("fresh_visit")
    if fresh:
        response.set_cookie(VISIT_COOKIE, fresh, httponly=True, samesite="Lax", secure=parts().secure, path="/")
    return response


def install(app: Flask) -> None:
    """Check every unsafe request of the application."""
    app.before_request(check)
    app.after_request(keep_visit)


def _visit() -> str:
    known = request.cookies.get(VISIT_COOKIE) or g.get("fresh_visit")
    if not known:
        known = g.fresh_visit = ids.token()
    return known


def _bearer_signed_in() -> bool:
    """A bearer token is sent by scripts on purpose, never by a browser on its own."""
    return request.headers.get("Authorization", "").startswith("Bearer ") and bool(current_user.is_authenticated)


def _same_site() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        # It decides alone: our referrer policy makes browsers send `Origin: null` even with our own forms.
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host
