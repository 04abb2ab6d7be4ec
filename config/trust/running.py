"""Run the tests of the promises, from the checkout that we were started from."""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from config import children
from config.trust import results
from config.trust.promises import selection
from config.trust.results import Result

#: The checkout's own tests; an installed wheel has none.
TESTS = Path(__file__).resolve().parent.parent.parent / "tests"
_LONGEST_S = 3600.0
_SOME_FAILED, _NONE_FOUND = 1, 5


@dataclass(frozen=True)
class Run:
    """What a run found; where it isn't whole `trouble` says why, where there are no tests `absent` does."""

    results: list[Result]
    trouble: str = ""
    absent: str = ""


def run(tests: Path = TESTS) -> Run:
    """Run them; whatever this machine's Backrow is set to does not reach them."""
    if not tests.is_dir():
        return Run(
            [], absent="the tests are not part of this installation: ask a checkout, or read a run of one by --from"
        )
    with tempfile.TemporaryDirectory(prefix="backrow-trust-") as folder:
        file = Path(folder) / "results.xml"
        ours = [word for name in sorted(os.environ) if name.startswith("BACKROW_") for word in ("-u", name)]
        pytest = [sys.executable, "-m", "pytest", str(tests), "-q", "-p", "no:cacheprovider"]
        command = ["env", *ours, *pytest, f"--junitxml={file}", "-k", selection()]
        status, said = children.run(command, timeout_s=_LONGEST_S)
        found = results.read(file) if file.exists() else []
    if status in {0, _SOME_FAILED, _NONE_FOUND}:
        return Run(found)
    last = " ".join(said.split())[-300:]
    return Run(found, f"the tests did not run to their end (pytest's status {status}): {last}")
