"""`backrow doctor`: each thing that can be wrong is found, by the real thing being so, and has its mend."""

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from app.clock import machine_now
from app.lessons.recordings.models import Hold
from config import safety
from config.certificate import read_certificate
from config.doctor import BAD, MIND, WELL, Finding, look, machine, outside, tell_json
from config.doctor import database as db
from config.postgres import OWNER, SUPERUSER
from config.settings import S3Settings, Settings, SettingsProblems
from config.throwaway import throwaway_folder
from tests.app.lessons.table_of_states import build
from tests.conftest import Clock, Database

TLS = Path(__file__).with_name("tls")


def states(findings: Iterator[Finding]) -> dict[str, str]:
    return {found.what: found.state for found in findings}


@pytest.mark.parametrize(("state", "mend"), [(BAD, ""), (MIND, ""), (WELL, "Do something.")])
def test_a_complaint_without_a_mend_can_not_be_made(state: str, mend: str) -> None:
    with pytest.raises(ValueError, match="mend"):
        Finding("disk", state, "is full", mend)


def test_p62_settings_that_are_unsafe_are_told_with_their_mends_and_nothing_is_tried(tmp_path: Path) -> None:
    found = list(
        look(
            {
                "BACKROW_DATA": str(tmp_path / "data"),
                "BACKROW_PUBLIC_URL": "http://backrow.school.example",
                "BACKROW_SECRET_KEY": "password",
            }
        )
    )
    assert [each.state for each in found] == [BAD, BAD]
    assert "BACKROW_PUBLIC_URL would send passwords and lessons over the network in plain" in found[0].says
    assert "BACKROW_SECRET_KEY can be guessed" in found[1].says
    assert not (tmp_path / "data").exists()


def test_a_new_installation_is_told_as_one_object() -> None:
    said: list[str] = []
    with throwaway_folder() as folder:
        well = tell_json(look({"BACKROW_DATA": str(folder / "data")}), said.append)
    told = json.loads(said[0])
    assert (well, told["well"]) == (False, False)
    named = {each["what"]: each["state"] for each in told["findings"]}
    assert named["migrations"] == BAD
    expected = "python jail ffmpeg database migrations clock role storage address secret mail disk pages"
    assert list(named) == expected.split()


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        pytest.param(None, {"role": WELL, "record": WELL}, id="a role of its own"),
        pytest.param(OWNER, {"role": MIND, "record": BAD}, id="the owner of the tables"),
        pytest.param(SUPERUSER, {"role": BAD, "record": BAD}, id="a superuser"),
    ],
)
def test_p56_a_role_that_could_change_the_record_is_found(
    database: Database, role: str | None, expected: dict[str, str]
) -> None:
    engine = create_engine(database.cluster.url(role, database.name) if role else database.url)
    assert states(db.rights(engine)) == expected
    engine.dispose()


def test_p56_one_right_too_many_is_found(database: Database, engine: Engine) -> None:
    with database.owner() as owner:
        owner.execute("GRANT UPDATE ON audit_event TO backrow_app")
    (record,) = (each for each in db.rights(engine) if each.what == "record")
    assert (record.state, record.says) == (BAD, "the application may UPDATE rows of the record")


def test_a_worker_is_seen_by_its_sign_of_life(database: Database, engine: Engine) -> None:
    assert db.worker(engine).state == MIND
    with database.owner() as owner:
        owner.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '2 minutes'), (now())"
        )
    assert db.worker(engine) == Finding("worker", WELL, "1 gave a sign of life within a minute")


def test_p20_what_is_kept_past_its_date_is_found_unless_a_hold_keeps_it(
    session: Session, engine: Engine, clock: Clock
) -> None:
    scene = build(session, "shared")
    session.commit()
    assert db.erasures(engine).state == WELL
    clock.forward(days=30, minutes=59)
    assert db.erasures(engine).state == WELL, "the clock looks every few minutes"
    clock.forward(minutes=2)
    late = db.erasures(engine)
    assert late.state == BAD
    assert late.says.startswith("1 recordings are kept past their date, the oldest since ")
    held = Hold(
        alliance_id=scene.world.alliance.id, recording_id=scene.recording.id, placed_by=scene.world.people["S"].id
    )
    session.add(held)
    session.commit()
    assert db.erasures(engine).state == WELL


