"""`backrow why`: may this person do that to this thing, by which clause, and if not, what stands in the way."""

from collections.abc import Callable, Iterable
from uuid import UUID

import click

from config import wire
from config.embedded import running_database
from config.settings import Settings
from config.why.answer import Answer
from config.why.answer import why as answer
from config.why.walking import Failing


def register(main: click.Group) -> None:
    """Add the command."""
    main.add_command(why)


@click.command(short_help="Say whether somebody may do something, and why.")
@click.argument("person")
@click.argument("action")
@click.argument("thing_id", metavar="ID", type=click.UUID)
def why(person: str, action: str, thing_id: UUID) -> None:
    """Say whether PERSON (an address or id) may do ACTION (as rec.watch) to the thing ID, and why.

    The answer is the policy's own, asked now; no name, title or word of anybody's is shown.
    """
    settings = Settings.from_env()
    with running_database(settings), wire.session(settings) as session:
        tell(answer(session, person, action, thing_id), click.echo)


def tell(found: Answer, say: Callable[[str], object]) -> None:
    """Say the answer, and under it what fails of each clause."""
    by = f", by {found.clause}" if found.clause else ""
    say(f"{found.word}{by}: {found.sentence}")
    for refused in found.refused:
        say(f"  {refused.clause} says no:")
        _tell_failing(refused.because, say, depth=4)


def _tell_failing(because: Iterable[Failing], say: Callable[[str], object], *, depth: int) -> None:
    for each in because:
        say(f"{'':<{depth}}{each.name:<16} {each.says}")
        _tell_failing(each.below, say, depth=depth + 2)
