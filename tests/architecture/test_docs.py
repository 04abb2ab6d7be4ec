"""Every setting, command and error code is in the docs, and the docs name none that isn't there."""

import ast
import re
from collections.abc import Iterator

import click

from config.cli import cli
from config.settings import KNOWN
from tests.architecture.tree import CODE, ROOT, called, files, nodes, read, words_of
from video.errors import SENTENCES

DOCS = {path.name: read(path) for path in files(".md", below=("docs",)) if path.parent.name == "docs"}
ALL = "\n".join(DOCS.values())
_CODE = re.compile(r"[a-z][a-z0-9_]+")
#: Constructors whose first argument is an error's code.
REFUSES = {
    "BackrowError", "Invalid", "Conflict", "Stale", "Gone", "TooLarge", "TooMany", "Unavailable", "StorageFull",
    "MediaError", "TimeUp",
}  # fmt: skip
#: For tests and build machines; see `changing-it.md`.
OF_TESTS = {"BACKROW_REQUIRE", "BACKROW_CHROMIUM", "BACKROW_TESTS_SERVED", "BACKROW_TEST_MEDIA", "BACKROW_FUZZ_FILES"}


def commands(group: click.Group, before: str = "backrow") -> Iterator[str]:
    """Name every command as it is typed."""
    for word, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {word}")
        else:
            yield f"{before} {word}"


def error_codes() -> set[str]:
    """Find every code that a refusal can carry: where one is raised, and where a kind of refusal has its own."""
    found = set(SENTENCES)
    for _, node in nodes(*CODE):
        if not isinstance(node, ast.Call):
            continue
        own = called(node) == "__init__" and isinstance(node.func, ast.Attribute) and called(node.func.value) == "super"
        if (called(node) in REFUSES or own) and node.args:
            found.update(word for word in words_of(node.args[0]) if _CODE.fullmatch(word))
    return found


def test_every_setting_is_explained() -> None:
    assert sorted(setting for setting in KNOWN if f"`{setting}`" not in DOCS["running-it.md"]) == []


def test_no_setting_is_invented() -> None:
    told = set(re.findall(r"BACKROW_[A-Z0-9]+(?:_[A-Z0-9]+)*", ALL))
    assert sorted(told - set(KNOWN) - OF_TESTS) == []


def test_the_example_of_settings_names_the_same_ones() -> None:
    example = read(ROOT / "config" / "env.example")
    told = set(re.findall(r"^#(BACKROW_[A-Z0-9_]+)=", example, re.MULTILINE))
    assert told == set(KNOWN) - {"BACKROW_ENV_FILE"}


def test_every_command_is_explained() -> None:
    typed = sorted(commands(cli))
    assert len(typed) > len(cli.commands)
    assert [each for each in typed if f"`{each}" not in ALL] == []


def test_no_command_is_invented() -> None:
    there = set(cli.commands)
    told = set(re.findall(r"`(?:\.venv/bin/)?backrow ([a-z][a-z-]*)", ALL))
    assert sorted(told - there) == []


def test_no_make_target_is_invented() -> None:
    there = set(re.findall(r"^([a-z0-9]+):", read(ROOT / "Makefile"), re.MULTILINE))
    assert sorted(set(re.findall(r"`make ([a-z0-9]+)", ALL)) - there) == []


def test_every_error_code_is_explained() -> None:
    codes = error_codes()
    assert {"not_found", "changed_elsewhere", "no_jail", "storage_away"} <= codes
    assert sorted(code for code in codes if f"`{code}`" not in ALL) == []
