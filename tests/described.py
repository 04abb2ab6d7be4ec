"""`docs/api/openapi.yaml`, read as programs read it: which addresses there are, and what they may answer."""

import re
from functools import cache
from http import HTTPStatus
from typing import Any

import yaml
from flask import Response, request
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from app.web.errors import PAGE_FOR_DEVELOPERS
from tests.architecture.tree import ROOT

METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")
_NAME = "urn:backrow:api"
_ARGUMENT = re.compile(r"<(?:[^<>]*:)?(\w+)>")


@cache
def description() -> dict[str, Any]:
    """Give the description."""
    read: dict[str, Any] = yaml.safe_load((ROOT / "docs" / "api" / "openapi.yaml").read_text(encoding="utf-8"))
    return read


def as_described(rule: str) -> str:
    """Write an address of Flask's as the description does: `/notes/<uuid:note_id>` is `/notes/{note_id}`."""
    return _ARGUMENT.sub(r"{\1}", rule)


def resolved(thing: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference, where there is one."""
    found: Any = thing
    while "$ref" in found:
        reference, found = found["$ref"], description()
        for step in reference.removeprefix("#/").split("/"):
            found = found[step]
    answer: dict[str, Any] = found
    return answer


def faults(schema: dict[str, Any], value: object) -> list[str]:
    """Say where a value isn't as its schema says."""
    registry: Registry[Any] = Registry().with_resource(_NAME, DRAFT202012.create_resource(description()))
    whole = _from_outside(schema)
    validator = Draft202012Validator(whole, registry=registry, format_checker=FormatChecker())
    return [f"{fault.json_path}: {fault.message}" for fault in validator.iter_errors(value)]


def check(response: Response) -> Response:
    """Fail where an answer to the request at hand isn't as it is described; for `app.after_request`."""
    rule = request.url_rule
    if (
        rule is None
        or rule.rule == PAGE_FOR_DEVELOPERS
        or not rule.rule.startswith("/api/")
        or request.method not in METHODS
    ):
        return response
    path = as_described(rule.rule)
    answers = description()["paths"][path][request.method.lower()]["responses"]
    told = resolved(answers.get(str(response.status_code), answers["default"]))
    where = f"{request.method} {path} → {response.status_code}"
    if str(response.status_code) not in answers:
        assert response.status_code >= 400, f"{where} is not described"
    for name, header in told.get("headers", {}).items():
        sent, says = response.headers.get(name), resolved(header)
        assert sent is not None or not says.get("required"), f"{where} lacks {name}"
        assert sent is None or faults(says["schema"], sent) == [], f"{where}: {name}: {sent}"
    if response.status_code != HTTPStatus.NOT_MODIFIED:  # its body is dropped on the way out
        _check_body(response, told, where)
    return response


def _check_body(response: Response, told: dict[str, Any], where: str) -> None:
    kinds = told.get("content", {})
    if not kinds:
        assert response.get_data() == b"", f"{where} says more than is described"
        return
    assert response.mimetype in kinds, f"{where} is {response.mimetype}"
    if response.is_json:
        assert faults(kinds[response.mimetype]["schema"], response.get_json()) == [], where


def _from_outside(thing: Any) -> Any:  # noqa: ANN401 - whatever a schema holds
    """Let references within the description be found from a part of it."""
    if isinstance(thing, dict):
        return {
            key: f"{_NAME}{value}" if key == "$ref" and value.startswith("#") else _from_outside(value)
            for key, value in thing.items()
        }
    return [_from_outside(one) for one in thing] if isinstance(thing, list) else thing
