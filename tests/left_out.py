"""Say last which tests this machine could not run, and why; where all are required, that is a failure."""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from config import children

#: Set to "all" where nothing may be left out: a release, or a build machine.
REQUIRE = "BACKROW_REQUIRE"


@dataclass(frozen=True)
class Need:
    """Something of the machine that tests with a marker need, how to look for it, and what to do where it lacks."""

    there: Callable[[], bool]
    mend: str
    #: Whether somebody can see to it on any machine of their own; what a machine's keeper forbids is only named.
    can_be_required: bool = True


def chromium() -> Path | None:
    """Find the machine's Chromium: `BACKROW_CHROMIUM`, else the names that Debian and others give it."""
    named = os.environ.get("BACKROW_CHROMIUM")
    found = [shutil.which(name) for name in ([named] if named else ["chromium", "chromium-browser", "google-chrome"])]
    return next((Path(path) for path in found if path), None)


def _bubblewrap_works() -> bool:
    jail = ["bwrap", "--ro-bind", "/", "/", "--unshare-all", "--die-with-parent", "true"]
    return children.run(jail, timeout_s=10)[0] == 0


def _mounting_works() -> bool:
    with tempfile.TemporaryDirectory(prefix="backrow-tests-") as folder:
        try:
            with mounted(Path(folder), size_mib=1):
                return True
        except OSError:
            return False


@contextmanager
def mounted(folder: Path, *, size_mib: int) -> Iterator[None]:
    """Have a small disk in memory at a folder.

    Raises:
        OSError: this account may not.
    """
    code, said = children.run(["mount", "-t", "tmpfs", "-o", f"size={size_mib}m,mode=700", "tmpfs", folder])
    if code != 0:
        raise OSError(said)
    try:
        yield
    finally:
        children.run(["umount", folder])


NEEDS = {
    "needs_chromium": Need(lambda: chromium() is not None, "no Chromium here: install Debian's `chromium`"),
    "needs_bwrap": Need(_bubblewrap_works, "bubblewrap is missing or may not make namespaces: install `bubblewrap`"),
    "needs_s3": Need(
        lambda: shutil.which("swift-proxy-server") is not None,
        "no S3 server to test with: install `swift-proxy swift-account swift-container swift-object`",
    ),
    "needs_films": Need(
        lambda: bool(os.environ.get("BACKROW_TEST_MEDIA")),
        "no films of real cameras: name a folder of them by BACKROW_TEST_MEDIA",
        can_be_required=False,
    ),
    "needs_mount": Need(_mounting_works, "mounting a small disk is not allowed here: be root", can_be_required=False),
}


def _here(name: str, known: dict[str, bool]) -> bool:
    if name not in known:
        known[name] = NEEDS[name].there()
    return known[name]


_KNOWN = pytest.StashKey[dict[str, bool]]()


def pytest_configure(config: pytest.Config) -> None:
    """Look for each need at most once a run."""
    config.stash[_KNOWN] = {}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Leave out a test whose need isn't met here."""
    for marker in item.iter_markers():
        if marker.name in NEEDS and not _here(marker.name, item.config.stash[_KNOWN]):
            pytest.skip(NEEDS[marker.name].mend)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a test left out into a failed one, where all are required."""
    report = yield
    free = any(marker.name in NEEDS and not NEEDS[marker.name].can_be_required for marker in item.iter_markers())
    if report.skipped and not hasattr(report, "wasxfail") and os.environ.get(REQUIRE) == "all" and not free:
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was left out, but {REQUIRE}=all: {call.excinfo and call.excinfo.value}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was left out, grouped by reason."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason.removeprefix("Skipped: ")] = reasons.get(reason.removeprefix("Skipped: "), 0) + 1
    if not reasons:
        terminalreporter.write_line("Nothing was left out.")
        return
    terminalreporter.section("left out on this machine")
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} test{'s' if count > 1 else ''}: {reason}")
