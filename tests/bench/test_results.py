"""What the bench says of its numbers, and what it asks the kernel."""

import json
import os
import shlex
import signal
import sys
from pathlib import Path

import pytest

from bench import workers
from bench.results import Result, table, update, write
from config import children
from tests.running import until


@pytest.mark.parametrize(
    ("value", "most", "holds", "goal"),
    [
        pytest.param(0.1, 0.1, True, "≤ 0.10", id="just kept"),
        pytest.param(0.1004, 0.1, False, "≤ 0.10", id="broken, though it reads the same when rounded"),
        pytest.param(1.1, 1.5, True, "≤ 1.50", id="ratio above one"),
        pytest.param(12, 12, True, "≤ 12", id="a count"),
        pytest.param(13, 12, False, "≤ 12", id="one too many"),
    ],
)
def test_the_measured_value_decides_whether_a_promise_is_kept(
    value: float, most: float, holds: bool, goal: str
) -> None:
    result = Result(name="ratio", value=value, most=most)
    assert (result.holds, result.goal) == (holds, goal)


def test_a_promise_may_be_a_least_or_none_at_all() -> None:
    short, enough = (Result(name="throughput", value=value, least=0.8) for value in (0.799, 0.8))
    assert [(one.holds, one.goal) for one in (short, enough)] == [(False, "≥ 0.80"), (True, "≥ 0.80")]
    told = Result(name="jobs a second", value=500)
    assert (told.holds, told.goal) == (True, "")


def test_results_are_written_as_they_were_measured(tmp_path: Path) -> None:
    results = [Result(name="Kept", value=0.01234, most=0.1), Result(name="Broken", value=130, most=100)]
    write(results, tmp_path / "results.json")
    assert json.loads((tmp_path / "results.json").read_text()) == [
        {"name": "Kept", "value": 0.012, "goal": "≤ 0.10", "holds": True},
        {"name": "Broken", "value": 130, "goal": "≤ 100", "holds": False},
    ]
    update([Result(name="Kept", value=0.2, most=0.1)], tmp_path / "results.json")
    assert [(row["name"], row["value"]) for row in json.loads((tmp_path / "results.json").read_text())] == [
        ("Broken", 130),
        ("Kept", 0.2),
    ]
    kept, broken = table(results).splitlines()
    assert kept.endswith("  holds")
    assert broken.endswith("  DOES NOT HOLD")


def test_work_is_only_counted_where_all_workers_lived() -> None:
    assert workers.spent_s({1: 2.0, 2: 0.5}, {1: 5.0, 2: 1.0}) == 3.5
    for after in ({1: 5.0}, {1: 5.0, 3: 0.0}):
        with pytest.raises(workers.WorkerLost):
            workers.spent_s({1: 2.0, 2: 0.5}, after)
    with pytest.raises(workers.WorkerLost):
        workers.spent_s({}, {})


def test_the_kernel_tells_what_a_workers_programs_have_used() -> None:
    burn = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.3: pass'"
    worker = ["sh", "-c", f"{burn}; sleep 60", "worker"]
    other = ["sh", "-c", f"{burn}; sleep 60", "idler"]
    supervisor = children.start(["sh", "-c", f"{shlex.join(worker)} & {shlex.join(other)} & wait"])
    try:
        until(lambda: sum(workers.children_s().values()) >= 0.25, "the burnt time is told")
        assert len(workers.children_s()) == 1
    finally:
        os.killpg(supervisor.pid, signal.SIGKILL)
        supervisor.wait()
    assert workers.children_s() == {}
