"""`backrow audit`: whether the record of who did what is still the one that was written."""

import click

from app.audit.verifying import verify as verify_chain
from config import wire
from config.embedded import running_database
from config.settings import Settings


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(audit)


@click.group()
def audit() -> None:
    """Look after the record of who did what."""


@audit.command(short_help="Look whether any row was altered since.")
@click.option("--known", metavar="HASH", help="A head that was written down earlier: it has to be in the chain still.")
def verify(known: str | None) -> int:
    """Make every row's hash again, and name the first that was altered, removed or put in; status 1 if there is one."""
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session:
        found = verify_chain(session, known=known)
    click.echo(f"length {found.length}")
    click.echo(f"head   {found.head or '-'}")
    if found.broken is None:
        click.echo("The chain is whole.")
        return 0
    click.echo(f"Row {found.broken.number} {found.broken.say}.", err=True)
    click.echo("Whoever did it can write to the database itself. Keep it as it is, and ask who had access.", err=True)
    return 1
