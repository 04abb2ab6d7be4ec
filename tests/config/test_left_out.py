"""What a test run leaves out is said last; where nothing may be, it fails."""

import sys
from pathlib import Path

import pytest

from config import children
from tests.left_out import REQUIRE

_TESTS = """
import pytest

def test_runs():
    pass

@pytest.mark.skip(reason="no window here: open one")
def test_left_out():
    raise AssertionError

@pytest.mark.xfail(reason="known, and said so", strict=True)
def test_known():
    raise AssertionError
"""


@pytest.mark.parametrize(
    ("required", "status", "closing"),
    [
        pytest.param("", 0, "1 passed, 1 skipped, 1 xfailed", id="a developer's machine"),
        pytest.param("all", 1, "1 passed, 1 xfailed, 1 error", id="a build machine"),
    ],
)
def test_what_was_left_out(tmp_path: Path, required: str, status: int, closing: str) -> None:
    (tmp_path / "test_some.py").write_text(_TESTS)
    root = Path(__file__).parents[2]
    run: list[str | Path] = ["env", f"{REQUIRE}={required}", f"PYTHONPATH={root}", sys.executable, "-m", "pytest"]
    run += ["-p", "tests.left_out", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
    ended, said = children.run(run, timeout_s=120)
    assert ended == status, said
    assert closing in said
    assert "no window here: open one" in said
    assert ("1 test: no window here: open one" in said) is (required == "")
