"""A small application with the page of all parts, for the tests of the parts."""

from html.parser import HTMLParser
from types import SimpleNamespace
from typing import Any

from flask import Flask, Response, render_template
from jinja2 import StrictUndefined
from markupsafe import Markup
from wtforms import (
    BooleanField,
    EmailField,
    Form,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)

from app.web import assets, build_assets, words
from app.web.build_assets import STATIC

TEMPLATES = STATIC.parent / "templates"
NONCE = "the-nonce"
POLICY = (
    f"script-src 'nonce-{NONCE}' 'strict-dynamic'; default-src 'none'; style-src 'self'; font-src 'self'; "
    "img-src 'self'; connect-src 'self'; media-src 'self' blob:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
AMINA = SimpleNamespace(name="Amina", person_id="p1", roles={"teacher"})


class Everything(Form):
    """One field of each sort that `kit.field` dresses."""

    bound_text = StringField("A line", description="What goes here.")
    bound_email = EmailField("An address", render_kw={"spellcheck": "false"})
    bound_password = PasswordField("A password")
    bound_area = TextAreaField("Some lines")
    bound_radio = RadioField("One of two", choices={"a": "A", "b": "B"}, default="b")
    bound_many = SelectMultipleField("Some of two", choices={"a": "A", "b": "B"}, default=["a"])
    bound_select = SelectField("One of three", choices={"1": "One", "2": "Two"}, default="2")
    bound_yes = BooleanField("Yes")


def pages() -> Flask:
    """Make an application that serves the page of all parts, under the policy that real pages have."""
    build_assets.build()
    app = Flask("pages", template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.jinja_env.undefined = StrictUndefined
    assets.install(app)
    words.install(app)

    @app.context_processor
    def context() -> dict[str, Any]:
        return {
            "csp_nonce": NONCE,
            "csrf_token": lambda: "token",
            "csrf_field": lambda: Markup('<input type="hidden" name="csrf_token" value="token">'),
            "me": AMINA,
            "alliance_name": "Calder Valley",
            "request_id": "K4T9",
            "nav_links": [{"href": "/", "label": "Home", "current": True}],
        }

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/parts")
    def every_part() -> str:
        return render_template("parts.html", form=Everything())

    return app


def render(web: Flask, source: str, **values: object) -> str:
    """Render some macros by themselves."""
    with web.test_request_context():
        template = web.jinja_env.from_string('{% import "kit.html" as kit with context %}' + source)
        context: dict[str, Any] = {}
        web.update_template_context(context)
        return template.render(context | values)


class Reader(HTMLParser):
    """Reads a page as far as these tests look: tags with their attributes, in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        """List the attributes of every tag of these names."""
        return [attrs for tag, attrs in self.tags if tag in names]