def test_an_old_database_and_a_drifting_clock_are_found(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    assert db.version(engine).state == WELL
    assert db.clock(engine).state == WELL
    monkeypatch.setattr(safety, "machine_now", lambda: machine_now() + timedelta(seconds=40))
    drifting = db.clock(engine)
    assert (drifting.state, "timedatectl" in drifting.mend) == (BAD, True)
    with engine.connect() as connection:
        assert int(connection.scalar(text("SHOW server_version_num")) or 0) >= 150_000


class Hours(BaseHTTPRequestHandler):
    """An S3 server that refuses strangers, with a clock of its own."""

    def do_GET(self) -> None:
        """Refuse."""
        self.send_response_only(403)
        ahead = timedelta(seconds=getattr(self.server, "ahead_s"))  # noqa: B009 - ours, not the class's
        self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@pytest.mark.parametrize(("ahead_s", "refused"), [(0, False), (20, False), (60, True), (-60, True)])
def test_p62_a_storage_whose_clock_is_off_is_refused(
    tmp_path: Path, engine: Engine, ahead_s: int, refused: bool
) -> None:
    with HTTPServer(("127.0.0.1", 0), Hours) as server:
        setattr(server, "ahead_s", ahead_s)  # noqa: B010 - ours, not the class's
        Thread(target=server.serve_forever, daemon=True).start()
        place = S3Settings(f"http://127.0.0.1:{server.server_port}", "backrow", "key", "none")
        settings = _settings(tmp_path, s3=place)
        assert (safety.drifting_storage(settings) is not None) is refused
        if refused:
            with pytest.raises(SettingsProblems, match="off the storage's"):
                safety.refuse_unsafe(settings, engine)
        else:
            safety.refuse_unsafe(settings, engine)
        server.shutdown()


def test_a_storage_that_does_not_answer_is_no_wrong_clock(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        place = S3Settings(f"http://127.0.0.1:{nobody.getsockname()[1]}", "backrow", "key", "none")
        settings = _settings(tmp_path, s3=place)
        assert safety.drifting_storage(settings) is None
        assert safety.open_bucket(settings.s3) is None


def test_a_disk_whose_clock_is_off_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(tmp_path)
    assert states(outside.storage(settings)) == {"storage": WELL}
    monkeypatch.setattr(safety, "machine_now", lambda: machine_now() - timedelta(seconds=40))
    assert states(outside.storage(settings)) == {"storage": BAD}


def test_recordings_that_lie_open_are_found(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    list(outside.storage(settings))
    settings.data.chmod(0o755)
    (settings.data / "storage").chmod(0o755)
    (found,) = outside.storage(settings)
    assert (found.state, found.mend) == (BAD, f"Say `chmod 700 {settings.data / 'storage'}`.")


@pytest.mark.parametrize(
    ("cert", "key", "host", "state", "says"),
    [
        pytest.param("cert", "key", "backrow.school.example", WELL, "its certificate holds until 21", id="holds"),
        pytest.param("past", "key", "backrow.school.example", BAD, "expired", id="past its date"),
        pytest.param("cert", "key", "other.school.example", BAD, "Hostname mismatch", id="for another host"),
        pytest.param("cert", "other_key", "backrow.school.example", BAD, "can't be used", id="not its key"),
    ],
)
def test_the_certificate_is_read_as_a_browser_would(  # noqa: PLR0913, PLR0917 - one column of the table each
    tmp_path: Path, cert: str, key: str, host: str, state: str, says: str
) -> None:
    (found,) = outside.address(_https(tmp_path, f"https://{host}:8000", cert=cert, key=key))
    assert found.state == state
    assert says in found.says


def test_a_certificate_that_ends_soon_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _https(tmp_path, "https://backrow.school.example", cert="cert", key="key")
    ends_at = read_certificate(TLS / "cert.pem", TLS / "key.pem", host="backrow.school.example")
    monkeypatch.setattr(outside, "machine_now", lambda: ends_at - timedelta(days=13))
    assert states(outside.address(settings)) == {"address": MIND}


def test_missing_front_end_files_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = _settings(tmp_path)
    assert states(machine.pages(settings)) == {"pages": WELL}
    monkeypatch.setattr(machine, "STATIC", tmp_path)
    (found,) = machine.pages(settings)
    assert (found.state, found.mend) == (BAD, "Say `make setup`.")


def test_where_the_secret_comes_from_is_told_and_never_the_secret(tmp_path: Path) -> None:
    kept, given = _settings(tmp_path), _settings(tmp_path, BACKROW_SECRET_KEY="0123456789abcdef" * 4)
    (of_kept,), (of_given,) = outside.secret(kept), outside.secret(given)
    assert of_kept.says == f"made and kept in {kept.data / 'secret_key'}"
    assert of_given.says == "given by BACKROW_SECRET_KEY"


def _https(folder: Path, address: str, *, cert: str, key: str) -> Settings:
    cert_file, key_file = str(TLS / f"{cert}.pem"), str(TLS / f"{key}.pem")
    return _settings(folder, BACKROW_PUBLIC_URL=address, BACKROW_TLS_CERT=cert_file, BACKROW_TLS_KEY=key_file)


def _settings(folder: Path, *, s3: S3Settings | None = None, **named: str) -> Settings:
    environ = {"BACKROW_DATA": str(folder / "data"), **named}
    if s3 is not None:
        environ |= {
            "BACKROW_STORAGE": "s3",
            "BACKROW_S3_ENDPOINT": s3.endpoint,
            "BACKROW_S3_BUCKET": s3.bucket,
            "BACKROW_S3_ACCESS_KEY": s3.access_key,
            "BACKROW_S3_SECRET_KEY": s3.secret_key,
        }
    return Settings.from_env(environ)
