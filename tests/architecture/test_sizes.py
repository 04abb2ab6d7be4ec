"""Small files, small functions: past the limit there is a noun that wants to be a file."""

import ast

from tests.architecture.tree import files, name, nodes, read

MOST_FILE, MOST_FUNCTION = 300, 40
FOLDERS = ("app", "video", "workers", "config", "bench", "tests", "migrations")
#: A migration is written by a machine, read once, and never edited: it may be as long as its step.
EXEMPT = ("migrations/versions/",)
#: Words, one a line, are read by a machine.
CODE = (".py", ".js", ".css", ".html", ".md")


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count a function's lines, from its `def` on, without its docstring, which may be as long as it must."""
    first, last = function.lineno, function.end_lineno or function.lineno
    match function.body[0]:
        case ast.Expr(value=ast.Constant(value=str())) as told:
            words = (told.end_lineno or told.lineno) - told.lineno + 1
            return last - first + 1 - words
    return last - first + 1


def test_no_file_is_too_long() -> None:
    long = {
        name(path): lines
        for path in files(*CODE, below=FOLDERS)
        if not name(path).startswith(EXEMPT) and (lines := len(read(path).splitlines())) > MOST_FILE
    }
    assert long == {}, f"A file has at most {MOST_FILE} lines."


def test_no_function_is_too_long() -> None:
    long = {
        f"{name(path)}:{node.lineno} {node.name}": _lines(node)
        for path, node in nodes(*FOLDERS)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not name(path).startswith(EXEMPT)
        and _lines(node) > MOST_FUNCTION
    }
    assert long == {}, f"A function has at most {MOST_FUNCTION} lines, its docstring not counted."
