"""A browser for tests: sends its form token with every form, as our pages do; and an application for it to ask."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.test import TestResponse

from app.factory import create_app
from app.web.parts import Parts
from config.secret import derived
from tests import described, served
from tests.served import SECRET
from video.storage.local import LocalStorage
from video.storage.signing import Signer

FIRST_RUN_CODE = "otter-violet-93"
PASSWORD = "a lamp under seven hats"  # noqa: S105 - a password of invented people
SECRET_KEY = "only for tests"  # noqa: S105 - signs nothing that leaves a test


class Compiled(BytecodeCache):
    """Templates as Python, compiled once a run: each test has an application of its own, over the same pages."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template that an earlier application compiled; the bucket refuses one of another text."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template for the next application."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


_COMPILED = Compiled()


@dataclass
class Browser:
    """One browser with its own cookies."""

    app: Flask
    client: FlaskClient

    @classmethod
    def of(cls, app: Flask) -> "Browser":
        """Open a fresh browser."""
        return cls(app, app.test_client())

    def get(self, path: str, **more: Any) -> TestResponse:  # noqa: ANN401 - whatever Flask's client takes
        """Open a page."""
        return self.client.get(path, **more)

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> TestResponse:  # noqa: ANN401
        """Send a form with this browser's own token."""
        return self.client.post(path, data={**(form or {}), "csrf_token": self.token()}, **more)

    def token(self) -> str:
        """Take the form token from a page that everybody may open."""
        page = self.client.get("/forgotten").text
        return page.split('name="csrf_token" value="')[1].split('"')[0]

    def sign_in(self, email: str, password: str = PASSWORD, **form: str) -> TestResponse:
        """Sign in by password."""
        return self.post("/sign-in", {"email": email, "password": password, **form})

    @property
    def secret(self) -> str:
        """Give what the sign-in cookie holds."""
        cookie = self.client.get_cookie("backrow")
        return cookie.value if cookie else ""


def make_app(
    sessions: sessionmaker[Session], folder: Path, *, mail_is_sent: bool = False, https: bool = False
) -> Flask:
    """Build the application over a test's database and a folder for objects."""
    url = "https://localhost" if https else "http://localhost"
    storage = LocalStorage(
        folder / "data" / "storage", signer=Signer({"1": derived(SECRET, "storage addresses")}, host="localhost")
    )
    storage.prepare()
    app = create_app(
        Parts(
            sessions=sessionmaker(sessions.kw["bind"]),  # as the web has them: each request names its alliance
            storage=storage,
            secret_key=SECRET_KEY,
            public_url=url,
            first_run_code=FIRST_RUN_CODE,
            mail_is_sent=mail_is_sent,
        )
    )
    app.testing = True
    app.jinja_env.bytecode_cache = _COMPILED
    app.after_request(described.check)  # whatever a test asks the API for, the answer is as it is described
    more = {"BACKROW_SMTP_URL": "smtp://127.0.0.1:9"} if mail_is_sent else {}
    more |= {"BACKROW_TRUSTED_PROXY": "127.0.0.1"} if https else {}
    served.from_here_on(app, sessions.kw["bind"], folder, BACKROW_PUBLIC_URL=url, **more)
    return app
