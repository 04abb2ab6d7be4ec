"""What every answer carries, whatever it answers."""

import re

import pytest
from flask import Flask

from tests.browser import Browser

ALWAYS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ANSWERS = [
    pytest.param("/sign-in", 200, id="a public page"),
    pytest.param("/me", 200, id="one's own page"),
    pytest.param("/nowhere", 404, id="no page"),
    pytest.param("/reset/none", 410, id="a refusal"),
    pytest.param("/api/v1/nowhere", 404, id="a machine's refusal"),
    pytest.param("/static/css/mark.svg", 200, id="a file"),
]


@pytest.mark.parametrize(("path", "status"), ANSWERS)
def test_every_answer_carries_the_headers(amina: Browser, path: str, status: int) -> None:
    answer = Browser.of(amina.app).get(path) if path == "/sign-in" else amina.get(path)
    assert answer.status_code == status
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    assert answer.headers["Permissions-Policy"] == "camera=(), microphone=(), geolocation=()"
    if not path.startswith("/static"):
        assert answer.headers["Cache-Control"] == "no-store"
    answer.close()


def test_the_content_policy_lets_nothing_in_from_elsewhere(amina: Browser) -> None:
    policy = dict(part.strip().split(" ", 1) for part in amina.get("/me").headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["style-src"] == policy["form-action"] == policy["connect-src"] == "'self'"
    assert "unsafe" not in str(policy)
    assert "http" not in str(policy)


def test_each_answer_has_a_nonce_of_its_own_and_only_our_scripts_carry_it(amina: Browser) -> None:
    first, second = amina.get("/me"), amina.get("/me")
    nonces = [re.findall(r"'nonce-([^']+)'", each.headers["Content-Security-Policy"])[0] for each in (first, second)]
    assert nonces[0] != nonces[1]
    scripts = re.findall(r"<script[^>]*>", first.text)
    assert len(scripts) == 2
    assert all(f'nonce="{nonces[0]}"' in script for script in scripts)
    assert not re.search(r"\son\w+=|style=", first.text)


def test_hsts_only_where_people_come_by_https(app: Flask, amina: Browser) -> None:
    assert "Strict-Transport-Security" not in amina.get("/me").headers
    assert app.test_client().get("/privacy").headers.getlist("Set-Cookie") == [], "a reader gets no cookie"
