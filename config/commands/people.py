"""`backrow setup`, `backrow person`, `backrow school`: founding an alliance, and keys for scripts."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
from sqlalchemy.orm import Session

from app.people import keeping
from app.people.first_run.service import FIRST_ROLES, Foundation, setup_alliance
from config import migrating, wire
from config.embedded import running_database
from config.settings import Settings

_LONGEST_PASSWORD_FILE = 4096


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(setup)
    main.add_command(person)
    main.add_command(school)


@click.command(short_help="Found an alliance, unattended.")
@click.option("--alliance", required=True, help="The alliance's name.")
@click.option("--school", "school_name", required=True, help="Your school's name.")
@click.option("--name", required=True, help="Your name, as colleagues know you.")
@click.option("--email", required=True, help="The address you sign in with.")
@click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file that holds the password in its first line; without it you are asked.",
)
@click.option("--time-zone", default="Europe/London", show_default=True)
@click.option("--new-teachers", "new_teacher_word", default="ECT", show_default=True, help="What they are called.")
def setup(  # noqa: PLR0913 - one parameter an option
    *,
    alliance: str,
    school_name: str,
    name: str,
    email: str,
    password_file: Path | None,
    time_zone: str,
    new_teacher_word: str,
) -> None:
    """Found an alliance: what the first page does, unattended. Say it again for a further alliance."""
    foundation = Foundation(
        alliance=alliance,
        school=school_name,
        name=name,
        email=email,
        password=_password(password_file),
        time_zone=time_zone,
        new_teacher_word=new_teacher_word,
        roles=FIRST_ROLES,
    )
    settings = Settings.from_env()
    with running_database(settings):
        migrating.upgrade(wire.owner_url(settings))  # it may be the first thing that is ever said on this machine
    with _rows() as session:
        founded = setup_alliance(session, foundation)
        click.echo(f"{founded.alliance.name} is there, with {founded.school.name}. Sign in as {founded.account.email}.")
    click.echo("You administer it and are its data-protection lead: soon, let these be two people.")


@click.group()
def person() -> None:
    """People, their signed-in devices, and keys for scripts."""


@person.command("list", short_help="List everybody, or one account's devices.")
@click.argument("email", required=False)
def list_people(email: str | None) -> None:
    """List everybody; or, with an address, that account's devices and keys."""
    with _rows() as session:
        if email is None:
            for each in keeping.people(session):
                click.echo(
                    f"{each.email:<36} {each.name:<28} {each.alliance} · {each.schools or 'no school'} · {each.state}"
                )
            return
        for device in keeping.devices(session, email):
            click.echo(f"{device.id}  {device.kind:<8} {device.label:<28} until {device.expires_at:%Y-%m-%d}")


@person.command(short_help="Make a key for scripts.")
@click.argument("email")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day; without it, 90 days.")
@click.option("--alliance", help="Which alliance, for somebody who is in two.")
def token(email: str, until: datetime | None, alliance: str | None) -> None:
    """Make a key for scripts (Authorization: Bearer …); it is shown once, and its owner is told."""
    with _rows() as session:
        found = keeping.find_person(session, email, alliance=alliance)
        secret = keeping.make_token(session, found, last_day=until.date() if until else None).secret
    click.echo(secret)


@person.command(short_help="End a device or key.")
@click.argument("device_id", type=click.UUID)
def end(device_id: UUID) -> None:
    """End a device or key, by its id from `backrow person list EMAIL`; its next request is refused."""
    with _rows() as session:
        keeping.end_device(session, device_id)
    click.echo("Ended. Its next request is refused.")


@click.group()
def school() -> None:
    """The schools of an alliance."""


@school.command("list")
def list_schools() -> None:
    """List all schools."""
    with _rows() as session:
        for alliance, name in keeping.schools(session):
            click.echo(f"{alliance} · {name}")


@school.command("add")
@click.argument("name")
@click.option("--alliance", help="Which alliance, where there are several.")
def add_school(name: str, alliance: str | None) -> None:
    """Add a school."""
    with _rows() as session:
        added = keeping.add_school(session, name, alliance=alliance)
        click.echo(f"{added.name} is in.")


@contextmanager
def _rows() -> Iterator[Session]:
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session, session.begin():
        yield session


def _password(file: Path | None) -> str:
    if file is None:
        typed: str = click.prompt("Password (12 characters or more)", hide_input=True, confirmation_prompt=True)
        return typed
    with file.open(encoding="utf-8") as opened:
        return opened.readline(_LONGEST_PASSWORD_FILE).rstrip("\r\n")
