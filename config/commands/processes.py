"""`backrow serve`, `web`, `live`, `worker`, `clock`: the processes that Backrow is made of."""

import os
import socket
import sys
from pathlib import Path

import click
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from app.jobs import Queue
from config import logging, migrating, wire
from config.first_run import first_run_code
from config.reading import Problem, SettingsProblems
from config.safety import refuse_unsafe
from config.settings import Settings
from config.supervisor import Supervisor
from workers import registry, run


def register(main: click.Group) -> None:
    """Add the commands."""
    for command in (serve, web, live, worker, clock):
        main.add_command(command)


@click.command(short_help="Start all of Backrow on this machine.")
def serve() -> None:
    """Start all of Backrow on this machine, and keep it going until Ctrl-C."""
    settings = Settings.from_env()
    logging.configure("serve")
    _refuse_taken_port(settings)
    Supervisor(settings, lambda: _what_next(settings)).run()


@click.command()
def web() -> None:
    """Serve pages."""
    _gunicorn("web")


@click.command(short_help="Serve the live streams alone.")
def live() -> None:
    """Serve the live streams alone, behind a proxy that sends /api/v1/events here."""
    _gunicorn("live")


@click.command()
@click.option(
    "--queue",
    "queues",
    type=click.Choice([str(queue) for queue in Queue]),
    multiple=True,
    help="Take jobs of this queue only.",
)
@click.option("--slots", type=click.IntRange(1, 64), default=1, show_default=True, help="Jobs at once.")
def worker(queues: tuple[str, ...], slots: int) -> None:
    """Do what takes long: films, clips, letters."""
    settings = _begin("worker")
    registry.load()
    named = [Queue(name) for name in queues] or [Queue.INTERACTIVE, Queue.MEDIA, Queue.MAIL]
    run.work(wire.queue_conninfo(settings), wire.tools(settings), queues=named, slots=slots, pulse=settings.pulse)


@click.command(short_help="Do what the calendar asks for.")
def clock() -> None:
    """Do what the calendar asks for, and bring back jobs of workers that died."""
    settings = _begin("clock")
    registry.load()
    run.keep_time(wire.queue_conninfo(settings), wire.tools(settings), pulse=settings.pulse)


def _begin(process: str) -> Settings:
    """Check the ground that a process stands on."""
    settings = Settings.from_env()
    logging.configure(process, sql=settings.log_sql)
    wire.storage(settings).prepare()
    engine = create_engine(wire.database_url(settings), hide_parameters=True)
    try:
        refuse_unsafe(settings, engine)
        if migrating.pending(engine):
            mend = "Say `backrow migrate` once, as the role that owns the tables."
            raise SettingsProblems([Problem("The database", "lacks steps that this version needs", mend)])
    finally:
        engine.dispose()
    return settings


def _gunicorn(process: str) -> None:
    _begin(process)
    config = Path(logging.__file__).with_name("gunicorn.conf.py")
    environ = {**os.environ, "BACKROW_PROCESS": process}
    sys.stdout.flush()
    # It takes this process over, so that whoever watches us watches gunicorn itself.
    os.execve(sys.executable, [sys.executable, "-m", "gunicorn", "-c", str(config)], environ)  # noqa: S606 - no shell


def _refuse_taken_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((settings.host, settings.port))
        except OSError as error:
            mend = "Stop the program that has it, or set BACKROW_PORT to another."
            wrong = f"{settings.port} can't be used on {settings.host} ({error.strerror})"
            raise SettingsProblems([Problem("BACKROW_PORT", wrong, mend)]) from error


def _what_next(settings: Settings) -> str:
    """Say what to do once pages are served; nothing before."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - compared, not bound
    try:
        socket.create_connection((host, settings.port), timeout=1).close()
    except OSError:
        return ""
    if _has_an_alliance(settings):
        return f"ready: open {settings.public_url} and sign in. Ctrl-C stops Backrow."
    code = first_run_code(settings.secret_key)
    return f"ready: open {settings.public_url}/set-up and give it the code {code}. Ctrl-C stops Backrow."


def _has_an_alliance(settings: Settings) -> bool:
    engine = migrating.owner_engine(wire.owner_url(settings))
    try:
        with engine.connect() as connection:
            if not inspect(connection).has_table("alliance"):
                return False
            # The owner is held by the wall between alliances too, and would see none.
            connection.execute(text("SET LOCAL backrow.alliance = '*'"))
            return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM alliance)")))
    except DBAPIError:
        return False
