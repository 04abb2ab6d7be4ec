"""Judge each promise by its tests and by what this machine shows, and write it down."""

import importlib.metadata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.clock import machine_now
from config import children
from config.trust.probes import Probe
from config.trust.promises import Promise, promises, proved_by
from config.trust.results import FAILED, LEFT_OUT, PASSED, Result

KEPT, BROKEN, NOT_PROVED = "kept", "broken", "not proved"
_ROOT = Path(__file__).resolve().parent.parent.parent
_NO_TEST = "no test has its name"


@dataclass(frozen=True)
class Verdict:
    """One promise, and what speaks for it: tests that passed, failed, were left out; what the machine shows."""

    promise: Promise
    state: str
    proof: str


@dataclass(frozen=True)
class Report:
    """All promises; `trouble` says why the tests' run isn't whole (empty: it is)."""

    verdicts: tuple[Verdict, ...]
    trouble: str

    @property
    def well(self) -> bool:
        """Say whether no starred promise is broken, and the run is one to go by."""
        return not self.trouble and not any(each.promise.starred and each.state == BROKEN for each in self.verdicts)


def judge(results: Sequence[Result], seen: Sequence[Probe], *, trouble: str = "", absent: str = "") -> Report:
    """Judge every promise: one failing test or sight breaks it; to be kept, a test must have passed.

    `absent` says why there are no tests at all (empty: there are).
    """
    by_promise: dict[int, list[Result]] = {}
    for result in results:
        for number in proved_by(result.name):
            by_promise.setdefault(number, []).append(result)
    unread = [each.name for each in results if each.unread]
    if unread and not trouble:
        trouble = f"tests could not be read: {', '.join(unread)}"
    return Report(
        tuple(
            _verdict(
                each, by_promise.get(each.number, []), [probe for probe in seen if probe.promise == each.number], absent
            )
            for each in promises()
        ),
        trouble,
    )


def _verdict(promise: Promise, results: Sequence[Result], seen: Sequence[Probe], absent: str) -> Verdict:
    outcomes = {result.outcome for result in results}
    if FAILED in outcomes or any(probe.held is False for probe in seen):
        state = BROKEN
    else:
        state = KEPT if PASSED in outcomes else NOT_PROVED
    said = [*_told(results), *(f"here: {probe.says}" for probe in seen)]
    if not results:
        said.insert(0, absent or _NO_TEST)
    return Verdict(promise, state, "; ".join(said))


def _told(results: Sequence[Result]) -> Iterator[str]:
    for outcome in (FAILED, PASSED):
        names = Counter(result.behaviour for result in results if result.outcome == outcome)
        if names:
            listed = ", ".join(name if times == 1 else f"{name} ({times})" for name, times in names.items())
            yield f"{names.total()} {outcome}: {listed}"
    reasons = Counter(result.why for result in results if result.outcome == LEFT_OUT)
    for why, times in reasons.items():
        yield f"{times} left out: {why}"


def as_json(report: Report) -> dict[str, Any]:
    """Write the report for a program."""
    return {
        "promises": [
            {
                "id": each.promise.id,
                "starred": each.promise.starred,
                "state": each.state,
                "proof": each.proof,
            }
            for each in report.verdicts
        ],
        "trouble": report.trouble,
        **_origin(),
    }


def as_text(report: Report) -> Iterator[str]:
    """Write the report for people: each promise in its own words, its state, and what speaks for it."""
    yield "  ".join(f"{name} {value}" for name, value in _origin().items())
    for each in report.verdicts:
        star = "★" if each.promise.starred else " "
        yield f"\n{each.promise.id:>4}{star} {each.state.upper() if each.state == BROKEN else each.state}"
        yield f"      {each.promise.says}"
        yield f"      {each.proof}"
    yield ""
    for starred in (True, False):
        states = Counter(each.state for each in report.verdicts if each.promise.starred is starred)
        counts = ", ".join(f"{states[state]} {state}" for state in (KEPT, BROKEN, NOT_PROVED))
        yield f"{'Starred' if starred else 'Others'}: {counts}."
    if report.trouble:
        yield f"This report is not whole: {report.trouble}"


def _origin() -> dict[str, str]:
    """Say of which Backrow the report is: version, commit, locks, moment."""
    status, commit = children.run(["git", "-C", _ROOT, "rev-parse", "--short=12", "HEAD"])
    locks = _ROOT / "locks" / "run.txt"
    return {
        "version": importlib.metadata.version("backrow"),
        "commit": commit.strip() if status == 0 else "unknown",
        "locks": sha256(locks.read_bytes()).hexdigest()[:12] if locks.is_file() else "unknown",
        "at": f"{machine_now():%Y-%m-%dT%H:%M:%SZ}",
    }
