"""Every page has its rule, or Backrow doesn't start (P52)."""

import pytest
from flask import Blueprint, Flask

from app import factory
from app.authz import Action
from app.web.errors import PAGE_FOR_DEVELOPERS
from app.web.guard import RouteWithoutRule, RuleNotAsked, requires, rule_of, seal
from app.web.parts import Parts
from tests.browser import Browser


def test_p52_a_bare_route_stops_the_start_by_name(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = Blueprint("bare", __name__)
    bare.add_url_rule("/bare/page", view_func=lambda: "anything", endpoint="page")
    monkeypatch.setattr(factory, "BLUEPRINTS", (*factory.BLUEPRINTS, bare))
    parts: Parts = app.extensions["backrow"]
    with pytest.raises(RouteWithoutRule, match="/bare/page"):
        factory.create_app(parts)


def test_p52_every_route_has_its_rule(app: Flask) -> None:
    seal(app)
    assert [rule.rule for rule in app.url_map.iter_rules() if rule_of(app, rule.endpoint) is None] == []


def test_p52_a_view_that_answers_without_asking_its_rule_fails() -> None:
    careless = Flask("careless")

    @careless.get("/careless")
    @requires(Action.REC_WATCH)
    def careless_view() -> str:
        return "a lesson"

    careless.testing = True
    with pytest.raises(RuleNotAsked, match="careless_view"):
        careless.test_client().get("/careless")


def test_a_stranger_is_led_to_the_door_whether_or_not_the_page_exists_for_others(app: Flask) -> None:
    stranger = Browser.of(app)
    for rule in app.url_map.iter_rules():
        reason = rule_of(app, rule.endpoint)
        is_page = "GET" in (rule.methods or ()) and not rule.arguments
        if not is_page or (isinstance(reason, str) and not reason.startswith("signed in: ")):
            continue
        answer = stranger.get(rule.rule)
        machine = rule.rule.startswith(("/api/", "/media/")) and rule.rule != PAGE_FOR_DEVELOPERS
        expected = 401 if machine else 303
        assert answer.status_code == expected, rule.rule


@pytest.mark.parametrize("path", ["/privacy", "/accessibility", "/help", "/help/keys", "/forgotten", "/sign-in"])
def test_plain_pages_are_there_for_everybody(app: Flask, path: str) -> None:
    page = Browser.of(app).get(path)
    assert page.status_code == 200
    assert page.text.count("<h1>") == 1
    assert "Backrow</title>" in page.text
    assert page.text.count("button--main") <= 1


def test_p63_the_privacy_page_says_what_nobody_can_promise(app: Flask) -> None:
    text = Browser.of(app).get("/privacy").text
    for words in (
        "films the screen",
        "blurring hides",
        "server sees it",
        "read its disks",
        "unseen",
        "scanned",
        "consent",
    ):
        assert words in text


def test_parts_are_shown_while_developing_only(app: Flask) -> None:
    browser = Browser.of(app)
    assert browser.get("/help/parts").status_code == 404
    app.debug = True
    assert browser.get("/help/parts").status_code == 200


def test_health_says_what_is_well(app: Flask) -> None:
    answer = Browser.of(app).get("/healthz")
    assert answer.status_code == 503
    assert answer.json == {"web": True, "database": True, "storage": True, "worker": False}
