"""Read the tree as the house rules see it: what we wrote, without what was installed, built or made at run time."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
#: The storeys, and everything else that holds Python of ours.
CODE = ("app", "video", "workers", "config")
_FOLDERS = (*CODE, "migrations", "tests", "docs", "bench", ".ci")
_MADE = {"__pycache__", "vendor", "node_modules"}


@cache
def files(*suffixes: str, below: tuple[str, ...] = _FOLDERS) -> tuple[Path, ...]:
    """List our files with these suffixes (all, where none is named), in order."""
    found = (path for folder in below for path in (ROOT / folder).rglob("*") if path.is_file())
    kept = [path for path in found if not _MADE.intersection(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in kept if not suffixes or path.suffix in suffixes))


def name(path: Path) -> str:
    """Name a file as people do: from the top of the tree."""
    return path.relative_to(ROOT).as_posix()


@cache
def read(path: Path) -> str:
    """Give a file's words; nothing for one that holds no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def parsed(path: Path) -> ast.Module:
    """Give a Python file's tree."""
    return ast.parse(read(path), filename=name(path))


def nodes(*below: str) -> Iterator[tuple[Path, ast.AST]]:
    """Walk every node of every Python file below these folders."""
    for path in files(".py", below=below):
        for node in ast.walk(parsed(path)):
            yield path, node


def called(node: ast.AST) -> str:
    """Name what a node calls, by its last word; nothing where it calls nothing."""
    if not isinstance(node, ast.Call):
        return ""
    match node.func:
        case ast.Name(id=word) | ast.Attribute(attr=word):
            return word
    return ""


def words_of(node: ast.AST | None) -> list[str]:
    """List the texts that an expression can be: itself, or either arm of a condition."""
    match node:
        case ast.Constant(value=str() as text):
            return [text]
        case ast.IfExp(body=one, orelse=other):
            return [*words_of(one), *words_of(other)]
    return []


def reviewed(file: str) -> dict[str, str]:
    """Read a list that people look over: `thing | why` a line; each thing needs its reason."""
    lines = [line for line in read(HERE / file).splitlines() if line.strip() and not line.startswith("#")]
    pairs = {thing.strip(): why.strip() for thing, _, why in (line.partition("|") for line in lines)}
    assert len(pairs) == len(lines), f"{file} says something twice."
    assert all(pairs.values()), f"{file} gives no reason for: {[thing for thing, why in pairs.items() if not why]}"
    return pairs
