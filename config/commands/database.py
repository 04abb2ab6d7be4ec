"""`backrow migrate` and `backrow sql`: the database's own commands."""

import os

import click
from sqlalchemy import make_url

from config import migrating, wire
from config.embedded import running_database
from config.postgres import programs
from config.settings import Settings


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(migrate)
    main.add_command(sql)


@click.command()
def migrate() -> None:
    """Bring the database to the state that this version needs."""
    settings = Settings.from_env()
    with running_database(settings):
        taken = migrating.upgrade(wire.owner_url(settings))
    for step in taken:
        click.echo(f"done: {step}")
    if not taken:
        click.echo("The database is up to date.")


@click.command(short_help="Open a prompt for SQL.")
@click.option("--owner", is_flag=True, help="As the role that owns the tables, not as the application.")
def sql(*, owner: bool) -> None:
    """Open a prompt for SQL; what you read there nobody's policy has checked."""
    settings = Settings.from_env()
    url = make_url(wire.owner_url(settings) if owner else wire.database_url(settings)).set(drivername="postgresql")
    # Past the wall between alliances too: whoever types here looks for something that isn't where it should be.
    os.environ["PGOPTIONS"] = "-c backrow.alliance=*"
    with running_database(settings):
        psql = str(programs() / "psql")
        os.spawnv(os.P_WAIT, psql, [psql, url.render_as_string(hide_password=False)])  # noqa: S606 - no shell
