"""Read single settings; whatever is wrong is noted with its mend, and reading goes on."""

import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_MOST_PORT = 65_535


@dataclass(frozen=True)
class Problem:
    """One setting that can't be used."""

    setting: str
    wrong: str
    mend: str

    def __str__(self) -> str:
        """Say it as a person would."""
        return f"{self.setting} {self.wrong}. {self.mend}"


class SettingsProblems(Exception):
    """Everything that is wrong with the settings."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(f"- {problem}" for problem in self.problems))


class Reader:
    """Reads settings by name. Where one is wrong, a value that fits its type is returned and a problem is noted."""

    def __init__(self, found: Mapping[str, str]) -> None:
        self._found = found
        self.problems: list[Problem] = []

    def names(self) -> set[str]:
        """Name every setting that was given."""
        return set(self._found)

    def wrong(self, setting: str, wrong: str, mend: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(setting, wrong, mend))

    def text(self, name: str, default: str) -> str:
        """Read words."""
        return self._found.get(name, default).strip()

    def needed(self, name: str, mend: str) -> str:
        """Read words that must be there."""
        if name not in self._found:
            self.wrong(name, "is missing", mend)
        return self.text(name, "")

    def port(self, name: str, default: int) -> int:
        """Read a port."""
        said = self.text(name, str(default))
        if said.isascii() and said.isdigit() and 0 < int(said) <= _MOST_PORT:
            return int(said)
        self.wrong(name, f"is {said!r}, not a port", f"Give a number from 1 to {_MOST_PORT}.")
        return default

    def one_of(self, name: str, choices: Sequence[str]) -> str:
        """Read one of some words; the first is the default."""
        said = self.text(name, choices[0])
        if said in choices:
            return said
        self.wrong(name, f"is {said!r}", f"Use one of: {', '.join(choice for choice in choices if choice)}.")
        return choices[0]

    def url(self, name: str, schemes: Sequence[str], example: str, *, needed: bool = False) -> str | None:
        """Read an address of one of these kinds; its secret is never repeated in a problem."""
        said = self.text(name, "")
        if not said and not needed:
            return None
        parts = urlsplit(said)
        if parts.scheme not in schemes or not parts.hostname:
            self.wrong(name, "is missing" if not said else "is not such an address", f"Write it as {example}.")
        return said.rstrip("/")

    def database_url(self, name: str) -> str | None:
        """Read a PostgreSQL address, and name the driver that we use in it."""
        said = self.text(name, "")
        if not said:
            return None
        scheme, mark, rest = said.partition("://")
        if scheme not in {"postgresql", "postgres", "postgresql+psycopg"} or not mark:
            example = "postgresql://backrow_app:secret@db.school.example/backrow"
            self.wrong(name, "is not a PostgreSQL address", f"Write it as {example}.")
        return f"postgresql+psycopg://{rest}"

    def file(self, name: str) -> Path | None:
        """Read the name of a file that we can open."""
        said = self.text(name, "")
        if not said:
            return None
        path = Path(said).expanduser().absolute()
        if path.is_file() and os.access(path, os.R_OK):
            return path
        self.wrong(name, f"names {path}, which can't be read", "Name a file that is there and that we may read.")
        return None

    def program(self, name: str) -> str | None:
        """Read the name of a program that we can run."""
        said = self.text(name, "")
        if not said:
            return None
        found = shutil.which(Path(said).expanduser())
        if found is None:
            self.wrong(name, f"names {said}, which can't be run", "Name a program, or leave it out to use ours.")
        return found
