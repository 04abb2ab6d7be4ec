"""No other website acts in anybody's name (P33): every unsafe route, every way of getting it wrong."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app import ids
from app.db import Base
from tests.browser import Browser

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
#: Each looked at or played lesson leaves a row there, on purpose (P10); the throttle counts tries.
_WRITTEN_BY_LOOKING = {"access_event", "throttle"}


def _filled(rule: str) -> str:
    """Fill an address with what could be there."""

    def fill(found: re.Match[str]) -> str:
        kind, choices = found[1], found[2]
        if kind == "any":
            return choices.split(",")[0].strip("'\" ")
        return "1" if kind == "int" else str(ids.new())

    return re.sub(r"<(?:(\w+)(?:\(([^)]*)\))?:)?\w+>", fill, rule)


def _unsafe(app: Flask) -> Iterator[tuple[str, str]]:
    for rule in app.url_map.iter_rules():
        needs_token = getattr(app.view_functions[rule.endpoint], "__backrow_form_token__", True)
        for method in sorted(set(rule.methods or ()) & set(UNSAFE)):
            if needs_token:
                yield method, _filled(rule.rule)


def _rows(sessions: sessionmaker[Session]) -> dict[str, object]:
    """Take down every row of every table."""
    tables = [name for name in Base.metadata.tables if name not in _WRITTEN_BY_LOOKING]
    with sessions() as session:
        return {
            name: session.scalar(text(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t"))  # noqa: S608 - our own tables' names
            for name in sorted(tables)
        }


def test_p33_each_unsafe_route_refuses_what_isn_t_from_our_own_page(
    app: Flask, amina: Browser, zoe: Browser, sessions: sessionmaker[Session]
) -> None:
    own, others = amina.token(), zoe.token()
    wrong: dict[str, tuple[str, dict[str, str]]] = {
        "no token": ("", {}),
        "somebody else's token": (others, {}),
        "another site's page": (own, {"Origin": "https://elsewhere.example"}),
        "a page without an origin": (own, {"Origin": "null"}),
        "the browser says cross-site": (own, {"Sec-Fetch-Site": "cross-site"}),
        "the browser says same-site: a neighbour's subdomain": (own, {"Sec-Fetch-Site": "same-site"}),
        "an invented key": ("", {"Authorization": "Bearer invented"}),
    }
    routes = list(_unsafe(app))
    assert len(routes) >= 25
    before = _rows(sessions)
    for method, path in routes:
        for why, (token, headers) in wrong.items():
            sent = {"csrf_token": token} if token else {}
            answer = amina.client.open(
                path, method=method, data=sent, headers={**headers, **({"X-CSRF-Token": token} if token else {})}
            )
            # An invented key leaves nobody signed in: a script is asked who it is before anything else.
            expected = 401 if why == "an invented key" and path.startswith("/api/") else 403
            assert answer.status_code == expected, f"{method} {path}: {why}"
    assert _rows(sessions) == before


def test_p33_no_get_writes(app: Flask, amina: Browser, sessions: sessionmaker[Session]) -> None:
    before = _rows(sessions)
    paths = [
        _filled(rule.rule)
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint != "static" and not rule.rule.startswith("/storage")
    ]
    assert len(paths) >= 15
    for path in paths:
        assert amina.get(path).status_code < 500 or path == "/healthz", path
    assert _rows(sessions) == before


def test_a_token_is_worth_nothing_to_another_device_of_the_same_person(app: Flask, amina: Browser) -> None:
    other = Browser.of(app)
    other.sign_in("amina@hillside.example")
    answer = other.client.post("/me/settings/name", data={"name": "X", "csrf_token": amina.token()})
    assert answer.status_code == 403


def test_a_token_from_before_signing_in_is_worth_nothing_afterwards(app: Flask) -> None:
    browser = Browser.of(app)
    early = browser.token()
    browser.sign_in("amina@hillside.example")
    assert browser.client.post("/me/settings/name", data={"name": "X", "csrf_token": early}).status_code == 403


def test_signing_in_needs_a_token_too(app: Flask) -> None:
    client = app.test_client()
    form = {"email": "amina@hillside.example", "password": "a lamp under seven hats"}
    assert client.post("/sign-in", data=form).status_code == 403


@pytest.mark.parametrize("site", ["same-origin", "none"])
def test_our_own_pages_are_let_through(amina: Browser, site: str) -> None:
    answer = amina.post(
        "/me/settings/name", {"name": "Amina R."}, headers={"Sec-Fetch-Site": site, "Origin": "http://localhost"}
    )
    assert answer.status_code == 303


def test_whoever_was_signed_out_elsewhere_is_asked_to_sign_in_not_told_of_a_token(amina: Browser) -> None:
    token = amina.token()
    amina.post("/sign-out")
    answer = amina.client.post(
        f"/api/v1/recordings/{uuid4()}/notes", json={"body": "x"}, headers={"X-CSRF-Token": token}
    )
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_needed")
