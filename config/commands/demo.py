"""`backrow demo`: an invented alliance to look round in, in a data folder of its own."""

from pathlib import Path

import click
from sqlalchemy import select

from app import policies
from app.jobs import Queue
from app.people.alliances.models import Alliance
from config import logging, migrating, wire
from config.commands.processes import serve
from config.demo import story
from config.demo.filling import tell
from config.demo.films import make_films
from config.embedded import running_database
from config.settings import Settings
from workers import registry, run
from workers.tools import Tools

# A rule that isn't imported says no.
POLICIES = policies.__all__
_QUEUES = (Queue.INTERACTIVE, Queue.MEDIA, Queue.MAIL)
_SLOTS = 2


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(demo)


@click.command(short_help="Make the demonstration alliance, and start on it.")
@click.option("--fill-only", is_flag=True, help="Make the alliance and end, without starting Backrow.")
@click.pass_context
def demo(context: click.Context, *, fill_only: bool) -> None:
    """Make the demonstration alliance where it isn't there yet, print its sign-ins, and start Backrow on it."""
    settings = Settings.from_env()
    logging.configure("demo")
    with running_database(settings):
        migrating.upgrade(wire.owner_url(settings))
        _fill(settings)
    click.echo(f"\n{story.ALLIANCE}. Everybody's password is: {story.PASSWORD}\n")
    for somebody in (story.FOUNDER, *story.PEOPLE):
        click.echo(f"  {somebody.email:<30} {somebody.name}, {somebody.school}")
    click.echo(
        "\nBegin as amina (a whole turn), ben (a lesson to watch, notes of his own) or eve (feedback to read).\n"
    )
    if not fill_only:
        context.invoke(serve)


def _fill(settings: Settings) -> None:
    tools = wire.tools(settings)
    registry.load()
    tools.storage.prepare()
    try:
        with tools.sessions() as session:
            if session.scalars(select(Alliance.id).limit(1)).one_or_none() is not None:
                return
        click.echo("Filming six short lessons; this takes a few minutes, the first time only …")
        films = make_films(_folder(settings), tools.jail)
        tell(tools, films, prepare=lambda: _prepare(settings, tools))
    finally:
        tools.scratch.close()


def _prepare(settings: Settings, tools: Tools) -> None:
    click.echo("Preparing them for watching …")
    run.work_off(wire.queue_conninfo(settings), tools, queues=_QUEUES, slots=_SLOTS)


def _folder(settings: Settings) -> Path:
    folder = settings.data / "films"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
