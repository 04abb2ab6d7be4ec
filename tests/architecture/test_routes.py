"""P52: every page has its rule, and whatever needs none was looked over by a person."""

from flask import Flask

from app.authz import Action, clauses
from app.authz.compiled import ASKER
from app.db import Base
from app.web.guard import rule_of
from tests.architecture.tree import reviewed


def _methods(methods: set[str] | None) -> str:
    return ",".join(sorted((methods or set()) - {"HEAD", "OPTIONS"}))


def test_p52_every_route_has_its_rule(app: Flask) -> None:
    bare = [rule.rule for rule in app.url_map.iter_rules() if rule_of(app, rule.endpoint) is None]
    assert bare == [], "Add @requires(action), @signed_in(why=…) or @public(why=…)."


def test_p52_routes_without_an_action_are_those_that_were_reviewed(app: Flask) -> None:
    found = {
        f"{_methods(rule.methods)} {rule.rule}": reason
        for rule in app.url_map.iter_rules()
        if isinstance(reason := rule_of(app, rule.endpoint), str)
    }
    assert found == reviewed("public_routes.txt"), (
        "Look each changed one over: what could a stranger learn or change by it? Then write it into public_routes.txt."
    )


def test_p52_each_action_that_a_route_asks_for_has_a_policy(app: Flask) -> None:
    asked = {
        action
        for rule in app.url_map.iter_rules()
        if isinstance(actions := rule_of(app, rule.endpoint), tuple)
        for action in actions
    }
    models = [mapper.class_ for mapper in Base.registry.mappers]
    answered = {action for action in Action if any(clauses(ASKER, action, model) for model in models)}
    assert sorted(asked - answered) == [], "Nobody could ever open these: write the policy, or take the rule away."
