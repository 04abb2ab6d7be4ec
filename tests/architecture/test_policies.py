"""Access is decided in one place: each table answers to a policy, only `authz` says yes, and rank opens nothing."""

import ast
import inspect
import textwrap

import pytest

from app import models, policies
from app.authz import Action, clauses
from app.authz.compiled import ASKER, sql_text
from app.db import Base
from app.lessons.recordings import policy as recordings
from tests.architecture.tree import called, name, nodes, reviewed

LOADED = models.__all__, policies.__all__
MODELS = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
#: What a lesson and all that is made from it live in.
CONTENT = ("recording", "clip", "note", "feedback", "cycle", "upload", "target", "access_event", "protocol_version")
#: An open case is a task of the data-protection lead: the one look by office, and its row is shown to the owner.
BY_OFFICE = {("recording", Action.LOG_READ)}


def _answers(model: type[Base]) -> list[Action]:
    return [action for action in Action if clauses(ASKER, action, model)]


def test_every_model_has_a_policy_or_was_reviewed() -> None:
    without = {table for table, model in MODELS.items() if not _answers(model)}
    listed = set(reviewed("models_without_policy.txt"))
    assert sorted(without - listed) == [], "Write its policy, or say in models_without_policy.txt who guards it."
    assert sorted(listed - without) == [], "These have a policy now: take them off the list."


@pytest.mark.parametrize("table", CONTENT)
def test_p6_rank_opens_nothing(table: str) -> None:
    model = MODELS[table]
    for action in _answers(model):
        if (table, action) in BY_OFFICE:
            continue
        for clause in clauses(ASKER, action, model):
            asked = sql_text(clause.where, model)
            assert "roles" not in asked, f"{clause.name} lets a role into {action}: content asks the protocol alone."


def test_p6_the_test_would_see_a_role() -> None:
    (by_case,) = [c for c in clauses(ASKER, Action.LOG_READ, MODELS["recording"]) if c.name == "log_case"]
    assert "roles" in sql_text(by_case.where, MODELS["recording"])


@pytest.mark.parametrize("condition", [recordings.watch_owner, recordings.named_parts, recordings.watch_named])
def test_p6_the_heart_names_no_role(condition: object) -> None:
    source = ast.parse(textwrap.dedent(inspect.getsource(condition)))  # type: ignore[arg-type]  # they are functions
    used = {node.id for node in ast.walk(source) if isinstance(node, ast.Name)}
    used |= {node.attr for node in ast.walk(source) if isinstance(node, ast.Attribute)}
    assert used & {"Role", "has_role", "roles", "Membership"} == set()


def test_only_authz_makes_a_permit() -> None:
    made = [
        f"{name(path)}:{node.lineno}"
        for path, node in nodes("app", "workers", "config")
        if isinstance(node, ast.Call) and called(node) == "Permit" and not name(path).startswith("app/authz/")
    ]
    assert made == [], "Ask permit(): a yes comes from the policy alone."
