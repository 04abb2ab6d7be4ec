"""`backrow routes`: every address, who may use it, and where it is written."""

import importlib
import inspect

import click

from app.web.guard import rule_of
from config import wire
from config.settings import Settings


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(routes)


@click.command(short_help="List addresses with their methods and rules.")
def routes() -> None:
    """List addresses with their methods, rule and place in the code."""
    # Only here: the other commands needn't load every page to do their work.
    app = importlib.import_module("app.factory").create_app(wire.parts(Settings.from_env()))
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        view = app.view_functions[rule.endpoint]
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        code = getattr(inspect.unwrap(view), "__code__", None)
        place = f"{code.co_filename.rpartition('/app/')[2]}:{code.co_firstlineno}" if code else "?"
        rule_said = rule_of(app, rule.endpoint)
        who = f"public: {rule_said}" if isinstance(rule_said, str) else ", ".join(rule_said or ())
        click.echo(f"{methods:<10} {rule.rule:<60} {place:<44} {who}")
