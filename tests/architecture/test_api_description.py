"""`docs/api/openapi.yaml` names every address of the API, and nothing else."""

from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from app.web.errors import PAGE_FOR_DEVELOPERS
from tests.described import METHODS, as_described, description, resolved

PLACES = ("path", "query", "header")


def _operations() -> list[tuple[str, str, dict[str, Any], list[dict[str, Any]]]]:
    """List each method of each address, with the parameters that it takes."""
    return [
        (method, path, told, [resolved(one) for one in item.get("parameters", []) + told.get("parameters", [])])
        for path, item in description()["paths"].items()
        for method in METHODS
        if (told := item.get(method.lower())) is not None
    ]


def _references(thing: object) -> set[str]:
    if isinstance(thing, dict):
        own = {thing["$ref"]} if isinstance(thing.get("$ref"), str) else set()
        return own.union(*(_references(value) for value in thing.values()))
    return set().union(*(_references(one) for one in thing)) if isinstance(thing, list) else set()


def test_every_address_of_the_api_is_described_and_none_is_invented(app: Flask) -> None:
    there = {
        (method, as_described(rule.rule))
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != PAGE_FOR_DEVELOPERS
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(method, path) for method, path, _, _ in _operations()} == there


def test_the_acts_that_share_an_address_are_those_that_are_described(app: Flask) -> None:
    path = "/api/v1/recordings/{recording_id}/{verb}"
    [verb] = [one for one in description()["paths"][path]["parameters"] if one.get("name") == "verb"]
    rule = next(rule for rule in app.url_map.iter_rules() if as_described(rule.rule) == path)
    told = ", ".join(f"'{word}'" for word in verb["schema"]["enum"])
    assert f"<any({told}):verb>" in rule.rule


@pytest.mark.parametrize(
    ("method", "path", "told", "parameters"),
    [pytest.param(*one, id=f"{one[0]} {one[1]}") for one in _operations()],
)
def test_each_address_says_what_it_takes_and_how_it_refuses(
    method: str, path: str, told: dict[str, Any], parameters: list[dict[str, Any]]
) -> None:
    assert told["summary"]
    assert "application/problem+json" in resolved(told["responses"]["default"])["content"]
    in_path = {one["name"] for one in parameters if one["in"] == "path"}
    assert in_path == {piece[1:-1] for piece in path.split("/") if piece.startswith("{")}
    assert all(one["in"] in PLACES and "schema" in one for one in parameters)
    assert method != "GET" or "requestBody" not in told


def test_every_schema_is_one_and_every_reference_leads_somewhere() -> None:
    for schema in description()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    named = _references(description())
    assert all(resolved({"$ref": reference}) for reference in named)
    parts = {
        f"#/components/{kind}/{name}"
        for kind, things in description()["components"].items()
        if kind != "securitySchemes"
        for name in things
    }
    assert sorted(parts - named) == [], "Nothing uses these."


def _cut_short(thing: object) -> set[str]:
    if isinstance(thing, dict):
        own = {str(key) for key, value in thing.items() if value is None}
        return own.union(*(_cut_short(value) for value in thing.values()))
    return set().union(*(_cut_short(one) for one in thing)) if isinstance(thing, list) else set()


def test_no_comma_cuts_a_sentence_short() -> None:
    assert _cut_short(description()) == set(), "Put the whole sentence into quotes."


def test_it_names_no_machine() -> None:
    assert "servers" not in description()
