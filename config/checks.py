"""`make check`: everything that can be seen without running Backrow; each failure says how to mend it."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config import children, migrating
from config.throwaway import fresh_database

ROOT = Path(__file__).resolve().parent.parent
_BIN = Path(sys.executable).parent
_TIMEOUT_S = 900.0


@dataclass(frozen=True)
class Check:
    """One look at the code: what is wrong (empty: nothing), and what to do about it."""

    name: str
    look: Callable[[], str]
    mend: str


def _says(program: str, *arguments: str) -> Callable[[], str]:
    """Run a program of the virtual environment; what it says counts only if it fails."""

    def look() -> str:
        status, said = children.run([_BIN / program, *arguments], timeout_s=_TIMEOUT_S)
        return said.strip() or f"it ended with status {status}" if status else ""

    return look


def _migrations() -> str:
    heads = migrating.steps().get_heads()
    if len(heads) != 1:
        return f"there are {len(heads)} last steps: {', '.join(heads)}"
    with fresh_database() as url:
        return migrating.differences(url) or ""


def _present(places: tuple[str, ...]) -> list[str]:
    return [place for place in places if (ROOT / place).is_dir()]


def checks() -> tuple[Check, ...]:
    """List the checks, quick ones first."""
    templates = [str(folder.relative_to(ROOT)) for folder in sorted((ROOT / "app").rglob("templates"))]
    no_templates: Callable[[], str] = str
    return (
        Check("format", _says("ruff", "format", "--check", "."), "Say `make fix`."),
        Check("lint", _says("ruff", "check", "."), "Say `make fix`; what stays needs a better line, not a noqa."),
        Check(
            "imports", _says("lint-imports"), "Move the code to the storey or area that it belongs to (style guide §1)."
        ),
        Check("types", _says("mypy"), "Say what the value is; an ignore needs a reason that a reader would accept."),
        Check(
            "templates",
            _says("djlint", *templates, "--lint", "--quiet") if templates else no_templates,
            "Mend the lines named; `[tool.djlint]` in pyproject.toml has the rules.",
        ),
        Check(
            "dead code",
            _says("vulture", *_present(("app", "bench", "config", "video", "workers")), "--min-confidence", "80"),
            "Delete it.",
        ),
        Check(
            "migrations",
            _migrations,
            "Say `make migration m=…`, read what it wrote, and mend it; of two last steps, let one follow the other.",
        ),
    )


def main() -> int:
    """Run all checks, and tell what each takes; return the number of those that failed."""
    failed = 0
    for check in checks():
        began = time.monotonic()
        wrong = check.look()
        sys.stdout.write(f"{'wrong' if wrong else 'well ':<6} {check.name:<11} {time.monotonic() - began:5.1f} s\n")
        if wrong:
            failed += 1
            sys.stdout.write(f"{wrong}\n→ {check.mend}\n\n")
        sys.stdout.flush()
    return failed


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
