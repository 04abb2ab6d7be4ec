"""`backrow jobs` and `backrow job`: what waits, runs, and was given up."""

import json

import click

from app.jobs import listing
from config import wire
from config.embedded import running_database
from config.settings import Settings


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(jobs)
    main.add_command(job)


@click.command(short_help="Count jobs that wait, run, are done or failed.")
def jobs() -> None:
    """List how many jobs wait, run, are done and failed, and how old the oldest is."""
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session:
        found = listing.by_kind(session)
    for line in found:
        click.echo(f"{line.queue:<12} {line.kind:<28} {line.state:<10} {line.count:>6}   oldest {line.oldest_s:.0f} s")
    if not found:
        click.echo("No job waits, runs, or was done within the last week.")


@click.command()
@click.argument("number", type=int)
def job(number: int) -> None:
    """Tell one job's story."""
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session:
        found = listing.story(session, number)
    if found is None:
        raise click.ClickException(f"There is no job {number}. `backrow jobs` lists them; done ones go after a week.")
    click.echo(f"{found.kind} {found.number}: {found.state}, tried {found.attempts} times, queue {found.queue}")
    click.echo(f"  about {json.dumps(found.about)}")
    for moment in found.moments:
        click.echo(f"  {moment.at:%Y-%m-%d %H:%M:%S} {moment.what}")
