"""`/metrics`: numbers for this machine alone, with nobody's id, name or address among them."""

import re
import sys
from pathlib import Path

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.middleware.proxy_fix import ProxyFix

from app.jobs import enqueue
from app.jobs.erasing import EraseRecording
from config import children, counts
from tests.app.lessons.table_of_states import build
from tests.app.web.conftest import AMINA
from tests.browser import Browser, make_app
from tests.conftest import Clock

HERE = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "127.0.0.1:8000"}
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}")
Numbers = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def numbers(text: str) -> Numbers:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def scrape(app: Flask) -> Numbers:
    answer = app.test_client().get("/metrics", environ_base=HERE)
    assert answer.status_code == 200
    return numbers(answer.text)


def of(found: Numbers, name: str, **labels: str) -> float | None:
    return found.get((f"backrow_{name}", tuple(sorted(labels.items()))))


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        pytest.param({}, 200, id="this machine"),
        pytest.param({"REMOTE_ADDR": "::1", "HTTP_HOST": "[::1]:8000"}, 200, id="this machine, IPv6"),
        pytest.param(
            {"REMOTE_ADDR": "::ffff:127.0.0.1", "HTTP_HOST": "localhost:8000"}, 200, id="this machine, mapped"
        ),
        pytest.param({"REMOTE_ADDR": "192.0.2.9"}, 404, id="another machine"),
        pytest.param({"HTTP_X_FORWARDED_FOR": "192.0.2.9"}, 404, id="through a proxy on this machine"),
        pytest.param({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, 404, id="a caller who claims to be here"),
        pytest.param({"HTTP_FORWARDED": "for=127.0.0.1"}, 404, id="the same by the newer word"),
        pytest.param({"HTTP_HOST": "backrow.school.example"}, 404, id="through a proxy that says nothing"),
        pytest.param({"REMOTE_ADDR": ""}, 404, id="nobody knows"),
    ],
)
@pytest.mark.parametrize("proxies", [0, 1], ids=["no proxy is believed", "one proxy is believed"])
def test_only_this_machine_gets_the_numbers(app: Flask, proxies: int, asked: dict[str, str], status: int) -> None:
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]
    environ = HERE | asked
    answer = app.test_client().get("/metrics", headers={"Host": environ.pop("HTTP_HOST")}, environ_overrides=environ)
    assert answer.status_code == status
    assert ("backrow_" in answer.text) is (status == 200)


def test_requests_are_counted_by_route_and_status_and_timed(app: Flask, amina: Browser) -> None:
    before = scrape(app)
    for _ in range(3):
        amina.get("/projects/00000000-0000-4000-8000-000000000000")
    amina.get("/no/such/address")
    after = scrape(app)
    route = "/projects/<uuid:project_id>"
    assert (of(after, "requests_total", route=route, status="404") or 0) == 3
    assert (of(after, "request_seconds_count", route=route) or 0) == 3
    unknown = {"route": "none", "status": "404"}
    assert (of(after, "requests_total", **unknown) or 0) - (of(before, "requests_total", **unknown) or 0) == 1


def test_the_rows_are_counted(app: Flask, session: Session, clock: Clock) -> None:
    scene = build(session, "shared")
    enqueue(session, EraseRecording(scene.recording.id))
    session.commit()
    found = scrape(app)
    assert of(found, "jobs", queue="interactive", status="todo") == 1
    assert (of(found, "jobs_oldest_waiting_seconds") or 0) >= 0
    assert of(found, "recordings", media_state="ready") == 1
    assert of(found, "recordings", media_state="preparing") == 0
    assert of(found, "workers_seen") == 0
    assert of(found, "uploads_open") == 0
    assert of(found, "chunks_waiting") == 0
    assert of(found, "database_up") == 1
    assert (of(found, "audit_chain_length") or 0) >= 2, "two alliances were founded"
    assert (of(found, "storage_free_bytes") or 0) > 0
    assert of(found, "erasures_overdue") == 0
    clock.forward(days=31)
    assert of(scrape(app), "erasures_overdue") == 1


def test_no_id_name_or_address_is_among_them(app: Flask, amina: Browser, session: Session) -> None:
    scene = build(session, "shared")
    session.commit()
    amina.get(f"/recordings/{scene.recording.id}")
    amina.get(f"/search?for={AMINA}")
    told = app.test_client().get("/metrics", environ_base=HERE).text
    for word in (AMINA, "Hillside", "fractions", "192.0.2", "127.0.0.1", str(scene.recording.id)):
        assert word not in told
    assert not _UUID.search(told)


def test_without_a_database_what_this_process_knows_is_still_told(tmp_path: Path) -> None:
    away = create_engine("postgresql+psycopg://web@/backrow?host=/nowhere")
    found = scrape(make_app(sessionmaker(away), tmp_path))
    away.dispose()
    assert of(found, "database_up") == 0
    assert of(found, "recordings", media_state="ready") is None
    assert (of(found, "storage_free_bytes") or 0) > 0


_COUNTS = """
import sys
from app.web.metrics import Meters
meters = Meters(lambda session: ())
for _ in range(int(sys.argv[1])):
    meters.count("/privacy", 200, 0.01)
"""
_SUMS = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
both = CollectorRegistry()
MultiProcessCollector(both)
print(generate_latest(both).decode())
"""


def test_workers_of_one_gunicorn_share_their_counts(tmp_path: Path) -> None:
    folder = counts.shared_folder(tmp_path)
    shared = ["env", f"PROMETHEUS_MULTIPROC_DIR={folder}", sys.executable, "-c"]
    for times in ("2", "3"):
        assert children.run([*shared, _COUNTS, times]) == (0, "")
    status, said = children.run([*shared, _SUMS])
    assert status == 0, said
    assert of(numbers(said), "requests_total", route="/privacy", status="200") == 5


def test_counts_that_a_killed_gunicorn_left_are_removed_and_no_others(tmp_path: Path) -> None:
    ours = counts.shared_folder(tmp_path)
    left = tmp_path / "counts" / "left"
    left.mkdir()
    (left / "counter_7.db").write_bytes(b"")
    second = counts.shared_folder(tmp_path)
    assert set((tmp_path / "counts").iterdir()) == {ours, second}
    counts.forget(second)
    assert not second.exists()
