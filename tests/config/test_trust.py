"""`backrow trust-report`: a broken promise turns its line and the status, what wasn't proved is never called kept."""

import json
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from app.audit import record_rule
from config.cli import cli
from config.commands import trust
from config.trust import probes as looking
from config.trust.probes import Probe
from config.trust.promises import promises, proved_by, selection
from config.trust.report import BROKEN, KEPT, NOT_PROVED, judge
from config.trust.results import FAILED, LEFT_OUT, PASSED
from config.trust.results import Result as Ran
from tests.conftest import Database

_TESTS = """
import pytest

@pytest.mark.parametrize("who", ["head", "lead"])
def test_p02_p08_nobody_else_watches(who):
    assert True

def test_p20_from_its_date_nobody_plays_it():
    assert {holds}

def test_p7_pausing_reaches_a_screen():
    pytest.skip("no browser on this machine")

def test_p15_is_no_starred_promise():
    assert {other_holds}

def test_something_else():
    assert False
"""


@pytest.fixture(autouse=True)
def _nothing_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at no machine: what tests say is what these are about."""
    monkeypatch.setattr(trust, "probes", list)


def report(folder: Path, *more: str, holds: bool = True, other_holds: bool = True) -> Result:
    tests = folder / "tests"
    tests.mkdir(exist_ok=True)
    (tests / "test_promises.py").write_text(_TESTS.format(holds=holds, other_holds=other_holds))
    return CliRunner().invoke(cli, ["trust-report", "--tests", str(tests), *more], standalone_mode=False)


def states(said: Result) -> dict[str, str]:
    return {each["id"]: each["state"] for each in json.loads(said.stdout)["promises"]}


def test_there_are_63_promises_of_which_30_are_starred() -> None:
    assert [each.number for each in promises()] == list(range(1, 64))
    assert sum(each.starred for each in promises()) == 30


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("test_p02_who_may", {2}, id="one"),
        pytest.param("test_p02_p08_who_may[head]", {2, 8}, id="two"),
        pytest.param("test_p08_and_p12_outsiders", {8, 12}, id="two, in words"),
        pytest.param("test_p7_pausing", {7}, id="without its nought"),
        pytest.param("test_pages_of_p02", set(), id="no promise's test"),
        pytest.param("test_playback", set(), id="begins like one"),
    ],
)
def test_a_test_says_by_its_name_what_it_proves(name: str, expected: set[int]) -> None:
    assert proved_by(name) == expected


def test_every_promise_can_be_selected() -> None:
    assert {"test_p01_", "test_p1_", "test_p63_"} <= set(selection().split(" or "))


def test_p61_what_tests_prove_is_kept_and_nothing_else_is(tmp_path: Path) -> None:
    said = report(tmp_path, "--json")
    assert said.return_value == 0
    found = states(said)
    assert {id_ for id_, state in found.items() if state == KEPT} == {"P2", "P8", "P15", "P20"}
    assert {id_ for id_, state in found.items() if state == BROKEN} == set()
    told = {each["id"]: each for each in json.loads(said.stdout)["promises"]}
    assert told["P2"] == {
        "id": "P2",
        "starred": True,
        "state": "kept",
        "proof": "2 passed: test_p02_p08_nobody_else_watches (2)",
    }
    assert told["P7"]["state"] == NOT_PROVED
    assert "no browser on this machine" in told["P7"]["proof"]
    assert told["P1"]["proof"] == "no test has its name"


def test_p61_a_promise_broken_on_purpose_turns_its_line_and_the_status(tmp_path: Path) -> None:
    said = report(tmp_path, holds=False)
    assert said.return_value == 1
    assert " P20★ BROKEN\n      From that date nobody can watch, even if the erasing is late.\n" in said.stdout
    assert "1 failed: test_p20_from_its_date_nobody_plays_it" in said.stdout
    assert report(tmp_path).return_value == 0, "mended"


def test_a_promise_without_a_star_is_told_broken_and_leaves_the_status(tmp_path: Path) -> None:
    said = report(tmp_path, "--json", other_holds=False)
    assert (said.return_value, states(said)["P15"]) == (0, BROKEN)


def test_tests_that_can_not_be_read_are_no_proof(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_more.py").write_text("import nowhere_to_be_found")
    said = report(tmp_path)
    assert said.return_value == 1
    assert "This report is not whole: the tests did not run to their end" in said.stdout


def test_an_installation_without_tests_says_so_of_every_promise(tmp_path: Path) -> None:
    said = CliRunner().invoke(cli, ["trust-report", "--json", "--tests", str(tmp_path / "none")], standalone_mode=False)
    assert said.return_value == 0
    assert set(states(said).values()) == {NOT_PROVED}
    assert "the tests are not part of this installation" in json.loads(said.stdout)["promises"][0]["proof"]


def test_an_earlier_run_is_read(tmp_path: Path) -> None:
    file = tmp_path / "results.xml"
    file.write_text(
        '<testsuites><testsuite><testcase name="test_p01_fresh[head]"/>'
        '<testcase name="test_p04_changed"><failure message="x">…</failure></testcase>'
        '<testcase name="test_p38_real_server"><skipped message="needs an\n S3 server"/></testcase>'
        '<testcase name="test_unrelated"><failure/></testcase></testsuite></testsuites>'
    )
    said = CliRunner().invoke(cli, ["trust-report", "--json", "--from", str(file)], standalone_mode=False)
    found = states(said)
    assert (said.return_value, found["P1"], found["P4"], found["P38"]) == (1, KEPT, BROKEN, NOT_PROVED)
    assert "1 left out: needs an S3 server" in said.stdout
    assert json.loads(said.stdout)["trouble"] == ""


def test_a_file_that_is_no_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.xml").write_text("kept, all of them")
    said = CliRunner().invoke(cli, ["trust-report", "--from", str(tmp_path / "results.xml")])
    assert said.exit_code == 1
    assert "is no file that pytest wrote" in said.stderr


@pytest.mark.parametrize(
    ("outcomes", "held", "expected"),
    [
        pytest.param([PASSED], [], KEPT, id="a test"),
        pytest.param([PASSED, LEFT_OUT], [None], KEPT, id="a test, and what couldn't be looked at"),
        pytest.param([PASSED, FAILED], [True], BROKEN, id="one test of two fails"),
        pytest.param([PASSED], [True, False], BROKEN, id="tests pass, this machine shows otherwise"),
        pytest.param([], [False], BROKEN, id="this machine alone"),
        pytest.param([], [True], NOT_PROVED, id="a look alone proves nothing"),
        pytest.param([LEFT_OUT], [], NOT_PROVED, id="all left out"),
    ],
)
def test_how_a_promise_is_judged(outcomes: list[str], held: list[bool | None], expected: str) -> None:
    ran = [Ran("test_p35_escapes", outcome, "why") for outcome in outcomes]
    found = judge(ran, [Probe(35, held=each, says="jail") for each in held])
    assert found.verdicts[34].state == expected
    assert found.well is (expected != BROKEN)


def test_a_machine_where_backrow_never_ran_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BACKROW_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("BACKROW_SECRET_KEY", "0123456789abcdef" * 4)
    assert seen_by_promise()[56] == {None}
    assert not (tmp_path / "data").exists()


def test_p56_the_machines_own_record_is_looked_at(
    session: Session, database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("BACKROW_DATA", str(tmp_path))
    monkeypatch.setenv("BACKROW_DATABASE_URL", database.url)
    monkeypatch.setenv("BACKROW_SECRET_KEY", "0123456789abcdef" * 4)
    for what in ("recording.shared", "recording.paused"):
        record_rule(session, what, rule="due", thing_kind="recording", thing_id=uuid4())
    session.commit()
    seen = seen_by_promise()
    assert (seen[12], seen[56], seen[20]) == ({True}, {True}, {True})
    with database.owner() as owner:
        owner.execute("UPDATE audit_event SET rule = 'owner' WHERE number = 1")
    assert seen_by_promise()[56] == {True, False}, "the role may not change it, and somebody did"


def seen_by_promise() -> dict[int, set[bool | None]]:
    found: dict[int, set[bool | None]] = {}
    for each in looking.probes():
        found.setdefault(each.promise, set()).add(each.held)
    return found
