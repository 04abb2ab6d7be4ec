"""`backrow project`: opening a project in a teacher's name, and listing how far projects have come."""

from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy.orm import Session

from app import policies
from app.agreements.groups import keeping
from app.agreements.groups.service import ProjectDraft
from app.agreements.protocols.starting_words import FOCUS_BY_KEY
from app.people.keeping import find_person
from config import wire
from config.embedded import running_database
from config.settings import Settings

# A rule that isn't imported says no.
POLICIES = policies.__all__


def register(main: click.Group) -> None:
    """Add the commands."""
    main.add_command(project)


@click.group()
def project() -> None:
    """Projects: what a few teachers set out to learn together."""


@project.command("open", short_help="Open a peer observation.")
@click.option("--owner", required=True, metavar="EMAIL", help="Whose project it is: the first to teach.")
@click.option("--with", "others", required=True, multiple=True, metavar="EMAIL", help="A colleague; may be repeated.")
@click.option(
    "--focus",
    default="wait_time",
    show_default=True,
    help=f"One thing to look at: {', '.join(FOCUS_BY_KEY)}; or words of your own.",
)
@click.option("--title", default="", help="A name for it; without one it is made from the focus and the names.")
@click.option("--alliance", help="Which alliance, for somebody who is in two.")
def open_(owner: str, others: tuple[str, ...], *, focus: str, title: str, alliance: str | None) -> None:
    """Open a peer observation; the colleagues are asked, and nobody watches until all have signed. Prints its id."""
    with _rows() as session:
        person = find_person(session, owner, alliance=alliance)
        colleagues = tuple(find_person(session, email, alliance=alliance).id for email in others)
        draft = ProjectDraft(with_ids=colleagues, focus=focus, title=title)
        click.echo(keeping.open_for(session, person, draft=draft).id)


@project.command("list", short_help="List all projects by their ids.")
def list_() -> None:
    """List all projects by their ids: how many take part, and which version of the protocol is in force."""
    with _rows() as session:
        for line in keeping.lines(session):
            agreed = f"protocol v{line.in_force}" if line.in_force else "no protocol in force"
            click.echo(f"{line.id}  {line.alliance} · {line.kind} · {line.people} taking part · {agreed}")


@contextmanager
def _rows() -> Iterator[Session]:
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session, session.begin():
        yield session
