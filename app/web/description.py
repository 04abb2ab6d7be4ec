"""The API's description as it is shown to people: each address, what it needs and takes, and how it answers."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

#: Both are made by `build_description`, beside this module: an installed copy carries them.
DESCRIPTION, CODES = "openapi.json", "error_codes.json"
HERE = Path(__file__).resolve().parent

Told = dict[str, Any]
#: A named thing and what is said of it, as the kit lists them.
Row = dict[str, Markup]
_METHODS = ("get", "put", "post", "patch", "delete")
_PLACES = {"path": "in the address", "query": "in the query", "header": "in a header"}
#: How a limit of JSON Schema reads.
_LIMITS = {
    "const": "always {}",
    "format": "as {}",
    "pattern": "like {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "length at least {}",
    "maxLength": "length at most {}",
    "minItems": "at least {} of them",
    "maxItems": "at most {} of them",
}


@dataclass(frozen=True)
class Operation:
    """One method of one address; `id` is its place on the page."""

    id: str
    method: str
    summary: str
    says: Markup
    needs: list[Row]
    takes: list[Row]
    answers: list[Row]


@cache
def text() -> str:
    """Give the description as programs read it."""
    return (HERE / DESCRIPTION).read_text(encoding="utf-8")


@cache
def _described() -> Told:
    told: Told = json.loads(text())
    return told


def introduction() -> tuple[str, Markup, list[Markup]]:
    """Give the summary, what is said first, and the list of what holds everywhere."""
    info = _described()["info"]
    first, *points = info["description"].split("\n- ")
    return info["summary"], inline(first), [inline(point) for point in points]


def keys() -> list[Row]:
    """Give the ways to be signed in."""
    schemes = _described()["components"]["securitySchemes"].values()
    return [_row(one.get("name", "Authorization"), inline(one["description"])) for one in schemes]


def paths() -> dict[str, list[Operation]]:
    """Give each address with its methods."""
    return {
        path: [_operation(path, method, item) for method in _METHODS if method in item]
        for path, item in _described()["paths"].items()
    }


def shapes() -> dict[str, list[Row]]:
    """Give what bodies and answers are made of, by name."""
    schemas = _described()["components"]["schemas"]
    return {name: list(_fields(told)) or [_row("value", _kind(told))] for name, told in schemas.items()}


def codes() -> dict[str, list[Row]]:
    """Give every code of a refusal, by where it comes up."""
    tables: dict[str, list[list[str]]] = json.loads((HERE / CODES).read_text(encoding="utf-8"))
    return {
        heading: [{"key": inline(code), "value": inline(when)} for code, when in rows]
        for heading, rows in tables.items()
    }


def inline(words: str) -> Markup:
    """Show words of which some are `code`."""
    pieces = enumerate(words.split("`"))
    return Markup("").join(_code(piece) if place % 2 else escape(piece) for place, piece in pieces)


def anchor(*words: str) -> str:
    """Name a place on the page."""
    return "-".join(re.findall(r"\w+", " ".join(words).lower()))


def _operation(path: str, method: str, item: Told) -> Operation:
    told = item[method]
    parameters = [_resolved(one) for one in (*item.get("parameters", []), *told.get("parameters", []))]
    body = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        id=anchor(method, path),
        method=method.upper(),
        summary=told["summary"],
        says=inline(told.get("description", "")),
        needs=[_row(one["name"], _said(one, _kind(one["schema"]), escape(_PLACES[one["in"]]))) for one in parameters],
        takes=list(_fields(body)),
        answers=[_answer(status, _resolved(one)) for status, one in told["responses"].items()],
    )


def _answer(status: str, told: Told) -> Row:
    says = [inline(told["description"])]
    for mime, one in told.get("content", {}).items():
        says.append(Markup("Body {}: {}.").format(_code(mime), _kind(one["schema"])))
    for name, one in told.get("headers", {}).items():
        header = _resolved(one)
        says.append(Markup("Header {}: {}").format(_code(name), _said(header, _kind(header["schema"]))))
    if status == "default":
        return _row("else", Markup("<br>").join((*says, Markup('<a href="#codes">Every code</a>.'))))
    return _row(status, Markup("<br>").join(says))


def _fields(schema: Told, before: str = "") -> Iterator[Row]:
    """List the fields of an object, those within them after their names: `parts[].number`."""
    told = _resolved(schema)
    for part in told.get("allOf", []):
        yield from _fields(part, before)
    for name, one in told.get("properties", {}).items():
        needed = {"required": name in told.get("required", [])}
        yield _row(f"{before}{name}", _said({**one, **needed}, _kind(one)))
        yield from _fields({} if "$ref" in one else one, f"{before}{name}.")
        items = one.get("items", {})
        yield from _fields({} if "$ref" in items else items, f"{before}{name}[].")


def _kind(schema: Told) -> Markup:
    """Say what values a schema takes; a named one leads to where it is described."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#{}">{}</a>').format(anchor("shape", name), name)
    kinds = schema.get("type", [])
    says = [escape(" or ".join([kinds] if isinstance(kinds, str) else kinds))] if kinds else []
    if "enum" in schema:
        one_of = (_code("null" if word is None else word) for word in schema["enum"])
        says.append(Markup("one of {}").format(Markup(" · ").join(one_of)))
    if "items" in schema:
        says.append(Markup("each {}").format(_kind(schema["items"])))
    says += [inline(limit.format(f"`{schema[name]}`")) for name, limit in _LIMITS.items() if name in schema]
    return Markup(", ").join(says) or Markup("anything")


def _said(told: Told, *says: Markup) -> Markup:
    optional = () if told.get("required") else (Markup("optional"),)
    return Markup("{}. {}").format(Markup(", ").join((*says, *optional)), inline(told.get("description", "")))


def _row(name: str, says: Markup) -> Row:
    return {"key": _code(name), "value": says}


def _code(words: object) -> Markup:
    return Markup("<code>{}</code>").format(words)


def _resolved(thing: Told) -> Told:
    while "$ref" in thing:
        found: Any = _described()
        for step in thing["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        thing = found
    return thing
