"""Builds the Flask application from its parts."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint, Flask, g, request
from flask_login import LoginManager, current_user
from werkzeug.middleware.proxy_fix import ProxyFix

from app import ids, models, policies
from app.agreements import blueprints as agreements
from app.agreements import hooks
from app.agreements.groups.service import membership_ended
from app.audit import request_id
from app.home.figures.queries import figures
from app.home.live import routes as live
from app.home.next_steps import routes as home
from app.lessons.blurs import routes as blurs
from app.lessons.captions import routes as captions
from app.lessons.clips import routes as clips
from app.lessons.exports import routes as exports
from app.lessons.phases import routes as phases
from app.lessons.playback import copy_routes as copies
from app.lessons.playback import routes as playback
from app.lessons.recordings import routes as recordings
from app.lessons.recordings.queries import lessons_gone
from app.lessons.recordings.service import tell_of_objection, withdraw_at_school, withdraw_for_leaver
from app.lessons.uploads import api as uploads_api
from app.lessons.uploads import routes as uploads
from app.observation.feedback import api as feedback_api
from app.observation.feedback import routes as feedback
from app.observation.feedback.service import opened
from app.observation.feedback.turn_links import turn_links
from app.observation.notes import api as notes_api
from app.observation.notes import hooks as notes_hooks
from app.observation.notes import routes as notes
from app.observation.workspace import routes as workspace
from app.people import hooks as people_hooks
from app.people.accounts import me_routes
from app.people.accounts import routes as accounts
from app.people.accounts.devices import load_signed_in
from app.people.alliances import routes as alliances
from app.people.directory import join_routes
from app.people.directory import routes as directory
from app.people.first_run import routes as first_run
from app.reflection.targets import routes as targets
from app.web import assets, csrf, errors, guard, headers, metrics, objects, pages, words
from app.web.numbers import WholeNumber
from app.web.parts import Parts
from video.storage.local import LocalStorage

#: Pages take words; films go to storage by addresses of their own.
LARGEST_FORM_BYTES = 2 * 1024 * 1024
metadata = models.metadata
POLICIES = policies.__all__

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    pages.bp,
    first_run.bp,
    accounts.bp,
    me_routes.bp,
    alliances.bp,
    directory.bp,
    join_routes.bp,
    *agreements.BLUEPRINTS,
    recordings.bp,
    uploads.bp,
    uploads_api.bp,
    playback.bp,
    copies.bp,
    blurs.bp,
    clips.bp,
    captions.bp,
    exports.bp,
    phases.bp,
    workspace.bp,
    notes.bp,
    notes_api.bp,
    feedback.bp,
    feedback_api.bp,
    targets.bp,
    live.bp,
    metrics.bp,
)


def create_app(parts: Parts) -> Flask:
    """Build the application.

    Raises:
        RouteWithoutRule: a route says neither who may use it nor why everybody may.
    """
    app = Flask("app", static_folder="web/static", template_folder="web/templates")
    app.extensions["backrow"] = parts
    app.url_map.converters["int"] = WholeNumber
    app.config.update(MAX_CONTENT_LENGTH=LARGEST_FORM_BYTES, SECRET_KEY=parts.secret_key)
    app.debug = parts.development
    app.view_functions["static"] = guard.public(why="the same files for everybody")(app.view_functions["static"])
    if parts.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # Flask's documented way
            app.wsgi_app, x_for=parts.trusted_proxies, x_proto=parts.trusted_proxies, x_host=parts.trusted_proxies
        )
    app.before_request(_begin)
    app.after_request(_forget_request)
    _install_sign_in(app)
    for install in _INSTALLERS:
        install(app)
    app.context_processor(_page_words)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    if isinstance(parts.storage, LocalStorage):
        app.register_blueprint(objects.make_blueprint(parts.storage))
    _install_hooks()
    guard.seal(app)
    return app


def _install_hooks() -> None:
    """Let higher areas hear what happens in lower ones, in the same transaction."""
    if withdraw_for_leaver not in hooks.on_left:
        hooks.on_left.append(withdraw_for_leaver)
    if opened not in notes_hooks.on_read:
        notes_hooks.on_read.append(opened)
    if turn_links not in hooks.links_of_turns:
        hooks.links_of_turns.append(turn_links)
    if lessons_gone not in hooks.lessons_gone:
        hooks.lessons_gone.append(lessons_gone)
    if tell_of_objection not in hooks.on_objection:
        hooks.on_objection.append(tell_of_objection)
    for receiver in (withdraw_at_school, membership_ended):
        if receiver not in people_hooks.on_membership_ended:
            people_hooks.on_membership_ended.append(receiver)
    hooks.check()
    notes_hooks.check()
    people_hooks.check()


_INSTALLERS: tuple[Callable[[Flask], None], ...] = (
    errors.install,
    csrf.install,
    headers.install,
    words.install,
    assets.install,
    partial(metrics.install, read=figures),
)


def _begin() -> None:
    """Give each request an id short enough to be read out on the telephone."""
    g.request_id = ids.new().hex[-8:].upper()
    request_id.set(g.request_id)


def _forget_request(response: Any) -> Any:  # noqa: ANN401 - whatever Flask hands on
    request_id.set(None)
    return response


def _install_sign_in(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None  # our own device rows say who is signed in
    manager.request_loader(load_signed_in)


def _page_words() -> dict[str, Any]:
    """Give every page what its frame shows."""
    signed_in = current_user if current_user.is_authenticated else None
    return {
        "csp_nonce": headers.csp_nonce(),
        "csrf_token": csrf.csrf_token,
        "csrf_field": csrf.csrf_field,
        "me": signed_in,
        "alliance_name": signed_in.alliance_name if signed_in else None,
        "shared_computer": bool(signed_in and signed_in.shared_computer),
        "request_id": g.get("request_id"),
        "nav_links": _navigation(signed_in.roles) if signed_in else [],
    }


def _navigation(roles: frozenset[str]) -> list[dict[str, Any]]:
    links = [("/", "Home"), ("/me/lessons", "My lessons"), ("/projects", "Projects"), ("/alliance/people", "People")]
    if "alliance_administrator" in roles or "school_administrator" in roles:
        links.append(("/alliance", "Alliance"))
    return [{"href": href, "label": label, "current": request.path == href} for href, label in links]
