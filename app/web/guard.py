"""No page without its rule: the application doesn't start while a route has none.

`@requires(action)` also checks that the view really asked the policy for its action before it answers.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, make_response
from flask.typing import ResponseReturnValue

from app.authz import Action, asked

View = TypeVar("View", bound=Callable[..., Any])
_RULE = "__backrow_rule__"


class RouteWithoutRule(RuntimeError):
    """A route says neither who may use it nor why everybody may."""


class RuleNotAsked(RuntimeError):
    """A view answered without asking the policy for the action that it declares."""


def requires(*actions: Action) -> Callable[[View], View]:
    """Declare that a view asks the policy for one of `actions` before it answers."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> ResponseReturnValue:  # noqa: ANN401 - whatever the address holds
            seen: set[Action] = set()
            token = asked.set(seen)
            try:
                answer = make_response(view(*args, **values))
            finally:
                asked.reset(token)
            if not seen.intersection(actions):
                msg = f"{view.__module__}.{view.__name__} answered without asking for {', '.join(actions)}."
                raise RuleNotAsked(msg)
            return answer

        setattr(guarded, _RULE, actions)
        return guarded  # type: ignore[return-value]  # the wrapper has the view's own signature

    return guard


def public(*, why: str, form_token: bool = True) -> Callable[[View], View]:
    """Declare that a view needs no permission, and say why; `form_token=False` only where a signed address guards."""

    def mark(view: View) -> View:
        setattr(view, _RULE, why)
        view.__backrow_form_token__ = form_token  # type: ignore[attr-defined]  # read by csrf
        return view

    return mark


def large_form(most_bytes: int) -> Callable[[View], View]:
    """Let whoever is signed in post up to `most_bytes` to a view: a film, where other pages take words."""

    def mark(view: View) -> View:
        view.__backrow_most_bytes__ = most_bytes  # type: ignore[attr-defined]  # read by csrf, before the form is
        return view

    return mark


def signed_in(*, why: str) -> Callable[[View], View]:
    """Declare that a view serves whoever is signed in with what is their own, and say what that is."""

    def mark(view: View) -> View:
        setattr(view, _RULE, f"signed in: {why}")
        return view

    return mark


def rule_of(app: Flask, endpoint: str) -> tuple[Action, ...] | str | None:
    """Give a route's rule: its actions, or the reason why it needs none."""
    rule: tuple[Action, ...] | str | None = getattr(app.view_functions[endpoint], _RULE, None)
    return rule


def seal(app: Flask) -> None:
    """Refuse to start while any route has no rule.

    Raises:
        RouteWithoutRule: names each such route.
    """
    bare = [
        f"{rule.rule} ({rule.endpoint})" for rule in app.url_map.iter_rules() if rule_of(app, rule.endpoint) is None
    ]
    if bare:
        msg = "No rule on: " + ", ".join(sorted(bare)) + ". Add @requires(action) or @public(why=…)."
        raise RouteWithoutRule(msg)
