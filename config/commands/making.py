"""`backrow migration` and `backrow shell`: for those who change Backrow."""

import code

import click

from app import models
from app.clock import machine_now
from config import migrating, wire
from config.embedded import running_database
from config.settings import Settings
from config.throwaway import fresh_database


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(migration)
    main.add_command(shell)


@click.command(short_help="Write the step from the database to the models.")
@click.argument("message")
def migration(message: str) -> None:
    """Write the step from the database as migrations make it to the models as they are: MESSAGE says what changes."""
    with fresh_database() as url:
        written = migrating.write_step(url, message, revision=f"{machine_now():%Y_%m_%d_%H%M}")
    click.echo(f"{written}: read it, say why, and mend what a comparison can't know (data, locks, names).")


@click.command(short_help="Open a Python prompt with `session` and `models`.")
def shell() -> None:
    """Open a Python prompt with `session` and `models`, as the application's role; nothing is kept without a commit."""
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session:
        code.interact(banner="session, models", local={"session": session, "models": models}, exitmsg="")
