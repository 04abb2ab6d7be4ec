"""Unsafe ground is refused: open recordings, clocks that disagree, a bucket for everybody."""

from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine

from app.clock import machine_now
from config import safety
from config.settings import S3Settings, Settings, SettingsProblems


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an embedded Backrow that has recordings."""
    made = Settings.from_env({"BACKROW_DATA": str(tmp_path / "data")})
    (made.data / "storage").mkdir(mode=0o700)
    return made


class Bucket(BaseHTTPRequestHandler):
    """Answers a stranger as the server's `status` says."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(getattr(self.server, "status"))  # noqa: B009 - ours, not the class's
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.fixture
def bucket(request: pytest.FixtureRequest) -> Iterator[S3Settings]:
    """A server that gives every stranger the same status."""
    with HTTPServer(("127.0.0.1", 0), Bucket) as server:
        setattr(server, "status", request.param)  # noqa: B010 - ours, not the class's
        Thread(target=server.serve_forever, daemon=True).start()
        yield S3Settings(f"http://127.0.0.1:{server.server_port}", "backrow", "key", "none")
        server.shutdown()


def test_safe_ground_is_taken(settings: Settings, engine: Engine) -> None:
    safety.refuse_unsafe(settings, engine)


def test_recordings_where_every_account_can_go_are_refused(settings: Settings, engine: Engine) -> None:
    settings.data.chmod(0o755)
    safety.refuse_unsafe(settings, engine)
    (settings.data / "storage").chmod(0o755)
    with pytest.raises(SettingsProblems, match="chmod 700"):
        safety.refuse_unsafe(settings, engine)


@pytest.mark.parametrize(
    ("ahead", "refused"),
    [
        pytest.param(timedelta(seconds=60), True, id="a minute ahead"),
        pytest.param(timedelta(seconds=-60), True, id="a minute behind"),
        pytest.param(timedelta(seconds=15), False, id="within what signed addresses bear"),
    ],
)
def test_clocks_that_disagree_are_refused(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, ahead: timedelta, refused: bool
) -> None:
    monkeypatch.setattr(safety, "machine_now", lambda: machine_now() + ahead)
    assert (safety.drifting_clock(engine) is not None) is refused


@pytest.mark.parametrize(
    ("bucket", "refused"),
    [pytest.param(200, True, id="lists for strangers"), pytest.param(403, False, id="refuses strangers")],
    indirect=["bucket"],
)
def test_a_bucket_that_lists_for_strangers_is_refused(bucket: S3Settings, refused: bool) -> None:
    assert (safety.open_bucket(bucket) is not None) is refused
