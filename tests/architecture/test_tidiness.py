"""What doesn't belong into the tree: a machine's own paths, a registry's address, a nap in a test, a missing icon."""

import ast
import re
from pathlib import Path

from tests.architecture.tree import ROOT, called, files, name, nodes, read, reviewed

TOP = tuple(path for path in sorted(ROOT.iterdir()) if path.is_file())
WRITTEN = files() + TOP
WORKPLACE = re.compile(r"(?<![\w.~/-])/(?:home|root|Users|work|farm)/\w")
REGISTRY = re.compile(
    r"(pypi|pythonhosted|npmjs|yarnpkg|jsdelivr|unpkg|docker|ghcr|quay|gcr)\.(org|com|net|io)\b", re.IGNORECASE
)
NAPS = {"sleep", "wait_for_timeout"}
ICON = re.compile(r"""\bicon(?:_word)?\(\s*["']([a-z0-9-]+)["']|icon_name=["']([a-z0-9-]+)["']""")


def _holding(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name(path)}:{number}: {found.group()}"
        for path in WRITTEN
        for number, line in enumerate(read(path).splitlines(), 1)
        if (found := pattern.search(line))
    ]


def test_no_path_of_a_workplace() -> None:
    assert _holding(WORKPLACE) == [], "Make it relative to the tree, or a setting."


def test_no_address_of_a_registry() -> None:
    assert _holding(REGISTRY) == [], "Locks hold hashes; where packages come from is each machine's own affair."


def test_the_patterns_catch_what_they_are_for() -> None:
    assert WORKPLACE.search("open('/" + "home/anna/film.mp4')")
    assert REGISTRY.search("https://" + "pypi" + ".org/simple")


def test_no_test_naps() -> None:
    found = {
        f"{name(path)}:{node.name}"
        for path, node in nodes("tests")
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _naps_outside_a_loop(node)
    }
    assert found == set(reviewed("naps.txt")), "Wait for what should happen, in a loop with a deadline."


def _naps_outside_a_loop(function: ast.AST) -> bool:
    """Say whether a function sleeps and then goes on, whatever has happened meanwhile."""
    loops = [inner for inner in ast.walk(function) if isinstance(inner, ast.While | ast.For | ast.AsyncFor)]
    asking = {id(inner) for loop in loops for inner in ast.walk(loop)}
    return any(called(inner) in NAPS and id(inner) not in asking for inner in ast.walk(function))


def test_a_nap_would_be_seen() -> None:
    (nap,) = ast.parse("def test_it():\n    start()\n    time.sleep(1)\n    assert done()").body
    (wait,) = ast.parse("def wait():\n    while not done():\n        time.sleep(0.02)").body
    assert _naps_outside_a_loop(nap)
    assert not _naps_outside_a_loop(wait)


def test_every_icon_that_a_page_names_is_drawn() -> None:
    drawn = set(read(ROOT / "app" / "web" / "static" / "icons.txt").split())
    shown: dict[str, Path] = {
        first or second: page
        for page in files(".html", ".py", below=("app",))
        for first, second in ICON.findall(read(page))
    }
    assert shown
    assert {icon: name(page) for icon, page in shown.items() if icon not in drawn} == {}, "Add it to icons.txt."
